import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../command-error.ts';

const MOST_FILES = 1_000_000;
const DEEPEST = 64;

/** The files that are named and those below folders that are named, in the order of their names. Links are not followed. */
export async function filesBelow(paths: readonly string[], signal: AbortSignal): Promise<string[]> {
  const files: string[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    signal.throwIfAborted();
    if (depth > DEEPEST)
      throw new CommandError(`There are folders more than ${DEEPEST} deep; convert them one by one.`);
    const entries = [];
    for await (const entry of await opendir(folder)) entries.push(entry);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await walk(path, depth + 1);
      else if (entry.isFile()) files.push(path);
      if (files.length > MOST_FILES)
        throw new CommandError('There are more than a million files; convert folder by folder.');
    }
  };
  for (const path of paths) {
    const stats = await stat(path).catch(() => {
      throw new CommandError(`${path} cannot be read; check its name.`);
    });
    if (stats.isDirectory()) await walk(path, 0);
    else files.push(path);
  }
  return files;
}
