import { open } from 'node:fs/promises';

/**
 * Makes the entries of a folder durable (POSIX: a rename or unlink survives a power cut only after fsync of the folder).
 *
 * Group commit: callers that come while a sync of the folder runs share the next one, since the running one may have
 * started before their change.
 */
export class FolderSync {
  readonly #running = new Map<string, { now: Promise<void>; next: Promise<void> | undefined }>();

  sync(folder: string): Promise<void> {
    const state = this.#running.get(folder);
    if (!state) return this.#start(folder);
    state.next ??= state.now.then(
      () => this.#start(folder),
      () => this.#start(folder),
    );
    return state.next;
  }

  #start(folder: string): Promise<void> {
    const state: { now: Promise<void>; next: Promise<void> | undefined } = { now: syncFolder(folder), next: undefined };
    this.#running.set(folder, state);
    const end = () => {
      // With a successor waiting, its own start replaces this state.
      if (!state.next) this.#running.delete(folder);
    };
    state.now.then(end, end);
    return state.now;
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder for fsync; NTFS journals its entries by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
