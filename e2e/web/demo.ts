import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Server } from '../server.ts';

const LOADING_MS = 240_000;
const BUILD = join(import.meta.dirname, '..', '..', 'scripts', 'build-web.mjs');

/** Builds the pages if they are missing or stale; a server reads them when it starts. */
export async function builtPages(): Promise<void> {
  await promisify(execFile)(process.execPath, [BUILD]);
}

/** Waits until the demonstration's patients are loaded and its accounts can sign in. */
export async function loadedDemo(server: Server): Promise<void> {
  const until = Date.now() + LOADING_MS;
  while (!server.output().includes('Requests need a token')) {
    if (Date.now() > until) throw new Error(`the demonstration did not load:\n${server.output().slice(-1500)}`);
    await pause(200);
  }
}
