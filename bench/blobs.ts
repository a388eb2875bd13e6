/**
 * How fast blobs go in and out, sealed and durable, and in how much memory.
 *
 *     node bench/blobs.ts [folder] [megabytes]
 *
 * Beside it the physical limit: the same bytes in plain files of 256 KiB, each synced, four at a time.
 */
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ChunkedBlobStore } from '../packages/records/src/blobs/blob-store.ts';
import { FileChunkStore } from '../packages/records/src/blobs/file-chunk-store.ts';
import { LocalOwnerLocks } from '../packages/records/src/blobs/owner-locks.ts';

const MB = 1e6;
const PIECE = 65_536;
const base = process.argv[2] ?? tmpdir();
const size = Number(process.argv[3] ?? 500) * MB;
const owner = { patientId: 'bench' };

/** Noise that no two chunks share, or text that zstd shrinks. */
function* pieces(bytes: number, kind: 'noise' | 'text'): Generator<Buffer> {
  const block =
    kind === 'noise' ? randomBytes(PIECE) : Buffer.alloc(PIECE, 'Sodium 140 mmol/L, potassium 4.1 mmol/L; ');
  for (let sent = 0; sent < bytes; sent += PIECE) {
    const piece = Buffer.from(block.subarray(0, Math.min(PIECE, bytes - sent)));
    if (piece.length >= 8) piece.writeDoubleLE(sent + Math.random(), 0);
    yield piece;
  }
}

const content = (bytes: number, kind: 'noise' | 'text') => Readable.from(pieces(bytes, kind), { objectMode: false });

interface Measured<T> {
  result: T;
  seconds: number;
  /** Bytes by which the resident memory grew at most. */
  grown: number;
}

async function measured<T>(work: () => Promise<T>): Promise<Measured<T>> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  clearInterval(watch);
  return { result, seconds, grown: peak - before };
}

async function plainFiles(folder: string): Promise<void> {
  await mkdir(folder);
  const bytes = randomBytes(262_144);
  const count = Math.ceil(size / bytes.length);
  let next = 0;
  const writer = async () => {
    for (let index = next++; index < count; index = next++) {
      const handle = await open(join(folder, String(index)), 'wx');
      await handle.writeFile(bytes);
      await handle.sync();
      await handle.close();
    }
  };
  await Promise.all([writer(), writer(), writer(), writer()]);
}

async function drain(stream: Readable): Promise<void> {
  for await (const _ of stream);
}

function report(what: string, bytes: number, { seconds, grown }: Measured<unknown>): void {
  const rate = (bytes / MB / seconds).toFixed(0).padStart(6);
  console.log(`${what.padEnd(34)}${rate} MB/s   memory +${(grown / MB).toFixed(0)} MB`);
}

const folder = await mkdtemp(join(base, 'meridian-bench-blobs-'));
try {
  const store = new ChunkedBlobStore({
    chunks: new FileChunkStore({ folder, unique: randomUUID }),
    keys: { blobKey: async () => createSecretKey(Buffer.alloc(32, 1)), ownerName: () => '0'.repeat(32) },
    locks: new LocalOwnerLocks(),
    random: randomBytes,
  });
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${size / MB} MB`,
  );
  report('limit: synced files of 256 KiB', size, await measured(() => plainFiles(join(folder, 'plain'))));
  await rm(join(folder, 'plain'), { recursive: true });
  for (const kind of ['noise', 'text'] as const) {
    const put = await measured(() => store.put(owner, content(size, kind), size));
    report(`put, ${kind}`, size, put);
    const { digest } = put.result;
    const get = () => store.get(owner, digest).then((found) => drain(found?.content ?? Readable.from([])));
    report(`get, ${kind}`, size, await measured(get));
    const again = async () => store.put(owner, (await store.get(owner, digest))?.content ?? Readable.from([]), size);
    report(`get and put again (shared), ${kind}`, size, await measured(again));
    await store.release(owner, digest);
  }
  const count = 500;
  const small = await measured(async () => {
    for (let i = 0; i < count; i += 8) {
      await Promise.all(Array.from({ length: 8 }, () => store.put(owner, content(100_000, 'noise'), 100_000)));
    }
  });
  console.log(`put of 100 KB, 8 at a time: ${(count / small.seconds).toFixed(0)}/s`);
  const large = await store.put(owner, content(100 * MB, 'noise'), 100 * MB);
  const ranges = await measured(async () => {
    for (let i = 0; i < count; i++) {
      const start = Math.floor((i / count) * 99 * MB);
      await drain((await store.get(owner, large.digest, { start, end: start + 4096 }))!.content);
    }
  });
  console.log(`range of 4 KB in 100 MB, one at a time: ${(count / ranges.seconds).toFixed(0)}/s`);
} finally {
  await rm(folder, { recursive: true });
}
