import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Server } from './server.ts';

/** What somebody sees who starts Meridian for the first time, and for the second. */
const PATIENTS = 100;
const LOADING_MS = 180_000;

let server: Server | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

test('the first start loads the demo patients and says where to look, the second loads nothing', async () => {
  server = await Server.start({ MERIDIAN_DEMO: '1' });
  const before = await total(server, 'Patient');
  await loaded(server, 1);
  const first = await counts(server);
  expect(first.Patient).toBe(PATIENTS);
  expect(first.Observation).toBeGreaterThan(PATIENTS);
  expect(before, 'the server answers while it loads').toBeLessThanOrEqual(PATIENTS);
  const said = server.output();
  expect(said).toContain(`${server.origin}/fhir`);
  expect(said).toMatch(/100 synthetic patients/);
  expect(said).toMatch(/meridian token --system/);

  expect(await server.stop()).toBe(0);
  const begun = performance.now();
  await server.start();
  expect(performance.now() - begun).toBeLessThan(15_000);
  await loaded(server, 2);
  expect(await counts(server)).toEqual(first);
  expect(server.output().match(/Loaded 100 synthetic patients/g)).toHaveLength(1);
  expect(await versionsBeyondFirst(server)).toBe(0);
});

test('killed while it loads, the next start completes the demo with nothing twice', async () => {
  server = await Server.start({ MERIDIAN_DEMO: '1' });
  let kills = 0;
  // as far as something is there, but not everything
  for (const share of [0.05, 0.4]) {
    while ((await total(server, 'Patient')) < PATIENTS * share) await pause(20);
    if (!server.output().includes('Loaded 100')) kills++;
    await server.kill();
    await server.start();
  }
  expect(kills).toBeGreaterThan(0);
  await loaded(server, 1);
  const { Patient, Observation, Encounter } = await counts(server);
  const identifiers = await identifiersOf(server);
  expect({ patients: Patient, identifiers: new Set(identifiers).size }).toEqual({
    patients: PATIENTS,
    identifiers: PATIENTS,
  });
  const once = await Server.start({ MERIDIAN_DEMO: '1' });
  try {
    await loaded(once, 1);
    expect(await counts(once)).toEqual({ Patient, Observation, Encounter });
  } finally {
    await once.close();
  }
});

/** Waits until the server has said for the `times`-th time what to try, which it does when loading is over. */
async function loaded(one: Server, times: number): Promise<void> {
  const until = Date.now() + LOADING_MS;
  while ((one.output().match(/Requests need a token/g)?.length ?? 0) < times) {
    if (Date.now() > until) throw new Error(`the demo did not load:\n${one.output().slice(-1500)}`);
    await pause(100);
  }
  expect(one.output()).not.toContain('is not complete');
}

async function counts(one: Server): Promise<Record<string, number>> {
  const types = ['Patient', 'Observation', 'Encounter'];
  return Object.fromEntries(await Promise.all(types.map(async (type) => [type, await total(one, type)] as const)));
}

async function total(one: Server, type: string): Promise<number> {
  return (await one.must('GET', `${type}?_summary=count`)).json.total ?? -1;
}

async function identifiersOf(one: Server): Promise<string[]> {
  const { json } = await one.must('GET', `Patient?_count=${PATIENTS * 2}`);
  return (json.entry ?? []).map(({ resource }) => JSON.stringify(resource?.identifier));
}

async function versionsBeyondFirst(one: Server): Promise<number> {
  const database = await one.database();
  const { rows } = await database.pool({ size: 1 }).query('SELECT count(*)::int4 AS count FROM resource_history');
  await database.close();
  return rows[0].count;
}
