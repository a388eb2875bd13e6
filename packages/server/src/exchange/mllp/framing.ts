/** MLLP release 1: a block is VT, the message, FS CR. */
const START = 0x0b;
const END = 0x1c;
const RETURN = 0x0d;

/** A peer that does not speak MLLP, or sends more than is allowed. The connection cannot go on. */
export class FramingError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'FramingError';
  }
}

/** Takes blocks out of a stream of bytes. Holds at most one message of `limit` bytes. */
export class Deframer {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  #inBlock = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The messages that are complete with this chunk. Throws FramingError. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#inBlock) {
        at = this.#findStart(chunk, at);
        continue;
      }
      const end = chunk.indexOf(END, at);
      const stop = end < 0 ? chunk.length : end;
      this.#keep(chunk.subarray(at, stop));
      at = stop + 1;
      if (end >= 0) {
        this.#inBlock = false;
        yield this.#take();
      }
    }
  }

  /** Between blocks only line ends are allowed: the CR after FS, and those that some senders add. */
  #findStart(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === START) {
        this.#inBlock = true;
        return at + 1;
      }
      if (byte !== RETURN && byte !== 0x0a && byte !== 0x20) {
        throw new FramingError('A message must be framed as MLLP says: VT, the message, FS, CR.');
      }
    }
    return chunk.length;
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#limit) throw new FramingError(`A message may have ${this.#limit} bytes.`);
    if (part.length > 0) this.#parts.push(part);
  }

  #take(): Uint8Array {
    // a copy: the chunks are the socket's
    const message = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return message;
  }
}

/** A message as a block. */
export function framed(message: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(START), message, Uint8Array.of(END, RETURN)]);
}
