import { opendir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CommandError, systemError } from '../command-error.ts';
import { fileSource, kindOf, type Source, UnreadableFile } from './source.ts';
import { type Archive, openArchive } from './zip.ts';

const MOST_FILES = 2_000_000;
const DEEPEST = 64;

/** What there is to import below some paths. */
export interface Found {
  sources: Source[];
  /** Files and folders that cannot be read, with a sentence why. */
  leftOut: { file: string; reason: string }[];
  /** How many files of other kinds stand beside them, by their ending. */
  ignored: Map<string, number>;
  /** Closes the archives. */
  close(): void;
}

/**
 * Looks for files that can be imported, in the order of their names. A path that is named must exist and be of a kind
 * that can be imported (else CommandError); what is found below a folder may be anything.
 */
export async function findSources(paths: readonly string[], signal: AbortSignal): Promise<Found> {
  const search = new Search(signal);
  for (const path of paths) await search.named(path);
  return search.found;
}

class Search {
  readonly #signal: AbortSignal;
  readonly #archives: Archive[] = [];
  readonly #folders = new Set<string>();
  readonly found: Found = {
    sources: [],
    leftOut: [],
    ignored: new Map(),
    close: () => {
      for (const archive of this.#archives) archive.close();
    },
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async named(path: string): Promise<void> {
    const stats = await stat(path);
    if (stats.isDirectory()) return this.#folder(path, 0);
    if (!stats.isFile() || kindOf(path) === undefined) {
      throw new CommandError(`${path} is no .json, .ndjson or .zip file (or .gz of the first two) and no folder.`);
    }
    await this.#file(path, stats.size);
  }

  async #folder(path: string, depth: number): Promise<void> {
    const real = await realpath(path);
    // a link may lead back to where we came from
    if (this.#folders.has(real)) return;
    this.#folders.add(real);
    if (depth > DEEPEST) return void this.#leaveOut(path, `It lies more than ${DEEPEST} folders deep.`);
    const names: string[] = [];
    for await (const entry of await opendir(path)) names.push(entry.name);
    for (const name of names.sort()) await this.#below(join(path, name), depth + 1);
  }

  async #below(path: string, depth: number): Promise<void> {
    this.#signal.throwIfAborted();
    try {
      const stats = await stat(path);
      if (stats.isDirectory()) await this.#folder(path, depth);
      else if (stats.isFile()) await this.#file(path, stats.size);
    } catch (error) {
      const reason = systemError(error);
      if (reason === undefined) throw error;
      this.#leaveOut(path, reason);
    }
  }

  async #file(path: string, size: number): Promise<void> {
    const kind = kindOf(path);
    if (kind === undefined) return this.#ignore(path);
    if (this.found.sources.length >= MOST_FILES) {
      throw new CommandError(`There are more than ${MOST_FILES} files; import them folder by folder.`);
    }
    if (kind === 'zip') await this.#archive(path, size);
    else this.found.sources.push(fileSource(path, kind, size));
  }

  async #archive(path: string, size: number): Promise<void> {
    try {
      const archive = await openArchive(path, size);
      this.#archives.push(archive);
      this.found.sources.push(...archive.sources);
      this.found.leftOut.push(...archive.leftOut);
      for (const name of archive.ignored) this.#ignore(name);
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      this.#leaveOut(path, error.message);
    }
  }

  #leaveOut(file: string, reason: string): void {
    this.found.leftOut.push({ file, reason });
  }

  #ignore(path: string): void {
    const ending = extname(path).toLowerCase() || 'no ending';
    this.found.ignored.set(ending, (this.found.ignored.get(ending) ?? 0) + 1);
  }
}
