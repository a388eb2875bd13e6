import type { Stats } from 'node:fs';
import { mkdir, open, opendir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type ChunkStore, type ListedObject, parseObjectName } from './chunk-store.ts';
import { FolderSync } from './folder-sync.ts';
import type { ObjectKind } from './format.ts';

export interface FileChunkStoreOptions {
  /** An existing folder on a local disk, used by nothing else. */
  folder: string;
  /** A part of a file name that nobody else uses, such as a UUID: names temporary files. */
  unique: () => string;
}

const HEX_NAME = /^[0-9a-f]+$/;
const PAIR = /^[0-9a-f]{2}$/;
const TEMPORARY = /^\.[0-9A-Za-z-]+\.tmp$/;
const KINDS: readonly ObjectKind[] = ['blob', 'list', 'chunk'];

/**
 * Objects as files: `<folder>/<aa>/<bb>/<owner>/<kind>/<name>`, `aa` and `bb` being the first digits of the owner, so that
 * no folder holds more than a 65,536th of the owners. Folders are 0700, files 0600.
 */
export class FileChunkStore implements ChunkStore {
  readonly #folder: string;
  readonly #unique: () => string;
  readonly #folders = new FolderSync();
  /** Folders that this process has made durable, or found and synced, up to the store's own. */
  readonly #durable = new LRUCache<string, true>({ max: 10_000 });

  constructor(options: FileChunkStoreOptions) {
    this.#folder = options.folder;
    this.#unique = options.unique;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(name);
    const folder = dirname(path);
    const temporary = join(folder, `.${this.#unique()}.tmp`);
    try {
      await this.#writeSynced(temporary, bytes);
      // The bytes are on disk before the name points at them, and the name is on disk before we say so.
      await rename(temporary, path);
      await this.#folders.sync(folder);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  async get(name: string, limit: number): Promise<Buffer | undefined> {
    const handle = await absentAsUndefined(open(this.#path(name), 'r'));
    if (!handle) return undefined;
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.allocUnsafe(Math.min(size, limit));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await handle.close();
    }
  }

  async has(name: string): Promise<boolean> {
    const path = this.#path(name);
    if (!(await absentAsUndefined(stat(path)))) return false;
    // Another put may have renamed it a moment ago, or a process may have died between rename and sync.
    await this.#makeFolder(dirname(path));
    await this.#folders.sync(dirname(path));
    return true;
  }

  async delete(name: string): Promise<void> {
    const path = this.#path(name);
    const gone = await absentAsUndefined(unlink(path).then(() => true));
    if (gone) await this.#folders.sync(dirname(path));
  }

  async *list(owner: string, kind: ObjectKind): AsyncGenerator<ListedObject> {
    const folder = join(this.#ownerFolder(owner), kind);
    for await (const entry of entries(folder)) {
      if (!HEX_NAME.test(entry)) continue;
      const stats: Stats | undefined = await absentAsUndefined(stat(join(folder, entry)));
      if (stats) yield { name: `${owner}/${kind}/${entry}`, modified: stats.mtimeMs };
    }
  }

  async *owners(): AsyncGenerator<string> {
    for await (const first of entries(this.#folder)) {
      if (!PAIR.test(first)) continue;
      for await (const second of entries(join(this.#folder, first))) {
        if (!PAIR.test(second)) continue;
        for await (const owner of entries(join(this.#folder, first, second))) if (HEX_NAME.test(owner)) yield owner;
      }
    }
  }

  async deleteOwner(owner: string): Promise<void> {
    const folder = this.#ownerFolder(owner);
    for (const kind of KINDS) this.#durable.delete(join(folder, kind));
    await rm(folder, { recursive: true, force: true });
    // The fan-out folders stay: they say nothing about anybody, and a put of a neighbour may be about to use them.
    await absentAsUndefined(this.#folders.sync(dirname(folder)));
  }

  async tidy(owner: string, olderThan: number): Promise<void> {
    for (const kind of KINDS) {
      const folder = join(this.#ownerFolder(owner), kind);
      for await (const entry of entries(folder)) {
        if (!TEMPORARY.test(entry)) continue;
        const path = join(folder, entry);
        const stats = await absentAsUndefined(stat(path));
        if (stats && stats.mtimeMs < olderThan) await absentAsUndefined(unlink(path));
      }
    }
  }

  #path(name: string): string {
    const { owner, kind, hex } = parseObjectName(name);
    return join(this.#ownerFolder(owner), kind, hex);
  }

  #ownerFolder(owner: string): string {
    if (!HEX_NAME.test(owner)) throw new TypeError('Not the name of a blob owner.');
    return join(this.#folder, owner.slice(0, 2), owner.slice(2, 4), owner);
  }

  async #writeSynced(path: string, bytes: Uint8Array): Promise<void> {
    const handle = await this.#create(path);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #create(path: string) {
    const folder = dirname(path);
    await this.#makeFolder(folder);
    const create = () => open(path, 'wx', 0o600);
    const handle = await absentAsUndefined(create());
    if (handle) return handle;
    // Another process removed the owner's folder since we made it durable.
    this.#durable.delete(folder);
    await this.#makeFolder(folder);
    return create();
  }

  /**
   * Makes what is missing of a folder's path, and all of it durable. A step that exists is synced too: who made it may
   * have died, or be still about to sync it.
   */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#durable.has(folder)) return;
    // The store's own folder is the caller's: if it vanishes (an unmounted disk), nothing is made in its place.
    const below = folder.slice(this.#folder.length).split(/[\\/]/).filter(Boolean);
    let parent = this.#folder;
    for (const step of below) {
      const child = join(parent, step);
      await mkdir(child, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await this.#folders.sync(parent);
      parent = child;
    }
    this.#durable.set(folder, true);
  }
}

/** The names in a folder; none where there is no such folder. */
async function* entries(folder: string): AsyncGenerator<string> {
  const directory = await absentAsUndefined(opendir(folder));
  if (!directory) return;
  for await (const entry of directory) yield entry.name;
}

async function absentAsUndefined<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
