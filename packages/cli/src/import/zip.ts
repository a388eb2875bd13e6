import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { printable } from '../terminal/words.ts';
import { gunzipBounded, isGzip, kindOf, LARGEST_RATIO, RATIO_SLACK, type Source, UnreadableFile } from './source.ts';

/** Files in one archive. */
const MOST_ENTRIES = 200_000;
/** Bytes of all that an archive may hold, inflated. */
const LARGEST_ARCHIVE = 1024 ** 4;

export interface Archive {
  sources: Source[];
  /** Files that cannot be read, with a sentence why. */
  leftOut: { file: string; reason: string }[];
  /** Files of other kinds. */
  ignored: string[];
  close(): void;
}

/**
 * Lists a zip archive without inflating anything. Bombs are refused by what the directory declares, and while reading
 * yauzl refuses an entry that holds more than it declared; entries that overlap are caught by the ratio of the whole.
 *
 * Throws UnreadableFile.
 *
 * @param size of the archive on the disk, in bytes
 */
export async function openArchive(path: string, size: number): Promise<Archive> {
  const zip = await openPromise(path, { autoClose: false, validateEntrySizes: true }).catch(damaged);
  const archive: Archive = { sources: [], leftOut: [], ignored: [], close: () => zip.close() };
  try {
    await list(zip, path, size, archive);
  } catch (error) {
    zip.close();
    throw error instanceof UnreadableFile ? error : damaged(error);
  }
  return archive;
}

async function list(zip: ZipFile, path: string, size: number, archive: Archive): Promise<void> {
  let inflated = 0;
  if (zip.entryCount > MOST_ENTRIES) throw new UnreadableFile(`It holds more than ${MOST_ENTRIES} files.`);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    inflated += entry.uncompressedSize;
    if (inflated > LARGEST_ARCHIVE || (inflated > RATIO_SLACK && inflated > LARGEST_RATIO * size)) {
      throw new UnreadableFile(`It inflates to more than ${LARGEST_RATIO} times its size, which no record does.`);
    }
    const file = `${path}/${printable(entry.fileName)}`;
    const kind = kindOf(entry.fileName);
    if (kind === undefined) archive.ignored.push(file);
    else if (kind === 'zip') archive.leftOut.push({ file, reason: 'It is an archive in an archive: unpack it first.' });
    else if (entry.isEncrypted()) archive.leftOut.push({ file, reason: 'It is encrypted: unpack it first.' });
    else archive.sources.push(entrySource(zip, entry, file, kind));
  }
}

function entrySource(zip: ZipFile, entry: Entry, name: string, kind: Source['kind']): Source {
  return {
    name,
    kind,
    size: entry.compressedSize,
    open: async () => {
      const inflated = await zip.openReadStreamPromise(entry).catch(damaged);
      let read = 0;
      inflated.on('data', (chunk: Buffer) => {
        read += chunk.length;
      });
      inflated.pause();
      return {
        content: isGzip(entry.fileName) ? gunzipBounded(inflated) : inflated,
        position: () => entry.compressedSize * Math.min(1, read / Math.max(1, entry.uncompressedSize)),
      };
    },
  };
}

function damaged(_error: unknown): never {
  throw new UnreadableFile('It is no zip archive, or a damaged one.');
}
