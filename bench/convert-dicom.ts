/**
 * How fast a DICOM study streams into sealed blobs and into the record, and in how much memory.
 *
 *     node bench/convert-dicom.ts [megabytes]
 *
 * A study of many slices of 512 KiB, and one instance of the whole size, each by STOW-RS over loopback. Client and server
 * run in this process, so its memory is that of both; PostgreSQL has its own.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readConfig, serve } from '@meridian/server';
import { request } from 'undici';
import { attribute } from '../packages/convert/src/dicom/testing.ts';

const MB = 1e6;
const size = Number(process.argv[2] ?? 500) * MB;
const SLICE = 512 * 512 * 2;
const PIECE = 65_536;

function header(instance: number, study: string, pixelBytes: number): Buffer {
  const pixels = Buffer.from('e07f10004f57000000000000', 'hex');
  pixels.writeUInt32LE(pixelBytes, 8);
  const number = (value: number): Buffer => Buffer.from([value & 255, value >> 8]);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    attribute('00020010', 'UI', '1.2.840.10008.1.2.1\0'),
    attribute('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2\0'),
    attribute('00080018', 'UI', `2.25.${study}.1.${instance}`),
    attribute('00080060', 'CS', 'CT'),
    attribute('00100020', 'LO', 'BENCH'),
    attribute('00100021', 'LO', 'urn:bench'),
    attribute('0020000D', 'UI', `2.25.${study}`),
    attribute('0020000E', 'UI', `2.25.${study}.1`),
    attribute('00200013', 'IS', String(instance)),
    attribute('00280010', 'US', number(512)),
    attribute('00280011', 'US', number(512)),
    attribute('00280100', 'US', number(16)),
    pixels,
  ]);
}

/** Noise, so that nothing is shrunk or found to be there already. */
function* body(instances: number, pixelBytes: number, study: string): Generator<Buffer> {
  for (let at = 1; at <= instances; at++) {
    yield Buffer.from('\r\n--b\r\nContent-Type: application/dicom\r\n\r\n');
    yield header(at, study, pixelBytes);
    for (let left = pixelBytes; left > 0; left -= PIECE) yield randomBytes(Math.min(PIECE, left));
  }
  yield Buffer.from('\r\n--b--\r\n');
}

const folder = await mkdtemp(join(tmpdir(), 'meridian-bench-'));
const server = await serve(
  readConfig({ MERIDIAN_PORT: '0', MERIDIAN_DATA: folder, MERIDIAN_DEMO: '0', MERIDIAN_LOG: 'silent' }),
);
const token = await server.tokens.mint({ actor: 'system', system: true, expiresInSeconds: 3600 });
await request(`${server.url}/fhir/Patient/bench`, {
  method: 'PUT',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
  body: JSON.stringify({
    resourceType: 'Patient',
    id: 'bench',
    identifier: [{ system: 'urn:bench', value: 'BENCH' }],
  }),
});

async function measure(name: string, instances: number, pixelBytes: number, study: string): Promise<void> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 10);
  const start = performance.now();
  const answer = await request(`${server.url}/dicom-web/studies`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'multipart/related; type="application/dicom"; boundary=b',
    },
    body: Readable.from(body(instances, pixelBytes, study), { objectMode: false }),
    bodyTimeout: 0,
    headersTimeout: 0,
  });
  await answer.body.dump();
  clearInterval(watch);
  const seconds = (performance.now() - start) / 1000;
  const total = (instances * pixelBytes) / MB;
  console.log(
    `${name}: status ${answer.statusCode}, ${total.toFixed(0)} MB in ${seconds.toFixed(1)} s, ` +
      `${(total / seconds).toFixed(0)} MB/s, ${(instances / seconds).toFixed(1)} instances/s, ` +
      `memory at most ${(peak / MB).toFixed(0)} MB, of which ${((peak - before) / MB).toFixed(0)} MB for this`,
  );
}

console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`);
await measure('warm-up', 10, SLICE, '1');
await measure('one instance', 1, Math.round(size / 2) * 2, '3');
await measure('slices', Math.round(size / SLICE), SLICE, '2');
await server.close();
await rm(folder, { recursive: true });
