import { createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../errors.ts';
import type { ChunkedBlobStore } from './blob-store.ts';
import { FileChunkStore } from './file-chunk-store.ts';
import { CHUNK_BYTES, NAMES_PER_LIST, NAMES_PER_MANIFEST } from './format.ts';
import { filesBelow, keyOf, openStore, readAll, streamOf, testKeys } from './testing/blob-fixture.ts';

const anna = { patientId: 'anna' };
const ben = { patientId: 'ben' };
const LATER = Date.now() + 1e9;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let folder: string;
let store: ChunkedBlobStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-blobs-'));
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

/** Sizes around the borders of chunks, text-like or noise. */
const contents = fc.tuple(fc.nat(3), fc.integer({ min: -3, max: 3 }), fc.boolean()).map(([chunks, off, text]) => {
  const size = Math.max(0, chunks * CHUNK_BYTES + off);
  return text ? Buffer.alloc(size, 'pulse slippery, tongue pale; ') : randomBytes(size);
});

describe('put and get', () => {
  it('give back what was put, at all sizes around chunk borders and however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.integer({ min: 1000, max: 700_000 }), async (bytes, piece) => {
        const info = await store.put(anna, streamOf(bytes, piece), bytes.length);
        expect(info).toEqual({ digest: sha256(bytes), size: bytes.length });
        expect(await store.stat(anna, info.digest)).toEqual(info);
        expect((await readAll(store, anna, info.digest))?.equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('give the same slice as the original for any range', async () => {
    const bytes = randomBytes(3 * CHUNK_BYTES + 1234);
    const { digest } = await put(bytes);
    const edge = fc.tuple(fc.nat(3), fc.integer({ min: -2, max: 2 })).map(([n, off]) => n * CHUNK_BYTES + off);
    const offset = fc.oneof(edge, fc.nat(bytes.length + 5));
    await fc.assert(
      fc.asyncProperty(offset, offset, async (start, end) => {
        if (start < 0 || start >= bytes.length || end <= start) {
          expect((await failure(store.get(anna, digest, { start, end }))).status).toBe(416);
          return;
        }
        expect((await readAll(store, anna, digest, { start, end }))?.equals(bytes.subarray(start, end))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('keep blobs of more than one list of chunks', async () => {
    const chunks = NAMES_PER_LIST + 3;
    expect(chunks).toBeGreaterThan(NAMES_PER_MANIFEST);
    const blank = Buffer.alloc(CHUNK_BYTES);
    // All alike but around the border of the lists, so that the disk holds few of them.
    const chunk = (index: number) => (index > NAMES_PER_LIST - 3 ? Buffer.alloc(CHUNK_BYTES, index % 251) : blank);
    const content = Readable.from(
      (function* () {
        for (let index = 0; index < chunks; index++) yield chunk(index);
      })(),
      { objectMode: false },
    );
    const { digest, size } = await store.put(anna, content, chunks * CHUNK_BYTES);
    expect(size).toBe(chunks * CHUNK_BYTES);
    const start = (NAMES_PER_LIST - 2) * CHUNK_BYTES + 5;
    const expected = Buffer.concat([-2, -1, 0, 1].map((off) => chunk(NAMES_PER_LIST + off))).subarray(5);
    const read = await readAll(store, anna, digest, { start, end: start + expected.length });
    expect(read?.equals(expected)).toBe(true);
    const { deleted } = await store.sweep(LATER, keyOf(anna));
    expect(deleted).toBe(0);
    await store.release(anna, digest);
    expect(await filesBelow(folder)).toEqual([]);
  }, 60_000);

  it('read no more of the content than they write', async () => {
    let pulled = 0;
    const content = new Readable({
      highWaterMark: 65_536,
      read() {
        pulled += 65_536;
        this.push(randomBytes(65_536));
      },
    });
    const error = await failure(store.put(anna, content, 2_000_000));
    expect(error.code).toBe('too-long');
    expect(pulled).toBeLessThan(2_000_000 + 10 * 65_536);
    expect(content.destroyed).toBe(true);
  });

  it('let equal and different content be put at the same time', async () => {
    const bytes = randomBytes(700_000);
    const infos = await Promise.all([put(bytes), put(bytes), put(bytes.subarray(0, 600_000)), put(bytes)]);
    expect(new Set(infos.map((info) => info.digest)).size).toBe(2);
    for (const { digest, size } of infos) {
      expect((await readAll(store, anna, digest))?.equals(bytes.subarray(0, size))).toBe(true);
    }
  });

  it('answer undefined to digests that are none, and to paths', async () => {
    const { digest } = await put(Buffer.from('x'));
    for (const hostile of [
      '',
      '../../etc/passwd',
      `../${digest}`,
      digest.toUpperCase(),
      `${digest}\n`,
      `${digest}/..`,
    ]) {
      expect(await store.get(anna, hostile)).toBeUndefined();
      expect(await store.stat(anna, hostile)).toBeUndefined();
      await store.release(anna, hostile);
    }
    expect(await store.stat(anna, digest)).toBeDefined();
  });

  it('refuse keys and owner names that are not what they must be', async () => {
    const named = (name: string) => openStore(folder, { ...testKeys, ownerName: () => name });
    for (const name of ['', '..', '../../0123456789abcdef0123456789abcdef', 'ABCDEF'.repeat(8)]) {
      await expect(named(name).put(anna, streamOf(Buffer.from('x')), 9)).rejects.toThrow(TypeError);
      await expect(named(name).erase(anna)).rejects.toThrow(TypeError);
    }
    const short = openStore(folder, { ...testKeys, blobKey: async () => createSecretKey(Buffer.alloc(16)) });
    await expect(short.put(anna, streamOf(Buffer.from('x')), 9)).rejects.toThrow(TypeError);
    expect(await filesBelow(folder)).toEqual([]);
  });
});

describe('what lies on disk', () => {
  it('is shared within an owner and has nothing in common between owners', async () => {
    const bytes = randomBytes(3 * CHUNK_BYTES + 10);
    await put(bytes);
    const once = await filesBelow(folder);
    expect(once).toHaveLength(5);
    await put(bytes);
    expect((await filesBelow(folder)).sort()).toEqual(once.sort());
    // Grown at its end: the full chunks are shared, the last chunk and the manifest are new.
    await put(Buffer.concat([bytes, Buffer.from('more')]));
    expect(await filesBelow(folder)).toHaveLength(7);
    await put(bytes, ben);
    const names = (await filesBelow(folder)).map((file) => file.slice(-64));
    expect(new Set(names).size).toBe(12);
  });

  it('says nothing of content, patient or exact size', async () => {
    const text = Buffer.alloc(70_001, 'HIV reactive, patient Chan Tai Man. ');
    const { digest } = await put(text);
    for (const file of await filesBelow(folder)) {
      expect(file).not.toMatch(new RegExp(`anna|${digest}`));
      expect((await readFile(file)).includes('Chan Tai Man')).toBe(false);
      const { size, mode } = await stat(file);
      expect(size % 4096).toBe(0);
      expect(mode & 0o077).toBe(0);
    }
  });

  it('is smaller than the content where zstd pays, and only padded where not', async () => {
    const used = async () => {
      const sizes = await Promise.all((await filesBelow(folder)).map(async (file) => (await stat(file)).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    };
    await put(Buffer.alloc(4 * CHUNK_BYTES, 'Sodium 140 mmol/L\n'));
    expect(await used()).toBeLessThan(90_000);
    await put(randomBytes(4 * CHUNK_BYTES), ben);
    expect(await used()).toBeLessThan(90_000 + 4 * 262_144 + 4096 + 1);
  });

  it('heals when damaged content is sent again', async () => {
    const bytes = randomBytes(CHUNK_BYTES + 5);
    const { digest } = await put(bytes);
    for (const file of await filesBelow(folder)) await writeFile(file, 'gone bad');
    expect((await failure(store.stat(anna, digest))).code).toBe('exception');
    await put(bytes);
    expect((await readAll(store, anna, digest))?.equals(bytes)).toBe(true);
  });
});

describe('a put that fails', () => {
  it('leaves nothing behind when the content is too long', async () => {
    for (const size of [1, CHUNK_BYTES, 5 * CHUNK_BYTES + 7]) {
      const error = await failure(store.put(anna, streamOf(randomBytes(size)), size - 1));
      expect(error).toMatchObject({ code: 'too-long', status: 413 });
      expect(await filesBelow(folder)).toEqual([]);
    }
  });

  it('leaves what other blobs share', async () => {
    const bytes = randomBytes(3 * CHUNK_BYTES);
    const { digest } = await put(bytes);
    await failure(store.put(anna, streamOf(Buffer.concat([bytes, bytes])), bytes.length));
    expect((await readAll(store, anna, digest))?.equals(bytes)).toBe(true);
  });

  it('leaves nothing behind when the stream breaks off, before or after the first bytes', async () => {
    for (const chunks of [0, 1, 4]) {
      const content = Readable.from(
        (async function* () {
          for (let i = 0; i < chunks; i++) yield randomBytes(CHUNK_BYTES);
          throw new Error('socket hang up');
        })(),
        { objectMode: false },
      );
      const error = await failure(store.put(anna, content, 1e9));
      expect(error).toMatchObject({ code: 'incomplete', status: 400 });
      expect(await filesBelow(folder)).toEqual([]);
    }
    const destroyed = streamOf(Buffer.from('x'));
    destroyed.destroy();
    expect((await failure(store.put(anna, destroyed, 9))).code).toBe('incomplete');
  });

  it('passes on the refusal of whoever made the stream', async () => {
    const refusal = new StoreError('security', 422, 'This content holds a virus.');
    const content = new Readable({ read: () => content.destroy(refusal) });
    expect(await failure(store.put(anna, content, 9))).toBe(refusal);
  });

  it('does not end the process when the stream fails while the key is fetched', async () => {
    const content = new Readable({ read: () => undefined });
    const listeners: number[] = [];
    const slow = openStore(folder, {
      ...testKeys,
      blobKey: async (owner) => {
        listeners.push(content.listenerCount('error'));
        content.destroy(new Error('socket hang up'));
        await new Promise((resolve) => setTimeout(resolve, 20));
        return testKeys.blobKey(owner);
      },
    });
    expect((await failure(slow.put(anna, content, 9))).code).toBe('incomplete');
    expect(listeners[0]).toBeGreaterThan(0);
  });

  it('leaves no manifest and no chunk when the disk is full at the last chunk', async () => {
    class FullDisk extends FileChunkStore {
      override async put(name: string, bytes: Uint8Array): Promise<void> {
        if (name.includes('/chunk/') && bytes.length < 262_144) {
          await new Promise((resolve) => setTimeout(resolve, 30));
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        }
        await super.put(name, bytes);
      }
    }
    const full = openStore(folder, testKeys, new FullDisk({ folder, unique: randomUUID }));
    const error = await failure(full.put(anna, streamOf(randomBytes(2 * CHUNK_BYTES + 5)), 1e9));
    expect(error).toMatchObject({ code: 'no-store', status: 507 });
    expect(await filesBelow(folder)).toEqual([]);
  });

  it('says that the store does not answer when its folder is gone, and makes none in its place', async () => {
    const lost = openStore(join(folder, 'unmounted'));
    expect((await failure(lost.put(anna, streamOf(Buffer.from('x')), 9))).code).toBe('no-store');
    expect(await filesBelow(folder)).toEqual([]);
  });
});
