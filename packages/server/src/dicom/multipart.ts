import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { refusal } from '../http/http-error.ts';

/** One part of a multipart body. Its content must be read to the end, or left alone, before the next part is asked for. */
export interface Part {
  /** Lower-case names. */
  headers: ReadonlyMap<string, string>;
  content: AsyncIterable<Buffer>;
}

const MOST_HEADER_BYTES = 8192;
const MOST_PARTS = 20_000;

/**
 * The parameter of a media type such as `multipart/related; type="application/dicom"; boundary=x` (RFC 9110 §8.3).
 * Undefined where it has none.
 */
export function mediaParameter(type: string | undefined, name: string): string | undefined {
  const pattern = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]{1,200})"|([^\\s;,"]{1,200}))`, 'i');
  const [, quoted, plain] = pattern.exec((type ?? '').slice(0, 2000)) ?? [];
  return quoted ?? plain;
}

/** The parts of a multipart body as they stream by (RFC 2046 §5.1, RFC 2387), in constant memory. Throws 400. */
export async function* partsOf(source: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  // the first delimiter may stand without the line end that belongs to all others
  const scan = new Scan(source, Buffer.from(`\r\n--${boundary}`), Buffer.from('\r\n'));
  for await (const _preamble of scan.content());
  for (let parts = 0; ; parts++) {
    const after = await scan.take(2);
    if (after.toString('latin1') === '--') return;
    if (after.toString('latin1') !== '\r\n') throw malformed();
    if (parts >= MOST_PARTS) throw refusal(400, 'too-costly', `Send at most ${MOST_PARTS} parts in one request.`);
    const headers = await readHeaders(scan);
    scan.inPart = true;
    yield { headers, content: scan.content() };
    // whoever read it may have stopped in the middle
    if (scan.inPart) for await (const _rest of scan.content());
  }
}

async function readHeaders(scan: Scan): Promise<Map<string, string>> {
  const headers = new Map<string, string>();
  let size = 0;
  for (;;) {
    const line = await scan.line(MOST_HEADER_BYTES - size);
    size += line.length + 2;
    if (line === '') return headers;
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

/** What has arrived and is not consumed, and where the next delimiter lies in it. */
class Scan {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  #held: Buffer;
  /** Whether the delimiter that ends the part has not been met yet. */
  inPart = true;

  constructor(source: AsyncIterable<Buffer>, delimiter: Buffer, head: Buffer) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#delimiter = delimiter;
    this.#held = head;
  }

  /** Everything up to the next delimiter, which is consumed. */
  async *content(): AsyncGenerator<Buffer> {
    const keep = this.#delimiter.length - 1;
    for (;;) {
      const at = this.#held.indexOf(this.#delimiter);
      if (at >= 0) {
        const found = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + this.#delimiter.length);
        this.inPart = false;
        if (found.length > 0) yield found;
        return;
      }
      if (this.#held.length > keep) {
        const sure = this.#held.subarray(0, this.#held.length - keep);
        this.#held = this.#held.subarray(sure.length);
        yield sure;
      }
      await this.#more();
    }
  }

  async take(bytes: number): Promise<Buffer> {
    while (this.#held.length < bytes) await this.#more();
    const taken = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(bytes);
    return taken;
  }

  async line(most: number): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf('\r\n');
      if (at > most || (at < 0 && this.#held.length > most)) throw malformed();
      if (at >= 0) return (await this.take(at + 2)).toString('latin1', 0, at);
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done) throw malformed();
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
  }
}

function malformed(): Error {
  const sentence = 'The body is not multipart as its Content-Type says, or it ends early; send it again.';
  return refusal(400, 'invalid', sentence, { connection: 'close' });
}

/** A part to be sent. */
export interface OutgoingPart {
  headers: readonly (readonly [string, string])[];
  content: () => Promise<AsyncIterable<Buffer> | Iterable<Buffer>>;
}

/** A multipart/related body and its media type. Each part is opened when the one before has been sent. */
export function multipartRelated(
  type: string,
  parts: AsyncIterable<OutgoingPart> | Iterable<OutgoingPart>,
): { contentType: string; body: Readable } {
  const boundary = `part-${randomBytes(16).toString('hex')}`;
  async function* write(): AsyncGenerator<Buffer> {
    for await (const { headers, content } of parts) {
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      yield Buffer.from(`\r\n--${boundary}\r\n${lines}\r\n`);
      yield* await content();
    }
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  return {
    contentType: `multipart/related; type="${type}"; boundary=${boundary}`,
    body: Readable.from(write(), { objectMode: false }),
  };
}
