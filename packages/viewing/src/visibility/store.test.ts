import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSearch, type Resource } from '@meridian/fhir';
import { EVERYTHING, openRecords, type Records } from '@meridian/records';
import { testDatabase } from '@meridian/records/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DecisionTable } from '../decision/decision-table.ts';
import { openPolicies } from '../decision/policies.ts';
import { storeEvidence } from '../evidence.ts';
import { viewerOf } from '../testing/viewers.ts';
import { createVisibility, type Visibilities } from './visibility.ts';

const BASE = 'https://example.org/fhir';
const NOW = Date.parse('2026-06-15T10:00:00Z');
const DOCTOR = viewerOf({ actor: 'Practitioner/d', roles: ['western-practitioner'], organizations: ['ward'] });
const RECIPIENT = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'PRCP' }] };

let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: string;
let records: Records;
let visibilities: Visibilities;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'meridian-viewing-'));
  records = await openRecords({ database, dataFolder: folder, baseUrl: BASE });
  visibilities = createVisibility({
    evidence: storeEvidence(records.store, BASE),
    decisions: new DecisionTable(openPolicies()),
    grants: { inForce: async () => [] },
    clock: () => NOW,
    baseUrl: BASE,
  });
  for (const id of ['p', 'q']) {
    await put({ resourceType: 'Patient', id });
    await put({ resourceType: 'Observation', id: `o-${id}`, status: 'final', code: { text: 'x' }, subject: of(id) });
  }
});

afterAll(async () => {
  await records?.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

const SYSTEM = { actor: 'system', purpose: 'HOPERAT', requestId: 'test', visibility: EVERYTHING };
const of = (patient: string) => ({ reference: `Patient/${patient}` });

async function put(resource: Resource): Promise<void> {
  await records.store.write({ op: 'update', resource }, SYSTEM);
}

/** Ids of the Observations that the doctor finds, and reads. */
async function doctorSees(): Promise<{ found: string[]; read: string[] }> {
  const context = { actor: DOCTOR.actor, purpose: 'TREAT', requestId: 'test', visibility: visibilities.for(DOCTOR) };
  const query = parseSearch(['Observation'], [], { handling: 'strict', baseUrl: BASE });
  const { matches } = await records.store.search(query, context);
  const read: string[] = [];
  for (const id of ['o-p', 'o-q']) if (await records.store.read('Observation', id, context)) read.push(id);
  return { found: matches.map(({ id }) => id).sort(), read };
}

const both = (...ids: string[]) => ({ found: ids, read: ids });

test('on the real store, care opens a record, a No closes it and its withdrawal opens it again, each at once', async () => {
  expect(await doctorSees()).toEqual(both());
  const encounter = {
    ...{ resourceType: 'Encounter', id: 'e', status: 'in-progress', class: { code: 'AMB' }, subject: of('p') },
    ...{ participant: [{ individual: { reference: DOCTOR.actor } }], period: { start: '2026-06-10' } },
  };
  await put(encounter);
  expect(await doctorSees()).toEqual(both('o-p'));
  const consent = (patient: string, provision: object, status = 'active'): Resource => ({
    ...{ resourceType: 'Consent', id: `c-${patient}`, status, patient: of(patient), category: [{ text: 'privacy' }] },
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    provision,
  });
  const actor = [{ role: RECIPIENT, reference: { reference: DOCTOR.actor } }];
  await put(consent('p', { type: 'deny', actor }));
  expect(await doctorSees()).toEqual(both());
  await put(consent('q', { type: 'permit', actor }));
  expect(await doctorSees()).toEqual(both('o-q'));
  await put(consent('p', { type: 'deny', actor }, 'inactive'));
  await put(consent('q', { type: 'permit', actor }, 'inactive'));
  expect(await doctorSees()).toEqual(both('o-p'));
  await put({ ...encounter, status: 'cancelled' });
  expect(await doctorSees()).toEqual(both());
});
