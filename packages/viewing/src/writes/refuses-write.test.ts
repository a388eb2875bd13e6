import type { Resource } from '@meridian/fhir';
import { labelsOf, type WriteAttempt } from '@meridian/records';
import { expect, test } from 'vitest';
import { DecisionTable } from '../decision/decision-table.ts';
import { openPolicies } from '../decision/policies.ts';
import { viewerOf } from '../testing/viewers.ts';
import { numberOf, World } from '../testing/world.ts';
import type { Viewer } from '../viewer.ts';
import { createVisibility } from '../visibility/visibility.ts';

const decisions = new DecisionTable(openPolicies());
const NOW = Date.parse('2026-06-15T10:00:00Z');
const ENCOUNTER: Resource = {
  ...{ resourceType: 'Encounter', id: 'e', status: 'in-progress', subject: { reference: 'Patient/p' } },
  ...{ participant: [{ individual: { reference: 'Practitioner/d' } }], period: { start: '2026-06-10' } },
  serviceProvider: { reference: 'Organization/ward' },
};
const DOCTOR = viewerOf({ actor: 'Practitioner/d', roles: ['western-practitioner'], organizations: ['ward'] });
const COLLEAGUE = { ...DOCTOR, actor: 'Practitioner/x' };
const PATIENT = viewerOf({ actor: 'Patient/p', roles: ['patient'], patientId: 'p', purpose: 'PATRQT' });
const ADMINISTRATOR = viewerOf({ actor: 'Practitioner/a', roles: ['administrator'], purpose: 'HOPERAT' });

const security = (...codes: [string, string][]) => ({
  meta: { security: codes.map(([system, code]) => ({ system, code })) },
});
const PSY: [string, string] = ['http://terminology.hl7.org/CodeSystem/v3-ActCode', 'PSY'];
const REMOVED: [string, string] = ['urn:meridian:viewing-label', 'removed'];
const REPORTED: [string, string] = ['http://terminology.hl7.org/CodeSystem/v3-ObservationValue', 'PATRPT'];

function record(type: string, more: object = {}): Resource {
  return { resourceType: type, id: 'r', subject: { reference: 'Patient/p' }, ...more };
}

async function refused(viewer: Viewer, before: Resource | undefined, after: Resource | undefined, patient = 'p') {
  const world = new World([{ resourceType: 'Patient', id: 'p' }, ENCOUNTER]);
  const side = (resource: Resource | undefined) =>
    resource && { json: Buffer.from(JSON.stringify(resource)), labels: labelsOf(resource, []) };
  const change: WriteAttempt = {
    action: before ? (after ? 'update' : 'delete') : 'create',
    type: (after ?? before)?.resourceType as string,
    ...{ id: 'r', patient: patient === '' ? 0n : numberOf(patient), before: side(before), after: side(after) },
  };
  const sentence = await createVisibility({
    ...{ evidence: world.evidence, decisions, clock: () => NOW },
    grants: { inForce: async () => [] },
  })
    .for(viewer)
    .refusesWrite(change);
  return sentence !== undefined;
}

test('who has the patient in care writes clinical records, and nobody else', async () => {
  expect(await refused(DOCTOR, undefined, record('Observation'))).toBe(false);
  expect(await refused(COLLEAGUE, undefined, record('Observation'))).toBe(false);
  expect(await refused({ ...COLLEAGUE, organizations: [] }, undefined, record('Observation'))).toBe(true);
  expect(await refused(DOCTOR, undefined, record('Observation'), 'q')).toBe(true);
  expect(await refused(ADMINISTRATOR, undefined, record('Observation'))).toBe(true);
  expect(await refused({ ...DOCTOR, scope: 'user/*.rs' }, undefined, record('Observation'))).toBe(true);
  expect(await refused(DOCTOR, undefined, record('Consent'))).toBe(true);
});

test("a note is its author's: others amend it and keep its authors", async () => {
  const note = record('Composition', { status: 'final', title: 'a', author: [{ reference: 'Practitioner/d' }] });
  const changed = { ...note, title: 'b' };
  expect(await refused(DOCTOR, note, changed)).toBe(false);
  expect(await refused(COLLEAGUE, note, changed)).toBe(true);
  expect(await refused(COLLEAGUE, note, undefined)).toBe(true);
  const both = [{ reference: 'Practitioner/x' }, { reference: 'Practitioner/d' }];
  expect(await refused(COLLEAGUE, note, { ...changed, status: 'amended', author: both })).toBe(false);
  expect(await refused(COLLEAGUE, note, { ...changed, status: 'amended', author: both.slice(0, 1) })).toBe(true);
});

test('patients write consents and what they report, raise labels, remove and bring back; nothing else', async () => {
  const consent = { resourceType: 'Consent', id: 'r', patient: { reference: 'Patient/p' } };
  expect(await refused(PATIENT, undefined, consent)).toBe(false);
  expect(await refused(PATIENT, undefined, consent, 'q')).toBe(true);
  const reported = record('Observation', { performer: [{ reference: 'Patient/p' }], ...security(REPORTED) });
  expect(await refused(PATIENT, undefined, reported)).toBe(false);
  expect(await refused(PATIENT, undefined, { ...reported, meta: {} })).toBe(true);
  expect(await refused(PATIENT, undefined, { ...reported, performer: [{ reference: 'Practitioner/d' }] })).toBe(true);
  const plain = record('Observation', { status: 'final' });
  const labelled = { ...plain, ...security(PSY) };
  expect(await refused(PATIENT, plain, labelled)).toBe(false);
  expect(await refused(PATIENT, plain, { ...labelled, status: 'cancelled' })).toBe(true);
  expect(await refused(PATIENT, labelled, plain)).toBe(true);
  expect(await refused(PATIENT, plain, { ...plain, ...security(REMOVED) })).toBe(false);
  expect(await refused(PATIENT, { ...plain, ...security(REMOVED) }, plain)).toBe(false);
  expect(await refused(PATIENT, plain, undefined)).toBe(true);
});

test('labels are lowered by the author only, and only the patient removes', async () => {
  const mine = record('Observation', { performer: [{ reference: 'Practitioner/d' }], ...security(PSY) });
  expect(await refused(DOCTOR, mine, { ...mine, meta: {} })).toBe(false);
  const others = { ...mine, performer: [{ reference: 'Practitioner/z' }] };
  expect(await refused(DOCTOR, others, { ...others, meta: {} })).toBe(true);
  expect(await refused(DOCTOR, mine, { ...mine, ...security(PSY, REMOVED) })).toBe(true);
  expect(await refused(DOCTOR, undefined, { ...mine, ...security(REMOVED) })).toBe(true);
});

test('the administrator writes the directory; a program what its scopes say', async () => {
  const ward = { resourceType: 'Organization', id: 'r' };
  expect(await refused(ADMINISTRATOR, undefined, ward, '')).toBe(false);
  expect(await refused(DOCTOR, undefined, ward, '')).toBe(true);
  const system = viewerOf({ actor: 'system', roles: ['system'], scope: 'system/Observation.c' });
  expect(await refused(system, undefined, record('Observation'))).toBe(false);
  expect(await refused(system, undefined, record('Condition'))).toBe(true);
});
