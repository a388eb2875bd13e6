import { refusal } from '../http/http-error.ts';

/** A run of whole lines. */
export interface NdjsonUnit {
  body: Buffer;
  /** Bytes taken from the stream for it, separators included. */
  bytes: number;
  lines: number;
}

/** Enough lines to make a batch worth its round trips, few enough to hold several in memory. */
const UNIT_BYTES = 2 * 1024 * 1024;
/** One resource; as large as a body of the API may be. */
const LINE_BYTES = 16 * 1024 * 1024;

/** Cuts a stream of NDJSON into units at line ends. Holds one unit and one chunk at a time. */
export async function* ndjsonUnits(stream: AsyncIterable<Buffer>): AsyncGenerator<NdjsonUnit> {
  let parts: Buffer[] = [];
  let size = 0;
  let lines = 0;
  /** Bytes of the line that has not ended yet. */
  let open = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end + 1);
      parts.push(piece);
      size += piece.length;
      lines++;
      open = 0;
      from = end + 1;
      if (size >= UNIT_BYTES) {
        yield { body: Buffer.concat(parts, size), bytes: size, lines };
        parts = [];
        size = 0;
        lines = 0;
      }
    }
    const rest = chunk.subarray(from);
    parts.push(rest);
    size += rest.length;
    open += rest.length;
    if (open > LINE_BYTES)
      throw refusal(413, 'too-long', 'A line of the NDJSON is longer than 16 MiB; one resource is on each line.');
  }
  if (size > 0) yield { body: Buffer.concat(parts, size), bytes: size, lines: open > 0 ? lines + 1 : lines };
}
