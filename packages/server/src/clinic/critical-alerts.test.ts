import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERYTHING, openRecords, type Records } from '@meridian/records';
import { testDatabase } from '@meridian/records/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CriticalAlerts } from './critical-alerts.ts';

const BASE = 'http://here.example/fhir';
const MINUTE = 60_000;
const POLICY = {
  levels: [
    { recipients: ['Practitioner/a'], minutes: 15 },
    { recipients: ['Practitioner/b', 'Practitioner/c'], minutes: 30 },
  ],
};

let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: string;
let records: Records;
let alerts: CriticalAlerts;
let now = Date.parse('2026-06-01T08:00:00Z');
const told: { accounts: readonly string[]; about: string }[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'meridian-critical-'));
  records = await openRecords({ database, dataFolder: folder, baseUrl: BASE });
  alerts = new CriticalAlerts({
    ...{ vault: records.vault, store: records.store, now: () => now },
    notices: {
      tellAccounts: async (accounts, { about }) => {
        told.push({ accounts, about });
      },
    },
    accountsAs: async (reference) => [`account of ${reference}`],
    onFault: (error) => faults.push(error),
  });
});
afterAll(async () => {
  await alerts?.close();
  await records?.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

async function task(id: string): Promise<unknown> {
  const stored = await records.store.read('Task', id, {
    ...{ actor: 'system', purpose: 'TREAT', requestId: 'r', visibility: EVERYTHING },
  });
  return JSON.parse(stored?.json?.toString('utf8') ?? 'null');
}

test('goes from level to level by time, and ends with an acknowledgement', async () => {
  await alerts.open('Observation/o', '2823-3 7.1 mmol/L', 'p', POLICY);
  await alerts.open('Observation/o', '2823-3 7.1 mmol/L', 'p', POLICY);
  expect(told.map(({ accounts }) => accounts)).toEqual([['account of Practitioner/a']]);
  const id = told[0]?.about.slice('Task/'.length) ?? '';
  expect(await task(id)).toMatchObject({ status: 'received', owner: { reference: 'Practitioner/a' } });

  now += 14 * MINUTE;
  await alerts.sweep();
  expect(told).toHaveLength(1);
  now += 2 * MINUTE;
  await alerts.sweep();
  expect(told[1]?.accounts).toEqual(['account of Practitioner/b', 'account of Practitioner/c']);

  now += 60 * MINUTE;
  await alerts.sweep();
  expect(told).toHaveLength(2);
  const context = { actor: 'Practitioner/c', purpose: 'TREAT', requestId: 'r' };
  const at = new Date(now).toISOString();
  await alerts.acknowledge(id, { kind: 'acknowledged', at, by: 'Practitioner/c', readBack: true }, context);
  expect(await task(id)).toMatchObject({ status: 'completed', owner: { reference: 'Practitioner/c' } });
  await alerts.sweep();
  expect(told).toHaveLength(2);
  expect(faults).toEqual([]);
});

test('a corrected value is another alert; a Task that is none is not found', async () => {
  await alerts.open('Observation/o', '2823-3 7.4 mmol/L', 'p', POLICY);
  expect(told).toHaveLength(3);
  const event = {
    kind: 'acknowledged',
    at: new Date(now).toISOString(),
    by: 'Practitioner/a',
    readBack: true,
  } as const;
  const context = { actor: 'Practitioner/a', purpose: 'TREAT', requestId: 'r' };
  await expect(alerts.acknowledge('nothing', event, context)).rejects.toMatchObject({ status: 404 });
});
