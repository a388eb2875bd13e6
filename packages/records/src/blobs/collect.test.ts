import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../errors.ts';
import type { ChunkedBlobStore } from './blob-store.ts';
import { CHUNK_BYTES } from './format.ts';
import { filesBelow, keyOf, openStore, readAll, streamOf, testKeys } from './testing/blob-fixture.ts';

const anna = { patientId: 'anna' };
const ben = { patientId: 'ben' };
const LATER = Date.now() + 1e9;

let folder: string;
let store: ChunkedBlobStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-collect-'));
  store = openStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const put = (bytes: Uint8Array, owner = anna) => store.put(owner, streamOf(bytes), bytes.length);

async function failure(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

describe('release', () => {
  it('removes the blob and those chunks that no other blob of the owner has', async () => {
    const bytes = randomBytes(3 * CHUNK_BYTES + 10);
    const short = bytes.subarray(0, 2 * CHUNK_BYTES);
    const { digest } = await put(bytes);
    const kept = await put(short);
    await put(bytes, ben);
    await store.release(anna, digest);
    expect(await store.get(anna, digest)).toBeUndefined();
    expect((await readAll(store, anna, kept.digest))?.equals(short)).toBe(true);
    expect((await readAll(store, ben, digest))?.equals(bytes)).toBe(true);
    expect(await filesBelow(folder)).toHaveLength(3 + 5);
    await store.release(anna, kept.digest);
    await store.release(anna, kept.digest);
    await store.release(ben, digest);
    expect(await filesBelow(folder)).toEqual([]);
  });

  it('never takes a chunk from a put under way', async () => {
    const bytes = randomBytes(8 * CHUNK_BYTES);
    for (let round = 0; round < 10; round++) {
      const { digest } = await put(bytes);
      const longer = Buffer.concat([bytes, randomBytes(10)]);
      const [again] = await Promise.all([put(longer), store.release(anna, digest)]);
      expect((await readAll(store, anna, again.digest))?.equals(longer)).toBe(true);
      await store.release(anna, again.digest);
    }
    await store.sweep(LATER, keyOf(anna));
    expect(await filesBelow(folder)).toEqual([]);
  });

  it('ends a reader with a gone error, not with damage', async () => {
    const { digest } = await put(randomBytes(20 * CHUNK_BYTES));
    const found = await store.get(anna, digest);
    const reading = (async () => {
      for await (const _ of found!.content) await store.release(anna, digest);
    })();
    expect(await failure(reading)).toMatchObject({ code: 'deleted', status: 410 });
  });
});

describe('erase', () => {
  it('removes one owner and nobody else', async () => {
    const { digest } = await put(Buffer.from('a'));
    await put(Buffer.from('a'), ben);
    await store.erase(anna);
    await store.erase(anna);
    expect(await store.get(anna, digest)).toBeUndefined();
    expect((await readAll(store, ben, digest))?.toString()).toBe('a');
    expect(await put(Buffer.from('b'))).toBeDefined();
  });
});

describe('sweep', () => {
  const age = async (files: string[]) => {
    for (const file of files) await utimes(file, 1000, 1000);
  };

  it('removes old orphans and temporary files, young ones not, and never what a manifest names', async () => {
    const bytes = randomBytes(2 * CHUNK_BYTES);
    const { digest } = await put(bytes);
    const chunk = (await filesBelow(folder)).find((file) => file.includes('/chunk/'))!;
    const orphans = [chunk.slice(0, -4).concat('0000'), join(chunk, '..', '.0f3a.tmp')];
    for (const file of orphans) await writeFile(file, await readFile(chunk));
    await age((await filesBelow(folder)).filter((file) => !orphans.includes(file)));
    expect(await store.sweep(Date.now() - 60_000, keyOf(anna))).toMatchObject({ deleted: 0 });
    expect(await filesBelow(folder)).toHaveLength(5);
    await age(orphans);
    expect(await store.sweep(Date.now() - 60_000, keyOf(anna))).toMatchObject({ deleted: 1, damaged: [] });
    expect(await filesBelow(folder)).toHaveLength(3);
    expect((await readAll(store, anna, digest))?.equals(bytes)).toBe(true);
  });

  it('removes owners that are no more once all they have is old', async () => {
    await put(randomBytes(10));
    await put(randomBytes(10), ben);
    expect(await store.sweep(Date.now() - 60_000, keyOf(ben))).toMatchObject({ erasedOwners: 0 });
    expect(await store.sweep(LATER, keyOf(ben))).toMatchObject({ erasedOwners: 1 });
    expect(await filesBelow(folder)).toHaveLength(2);
  });

  it('deletes nothing of an owner with a damaged manifest, says so, and goes on with the others', async () => {
    await put(randomBytes(10));
    await put(randomBytes(10), ben);
    const files = await filesBelow(folder);
    const manifest = files.find((file) => file.includes(`${testKeys.ownerName(anna)}/blob/`))!;
    await writeFile(manifest, 'x');
    const chunk = files.find((file) => file.includes(`${testKeys.ownerName(ben)}/chunk/`))!;
    await writeFile(chunk.slice(0, -4).concat('0000'), 'orphan');
    const report = await store.sweep(LATER, keyOf(anna, ben));
    expect(report.deleted).toBe(1);
    expect(report.damaged).toEqual([expect.stringMatching(new RegExp(`^${testKeys.ownerName(anna)}/blob/`))]);
    expect(await filesBelow(folder)).toHaveLength(4);
  });

  it('passes over owners who are being written to', async () => {
    const content = new Readable({ read: () => undefined });
    const putting = store.put(anna, content, 1e9);
    content.push(randomBytes(2 * CHUNK_BYTES));
    while ((await filesBelow(folder)).filter((file) => file.includes('/chunk/')).length < 2);
    expect(await store.sweep(LATER, keyOf())).toMatchObject({ busyOwners: 1, erasedOwners: 0 });
    content.push(null);
    const { digest, size } = await putting;
    expect((await readAll(store, anna, digest))?.length).toBe(size);
  });
});
