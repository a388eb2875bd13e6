import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AnchorState, type AnchorStore, formatAnchorState, parseAnchorState } from './anchor-state.ts';

/** Keeps the state in a file of its own. One process at a time. */
export class FileAnchorStore implements AnchorStore {
  readonly #path: string;

  /** @param path in a folder that exists */
  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<AnchorState> {
    try {
      return parseAnchorState(await readFile(this.#path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
  }

  save(state: AnchorState): Promise<void> {
    return writeDurably(this.#path, formatAnchorState(state));
  }
}

/** Replaces a file: after a crash it holds the old text or the new, and the new once this has come back. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  if (process.platform === 'win32') return;
  // The new name is safe only when its folder is.
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
