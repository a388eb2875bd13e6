import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  deflateRawSync,
  inflateRawSync,
  type ZlibOptions,
} from 'node:zlib';

/** Bytes of the largest text that these take and give. */
export const MOST_DEFLATED = 16_384;

/**
 * A window of 16 KB and small tables: most of the cost at this size is making the tables, so that a higher level costs
 * next to nothing. Part of the storage format: the window must not shrink.
 */
const DEFLATE_OPTIONS = { level: 6, memLevel: 6, windowBits: 14, chunkSize: 4096 };
const INFLATE_OPTIONS = { windowBits: 14, chunkSize: 4096, maxOutputLength: MOST_DEFLATED };

/** Turns small texts into raw DEFLATE (RFC 1951) with a preset dictionary, and back. */
export interface RawDeflate {
  /** Undefined where the result would not be smaller. */
  deflate(plain: Buffer): Buffer | undefined;
  /** @throws Error on bytes that `deflate` never made, and on what would be longer than `MOST_DEFLATED` */
  inflate(packed: Buffer): Buffer;
}

/**
 * With engines that are kept: Node's synchronous calls make one each time, at 7 to 10 µs and some rubbish, which is two
 * thirds of inflating a record and one third of deflating it. Where this Node's engines cannot be kept, its calls are used.
 */
export function openRawDeflate(dictionary: Buffer): RawDeflate {
  return withKeptEngines(dictionary) ?? withCalls(dictionary);
}

/** With Node's documented calls alone. */
export function withCalls(dictionary: Buffer): RawDeflate {
  return {
    deflate(plain) {
      const packed = deflateRawSync(plain, { ...DEFLATE_OPTIONS, dictionary });
      return packed.length < plain.length ? packed : undefined;
    },
    inflate: (packed) => inflateRawSync(packed, { ...INFLATE_OPTIONS, dictionary }),
  };
}

/**
 * With what lies behind Node's synchronous calls (lib/zlib.js, `processChunkSync`): it is not documented, so whether it is
 * there and does what it should is tried first. Undefined where it does not.
 */
export function withKeptEngines(dictionary: Buffer): RawDeflate | undefined {
  const deflating = engineOf(createDeflateRaw(options(DEFLATE_OPTIONS, dictionary)));
  const inflating = engineOf(createInflateRaw(options(INFLATE_OPTIONS, dictionary)));
  if (!deflating || !inflating) return undefined;
  // one byte more than a result may have: an output that is full was too small
  const output = Buffer.allocUnsafeSlow(MOST_DEFLATED + 1);
  const kept: RawDeflate = {
    deflate(plain) {
      const length = process(deflating, plain, output);
      return length < plain.length && length < output.length ? Buffer.from(output.subarray(0, length)) : undefined;
    },
    inflate(packed) {
      const length = process(inflating, packed, output);
      if (length === output.length) throw new RangeError(`compressed bytes give more than ${MOST_DEFLATED} bytes`);
      return Buffer.from(output.subarray(0, length));
    },
  };
  return isSound(kept, dictionary) ? kept : undefined;
}

function options(own: ZlibOptions, dictionary: Buffer): ZlibOptions {
  return { ...own, dictionary };
}

interface Engine {
  handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputLength: number,
      output: Uint8Array,
      outputAt: number,
      outputLength: number,
    ): void;
    reset(): void;
    onerror: (message: string) => void;
  };
  /** After a write: bytes left free in the output, bytes of the input not taken. */
  state: Uint32Array;
}

function engineOf(stream: object): Engine | undefined {
  const { _handle: handle, _writeState: state } = stream as {
    _handle?: Partial<Engine['handle']>;
    _writeState?: unknown;
  };
  if (typeof handle?.writeSync !== 'function' || typeof handle.reset !== 'function') return undefined;
  return state instanceof Uint32Array ? { handle: handle as Engine['handle'], state } : undefined;
}

/** Gives the length of the result at the beginning of `output`. */
function process({ handle, state }: Engine, input: Buffer, output: Buffer): number {
  let fault: string | undefined;
  handle.onerror = (message) => {
    fault = message;
  };
  handle.writeSync(constants.Z_FINISH, input, 0, input.length, output, 0, output.length);
  handle.reset();
  if (fault !== undefined) throw new Error(`compressed bytes are not sound: ${fault}`);
  return output.length - (state[0] ?? 0);
}

/** Whether an engine gives the same as Node's calls, twice, and refuses what is no DEFLATE. */
function isSound(kept: RawDeflate, dictionary: Buffer): boolean {
  const sample = Buffer.from('{"resourceType":"Observation","status":"final","valueString":"aaaaaaaaaaaaaaaaaaaa"}');
  const packed = withCalls(dictionary).deflate(sample);
  if (!packed) return false;
  try {
    for (let i = 0; i < 2; i++) {
      if (kept.deflate(sample)?.equals(packed) !== true || !kept.inflate(packed).equals(sample)) return false;
    }
    kept.inflate(packed.subarray(0, packed.length - 1));
  } catch {
    return kept.inflate(packed).equals(sample);
  }
  return false;
}
