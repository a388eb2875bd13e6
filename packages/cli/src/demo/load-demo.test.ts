import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { beforeEach, expect, test } from 'vitest';
import { mintedTokens } from '../connection/access-token.ts';
import { Client } from '../connection/client.ts';
import { temporaryFolder } from '../testing/run.ts';
import { type CommandServer, startServer } from '../testing/server.ts';
import { type DemoResult, loadDemo } from './load-demo.ts';

const POPULATION = { patients: 12, seed: 5, years: 5 };

let server: CommandServer;
let folder: string;
beforeEach(async () => {
  server = await startServer();
  folder = join(await temporaryFolder(), 'data');
  await mkdir(folder);
});

/** @param cutOff stops as soon as anything is stored */
async function load(until: string, cutOff = false): Promise<DemoResult | undefined> {
  const stop = new AbortController();
  const client = new Client({
    origin: server.running.url,
    token: mintedTokens(server.running.tokens, Date.now),
    patience: { total: 1000, first: 10, longest: 100 },
    now: Date.now,
    signal: stop.signal,
  });
  const add = () => {
    if (cutOff) stop.abort();
  };
  try {
    return await loadDemo({
      client,
      dataFolder: folder,
      population: { ...POPULATION, until },
      progress: () => ({ add, stop: () => undefined }),
      signal: stop.signal,
    });
  } finally {
    await client.close();
  }
}

test('loads once, whole, also when the first run was cut off and the second comes another day', async () => {
  await expect(load('2026-01-31', true)).rejects.toThrow();
  expect(await server.count('Organization')).toBeGreaterThan(0);
  expect(await server.count('Patient')).toBeLessThan(POPULATION.patients);
  const loaded = await load('2027-12-31');
  expect(loaded?.patients).toBe(POPULATION.patients);
  expect(await server.count('Patient')).toBe(POPULATION.patients);
  // the day of the first run is kept, so that nothing that was stored then has changed
  expect(await readFile(join(folder, 'demo.json'), 'utf8')).toContain('2026-01-31');
  const versions = await Promise.all(['Organization', 'Patient'].map((type) => versionsOf(type)));
  expect(new Set(versions.flat())).toEqual(new Set(['1']));
  expect(await load('2027-12-31')).toBeUndefined();
});

async function versionsOf(type: string): Promise<string[]> {
  const bundle = (await server.get(`/fhir/${type}?_count=1000`)) as {
    entry: { resource: { meta: { versionId: string } } }[];
  };
  return bundle.entry.map(({ resource }) => resource.meta.versionId);
}

test('never puts synthetic patients among others', async () => {
  const token = await mintedTokens(server.running.tokens, Date.now)();
  await request(`${server.running.url}/fhir/Patient/real`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Patient', id: 'real' }),
  });
  expect(await load('2026-01-31')).toBeUndefined();
  expect(await load('2026-01-31')).toBeUndefined();
  expect(await server.count('Patient')).toBe(1);
});
