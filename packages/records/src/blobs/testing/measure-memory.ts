/**
 * Puts and gets `process.argv[3]` bytes in the folder `process.argv[2]`, and prints as JSON the seconds of each and by how
 * many bytes the resident memory grew at most.
 */
import { noise, openStore } from './blob-fixture.ts';

const folder = process.argv[2] ?? '.';
const size = Number(process.argv[3]);
const owner = { patientId: 'p1' };
const store = openStore(folder);

// What the first blob loads (code, thread stacks, buffers of the pool) is not growth with size.
const small = await store.put(owner, noise(4_000_000), 4_000_000);
for await (const _ of (await store.get(owner, small.digest))?.content ?? []);
const before = process.memoryUsage.rss();
let peak = before;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 5);

const start = performance.now();
const info = await store.put(owner, noise(size), size);
const written = performance.now();
let read = 0;
for await (const piece of (await store.get(owner, info.digest))?.content ?? []) read += (piece as Buffer).length;
const end = performance.now();
clearInterval(watch);

const seconds = (milliseconds: number) => milliseconds / 1000;
console.log(
  JSON.stringify({
    read,
    grown: peak - before,
    putSeconds: seconds(written - start),
    getSeconds: seconds(end - written),
  }),
);
