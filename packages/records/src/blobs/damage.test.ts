import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobDamaged } from './blob-errors.ts';
import type { ChunkedBlobStore } from './blob-store.ts';
import { CHUNK_BYTES } from './format.ts';
import { filesBelow, openStore, streamOf, testKeys } from './testing/blob-fixture.ts';

const anna = { patientId: 'anna' };
const ben = { patientId: 'ben' };

let folder: string;
let store: ChunkedBlobStore;
let content: Buffer;
let digest: string;
let files: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-damage-'));
  store = openStore(folder);
  // Three chunks of noise, then one that is compressed, and a short end.
  content = Buffer.concat([randomBytes(3 * CHUNK_BYTES), Buffer.alloc(CHUNK_BYTES, 'text '), randomBytes(777)]);
  ({ digest } = await store.put(anna, streamOf(content), content.length));
  files = (await filesBelow(folder)).sort();
});
afterEach(() => rm(folder, { recursive: true }));

const chunks = () => files.filter((file) => file.includes('/chunk/'));

/** Reads until the end or the damage. All that was given out must be right; returns how many bytes that were. */
async function readUntilDamage(): Promise<{ given: number; damage: BlobDamaged | undefined }> {
  let given = 0;
  try {
    const found = await store.get(anna, digest);
    for await (const piece of found!.content as AsyncIterable<Buffer>) {
      expect(piece.equals(content.subarray(given, given + piece.length))).toBe(true);
      given += piece.length;
    }
    return { given, damage: undefined };
  } catch (error) {
    expect(error).toBeInstanceOf(BlobDamaged);
    return { given, damage: error as BlobDamaged };
  }
}

describe('damage to any stored file', () => {
  it('is noticed whichever byte changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(files.length - 1),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (...at) => {
          const [file, position, place, flip] = at;
          const path = files[file]!;
          const original = await readFile(path);
          const bytes = Buffer.from(original);
          // Header and tag as often as the long middle.
          const offset = [position % bytes.length, position % 40, bytes.length - 1 - (position % 40)][place % 3]!;
          bytes[offset]! ^= flip;
          await writeFile(path, bytes);
          const { damage } = await readUntilDamage();
          expect(damage?.damage).toBe('altered');
          expect(path.endsWith(damage!.object.slice(-64))).toBe(true);
          await writeFile(path, original);
        },
      ),
      { numRuns: 150 },
    );
    expect(await readUntilDamage()).toEqual({ given: content.length, damage: undefined });
  });

  it('is noticed whichever length is cut off or added', async () => {
    for (const path of files) {
      const original = await readFile(path);
      for (const length of [0, 1, 31, 32, 4096, original.length - 1, original.length + 1, original.length + 4096]) {
        if (length === original.length) continue;
        await truncate(path, length);
        expect((await readUntilDamage()).damage?.damage).toBe('altered');
        await writeFile(path, original);
      }
    }
  });

  it('is noticed when a chunk is missing, swapped, or takes the place of another', async () => {
    const [first, second, ...others] = chunks() as [string, string, ...string[]];
    await rename(first, join(folder, 'aside'));
    expect((await readUntilDamage()).damage).toMatchObject({ damage: 'missing' });
    await rename(second, first);
    expect((await readUntilDamage()).damage).toBeDefined();
    await rename(join(folder, 'aside'), second);
    expect((await readUntilDamage()).damage?.damage).toBe('altered');
    await copyFile(others[0]!, second);
    expect((await readUntilDamage()).damage?.damage).toBe('altered');
  });

  it('is noticed when a manifest, or a chunk of another owner, takes the place of one', async () => {
    const other = await store.put(anna, streamOf(content.subarray(0, 900)), 900);
    const [manifest] = files.filter((file) => file.includes('/blob/'));
    const otherManifest = (await filesBelow(folder)).find((file) => file.includes('/blob/') && file !== manifest)!;
    const original = await readFile(manifest!);
    await copyFile(otherManifest, manifest!);
    expect((await readUntilDamage()).damage?.damage).toBe('altered');
    await writeFile(manifest!, original);
    await store.put(ben, streamOf(content), content.length);
    const bens = (await filesBelow(folder)).find((file) => file.includes(`${testKeys.ownerName(ben)}/chunk/`))!;
    await copyFile(bens, chunks()[0]!);
    expect((await readUntilDamage()).damage?.damage).toBe('altered');
    await expect(store.stat(anna, other.digest)).resolves.toEqual(other);
  });

  it('does not stop ranges that lie elsewhere', async () => {
    const whole = await store.get(anna, digest);
    const intact = await whole!.content.toArray();
    expect(Buffer.concat(intact).equals(content)).toBe(true);
    for (const damaged of chunks()) {
      const original = await readFile(damaged);
      await unlink(damaged);
      const outcomes = await Promise.all(
        [0, 1, 2, 3, 4].map(async (index) => {
          const start = index * CHUNK_BYTES;
          const found = await store.get(anna, digest, { start, end: start + 100 });
          return found!.content.toArray().then(
            (pieces) => Buffer.concat(pieces).equals(content.subarray(start, start + 100)),
            () => false,
          );
        }),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(4);
      await writeFile(damaged, original);
    }
  });
});
