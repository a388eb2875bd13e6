import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError } from '../command-error.ts';

/** The unfinished export of a folder. */
export interface ExportState {
  /** What was asked for, to recognise the same command. */
  request: string;
  /** Where the server tells how far it is. */
  statusUrl: string;
}

const STATE = '.meridian-export.json';
const NEWLINE = 0x0a;

/** The folder that an export is written to. Files have their name when they are whole and on the disk. */
export class ExportFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * The export that an earlier run has not finished, if it asked for the same. Throws CommandError where the folder holds
   * something else: two exports must not mix.
   */
  async resume(request: string): Promise<ExportState | undefined> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const state = await this.#readState();
    if (state?.request === request) return state;
    if (state !== undefined) {
      throw new CommandError(`${this.path} holds an unfinished export of something else; choose another folder.`);
    }
    const names = await readdir(this.path);
    if (names.some((name) => name.endsWith('.ndjson'))) {
      throw new CommandError(`${this.path} holds NDJSON files already; choose another folder.`);
    }
    return undefined;
  }

  async remember(state: ExportState): Promise<void> {
    const path = join(this.path, STATE);
    await this.#sync(`${path}.part`, JSON.stringify(state));
    await rename(`${path}.part`, path);
  }

  async forget(): Promise<void> {
    await rm(join(this.path, STATE), { force: true });
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name));
  }

  /** Writes a file and gives the number of its lines. */
  async write(name: string, content: Readable): Promise<number> {
    const path = join(this.path, name);
    const part = `${path}.part`;
    const lines = new LineCount();
    await pipeline(content, (chunks) => lines.pass(chunks), createWriteStream(part, { mode: 0o600, flush: true }));
    await rename(part, path);
    return lines.count;
  }

  async linesOf(name: string): Promise<number> {
    const lines = new LineCount();
    for await (const chunk of lines.pass(createReadStream(join(this.path, name)))) void chunk;
    return lines.count;
  }

  /** Takes away what an export has written that will not be finished. */
  async clear(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await rm(join(this.path, name), { force: true });
      await rm(join(this.path, `${name}.part`), { force: true });
    }
    await this.forget();
  }

  async #readState(): Promise<ExportState | undefined> {
    try {
      return JSON.parse(await readFile(join(this.path, STATE), 'utf8')) as ExportState;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new CommandError(`${join(this.path, STATE)} cannot be read; remove the folder and export again.`);
    }
  }

  async #sync(path: string, text: string): Promise<void> {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Counts the lines that pass; the last need not end with a line break. */
class LineCount {
  count = 0;

  async *pass(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let last = NEWLINE;
    for await (const chunk of chunks) {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) this.count++;
      last = chunk.at(-1) ?? last;
      yield chunk;
    }
    if (last !== NEWLINE) this.count++;
  }
}
