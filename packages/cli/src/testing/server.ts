import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase } from '@meridian/records/testing';
import { type RunningServer, readConfig, serve } from '@meridian/server';
import { request } from 'undici';
import { afterAll } from 'vitest';

export interface CommandServer {
  running: RunningServer;
  /** Its data folder. */
  folder: string;
  /** The options that lead a command to it. */
  options: string[];
  /** Keeps the journal out of the home of whoever runs the tests. */
  environment: Record<string, string>;
  /** How many resources a search such as `Observation?status=final` finds. */
  count(search: string): Promise<number>;
  get(path: string): Promise<unknown>;
}

/** A server on a database of its own, for the tests of a file. */
export async function startServer(): Promise<CommandServer> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-cli-server-'));
  const database = await testDatabase();
  const config = readConfig({ MERIDIAN_PORT: '0', MERIDIAN_DATA: folder, MERIDIAN_LOG: 'silent' });
  const running = await serve(config, { database });
  afterAll(async () => {
    await running.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  const token = await running.tokens.mint({ actor: 'test', system: true, expiresInSeconds: 3600 });
  const get = async (path: string): Promise<unknown> => {
    const answer = await request(`${running.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return answer.body.json();
  };
  return {
    running,
    folder,
    options: ['--server', running.url, '--data', folder],
    environment: { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') },
    get,
    count: async (search) => {
      const bundle = (await get(`/fhir/${search}${search.includes('?') ? '&' : '?'}_summary=count`)) as {
        total?: number;
      };
      return bundle.total ?? -1;
    },
  };
}
