import { createReadStream } from 'node:fs';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** One file to import, on the disk or in an archive. */
export interface Source {
  /** For people: the path as given, `archive.zip/inside.json` for what lies in an archive. */
  name: string;
  kind: 'json' | 'ndjson';
  /** Bytes it takes on the disk: its share of the work, for the progress bar. */
  size: number;
  open(): Promise<OpenedSource>;
}

export interface OpenedSource {
  /** Inflated. Fails with UnreadableFile or an error of the system. */
  content: Readable;
  /** How much of `size` has been read. */
  position(): number;
}

/** A file, or a part of one, that cannot be imported; the message is a sentence about it without its name. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** How often deflate may repeat: FHIR shrinks to a tenth or a twentieth, a bomb to a thousandth. */
export const LARGEST_RATIO = 200;
/** What may come out before the ratio counts, in bytes. */
export const RATIO_SLACK = 16 * 1024 * 1024;

const KINDS: readonly [RegExp, Source['kind'] | 'zip'][] = [
  [/\.json(?:\.gz)?$/i, 'json'],
  [/\.(?:ndjson|jsonl)(?:\.gz)?$/i, 'ndjson'],
  [/\.zip$/i, 'zip'],
];

/** What a file is by its name; undefined: nothing that can be imported. */
export function kindOf(name: string): Source['kind'] | 'zip' | undefined {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1];
}

/** A file on the disk. */
export function fileSource(path: string, kind: Source['kind'], size: number): Source {
  return {
    name: path,
    kind,
    size,
    open: async () => {
      const file = createReadStream(path, { highWaterMark: 256 * 1024 });
      return { content: isGzip(path) ? gunzipBounded(file) : file, position: () => Math.min(size, file.bytesRead) };
    },
  };
}

export function isGzip(name: string): boolean {
  return /\.gz$/i.test(name);
}

/** Inflates, and stops where far more comes out than went in. */
export function gunzipBounded(compressed: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: 128 * 1024 });
  let inflated = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      inflated += chunk.length;
      if (inflated > RATIO_SLACK && inflated > LARGEST_RATIO * gunzip.bytesWritten) {
        done(new UnreadableFile(`It inflates to more than ${LARGEST_RATIO} times its size, which no record does.`));
      } else done(null, chunk);
    },
  });
  // the error reaches the reader of `guard`, which pipeline destroys with it
  return pipeline(compressed, gunzip, guard, () => undefined);
}

/** The sentence for an error of zlib, or undefined for any other. */
export function inflateError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code === 'Z_BUF_ERROR') return 'Its compressed data ends too early: the file is not complete.';
  return String(error.code).startsWith('Z_') ? 'Its compressed data is damaged.' : undefined;
}
