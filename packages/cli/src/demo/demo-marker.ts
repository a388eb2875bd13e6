import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { PopulationOptions } from '@meridian/population';
import { CommandError } from '../command-error.ts';

/**
 * What the data folder remembers about the demonstration population. It is written before loading begins, so that a run
 * that was killed is followed by one that loads the same patients, and again when all of them are in.
 */
export interface DemoMarker {
  state: 'loading' | 'loaded' | 'declined';
  population: PopulationOptions;
}

const FILE = 'demo.json';

export async function readMarker(dataFolder: string): Promise<DemoMarker | undefined> {
  const path = join(dataFolder, FILE);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as DemoMarker;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new CommandError(`${path} cannot be read; remove it, or start with --no-demo.`);
  }
}

/** Whole or not at all, and on the disk when it returns. */
export async function writeMarker(dataFolder: string, marker: DemoMarker): Promise<void> {
  const path = join(dataFolder, FILE);
  const file = await open(`${path}.part`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(marker)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}
