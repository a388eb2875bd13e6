import type { Resource } from '@meridian/fhir';
import { describe, expect, test } from 'vitest';
import { DecisionTable } from '../decision/decision-table.ts';
import { openPolicies } from '../decision/policies.ts';
import type { Grant } from '../grants/grant.ts';
import { reasons, ruleAdmits } from '../rules/evaluate.ts';
import { viewerOf } from '../testing/viewers.ts';
import { numberOf, World } from '../testing/world.ts';
import type { Viewer } from '../viewer.ts';
import { createVisibility } from './visibility.ts';

const decisions = new DecisionTable(openPolicies());
const NOW = Date.parse('2026-06-15T10:00:00Z');
const DAY = 86_400_000;

const DOCTOR = viewerOf({ actor: 'Practitioner/d', roles: ['western-practitioner'], organizations: ['ward'] });
const PATIENT = viewerOf({ actor: 'Patient/p', roles: ['patient'], patientId: 'p', purpose: 'PATRQT' });

function observation(id: string, patient: string, more: Partial<Resource> = {}): Resource {
  return {
    ...{
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: id }] },
    },
    subject: { reference: `Patient/${patient}` },
    ...more,
  };
}

function encounter(patient: string, more: Partial<Resource> = {}): Resource {
  return {
    ...{ resourceType: 'Encounter', id: `e-${patient}`, status: 'in-progress', class: { code: 'AMB' } },
    subject: { reference: `Patient/${patient}` },
    participant: [{ individual: { reference: 'Practitioner/d' } }],
    period: { start: '2026-06-10' },
    ...more,
  };
}

function consent(id: string, patient: string, provision: object, status = 'active'): Resource {
  return {
    ...{ resourceType: 'Consent', id, status, patient: { reference: `Patient/${patient}` } },
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ text: 'privacy' }],
    provision,
  };
}

const TO_DOCTOR = {
  role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'PRCP' }] },
  reference: { reference: 'Practitioner/d' },
};

interface Set {
  world: World;
  grants?: Grant[];
  now?: () => number;
}

/** Ids of Observations that a viewer sees, named patient by patient and across all. */
async function sees(
  viewer: Viewer,
  { world, grants = [], now = () => NOW }: Set,
): Promise<{ named: string[]; across: string[] }> {
  const visibility = createVisibility({
    ...{ evidence: world.evidence, decisions, clock: now },
    grants: { inForce: async () => grants.filter((grant) => grant.actor === viewer.actor) },
  }).for(viewer);
  const records = world.seen().filter(({ resource }) => resource.resourceType === 'Observation');
  const across = await visibility.ruleFor({ types: ['Observation'] });
  const named: string[] = [];
  for (const record of records) {
    const rule = await visibility.ruleFor({ types: ['Observation'], patient: record.patient });
    if (ruleAdmits(rule, record)) named.push(record.resource.id as string);
  }
  return { named, across: records.filter((record) => ruleAdmits(across, record)).map((r) => r.resource.id as string) };
}

const both = (...ids: string[]) => ({ named: ids, across: ids });

describe('under care', () => {
  test('who treats sees the record, and nobody else does', async () => {
    const world = new World([observation('a', 'p'), observation('b', 'q'), encounter('p')]);
    expect(await sees(DOCTOR, { world })).toEqual(both('a'));
    expect(await sees(viewerOf({ actor: 'Practitioner/x', roles: ['nurse'] }), { world })).toEqual(both());
    expect(await sees({ ...DOCTOR, purpose: 'HRESCH' }, { world })).toEqual(both());
    expect(await sees({ ...DOCTOR, roles: [] }, { world })).toEqual(both());
    expect(await sees({ ...DOCTOR, scope: 'openid user/Patient.rs' }, { world })).toEqual(both());
  });

  test('care ends by itself', async () => {
    const finished = encounter('p', { status: 'finished', period: { start: '2026-06-01', end: '2026-06-02' } });
    const world = new World([observation('a', 'p'), finished]);
    const at = (text: string) => sees(DOCTOR, { world, now: () => Date.parse(text) });
    expect(await at('2026-07-02T12:00:00Z')).toEqual(both('a'));
    expect(await at('2026-07-04T00:00:00Z')).toEqual(both());
    expect(await at('2026-05-31T00:00:00Z')).toEqual(both());
  });

  test('colleagues at the organisation see what is normal, who treats what is sensitive too', async () => {
    const security = (code: string) => ({
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code }] },
    });
    const records = [
      observation('a', 'p'),
      observation('psy', 'p', security('PSY')),
      observation('eth', 'p', security('ETH')),
    ];
    const here = encounter('p', { serviceProvider: { reference: 'Organization/ward' } });
    const world = new World([...records, here]);
    expect(await sees(DOCTOR, { world })).toEqual(both('a', 'psy'));
    expect(await sees({ ...DOCTOR, actor: 'Practitioner/colleague' }, { world })).toEqual(both('a'));
  });
});

describe('consent', () => {
  const records = [observation('a', 'p'), observation('b', 'p'), encounter('p')];

  test("the patient's No closes, for everybody or for one, and its exceptions open", async () => {
    const coded = { code: [{ coding: [{ system: 'http://loinc.org', code: 'a' }] }] };
    const world = new World([...records, consent('c', 'p', { type: 'deny', ...coded })]);
    expect(await sees(DOCTOR, { world })).toEqual(both('b'));
    world.put(
      consent('c', 'p', {
        type: 'deny',
        actor: [TO_DOCTOR],
        provision: [{ type: 'permit', actor: [TO_DOCTOR], ...coded }],
      }),
    );
    expect(await sees(DOCTOR, { world })).toEqual(both('a'));
  });

  test("the patient's Yes opens to somebody who does not treat, for its time and purpose", async () => {
    const permit = { type: 'permit', actor: [TO_DOCTOR], period: { start: '2026-06-01', end: '2026-06-30' } };
    const world = new World([observation('a', 'p'), consent('c', 'p', permit)]);
    expect(await sees(DOCTOR, { world })).toEqual(both('a'));
    expect(await sees(DOCTOR, { world, now: () => NOW + 30 * DAY })).toEqual(both());
    world.put(consent('c', 'p', permit, 'inactive'));
    expect(await sees(DOCTOR, { world })).toEqual(both());
  });

  test('withdrawal counts in the next request, for a visibility that is already open', async () => {
    const world = new World([observation('a', 'p'), consent('c', 'p', { type: 'permit', actor: [TO_DOCTOR] })]);
    const visibility = createVisibility({
      ...{ evidence: world.evidence, decisions, clock: () => NOW },
      grants: { inForce: async () => [] },
    }).for(DOCTOR);
    const [record] = world.seen();
    const open = async (scope: { patient?: bigint }) =>
      record !== undefined && ruleAdmits(await visibility.ruleFor({ types: ['Observation'], ...scope }), record);
    const asked = async () => [await open({}), await open({ patient: numberOf('p') })];
    expect(await asked()).toEqual([true, true]);
    const before = world.asked;
    expect(await asked()).toEqual([true, true]);
    expect(world.asked).toBe(before);
    world.put(consent('c', 'p', { type: 'permit', actor: [TO_DOCTOR] }, 'inactive'));
    expect(await asked()).toEqual([false, false]);
  });

  test('a reason names policy, Encounter and Consent', async () => {
    const world = new World([...records, consent('c', 'p', { type: 'permit', actor: [TO_DOCTOR] })]);
    const visibility = createVisibility({
      ...{ evidence: world.evidence, decisions, clock: () => NOW },
      grants: { inForce: async () => [] },
    }).for(DOCTOR);
    const rule = await visibility.ruleFor({ types: ['Observation'], patient: numberOf('p') });
    const [record] = world.seen();
    expect(record && reasons(rule, record)).toEqual(['consent-permit+treating-person Encounter/e-p Consent/c']);
  });
});

test("patients see their own record but nobody else's, what they removed included; nobody else sees that", async () => {
  const removed = { meta: { security: [{ system: 'urn:meridian:viewing-label', code: 'removed' }] } };
  const world = new World([
    observation('a', 'p'),
    observation('r', 'p', removed),
    observation('b', 'q'),
    encounter('p'),
  ]);
  expect(await sees(PATIENT, { world })).toEqual(both('a', 'r'));
  expect(await sees(DOCTOR, { world })).toEqual(both('a'));
  const glass: Grant = {
    ...{ id: 'g', kind: 'break-glass', account: 'd', actor: 'Practitioner/d', patientId: 'p', purposes: ['BTG'] },
    scope: { types: [], sensitivities: [], records: [] },
    ...{ from: 0, until: NOW + DAY, viewsLeft: undefined, keyThumbprint: undefined, ended: undefined },
  };
  expect(await sees({ ...DOCTOR, purpose: 'BTG' }, { world, grants: [glass] })).toEqual(both('a'));
});

test("break-glass overrides the patient's No within its scope, only for an emergency", async () => {
  const world = new World([observation('a', 'p'), consent('c', 'p', { type: 'deny' })]);
  const glass: Grant = {
    ...{ id: 'g', kind: 'break-glass', account: 'd', actor: 'Practitioner/d', patientId: 'p', purposes: ['BTG'] },
    scope: { types: ['Observation'], sensitivities: [], records: [] },
    ...{ from: 0, until: NOW + DAY, viewsLeft: undefined, keyThumbprint: undefined, ended: undefined },
  };
  expect(await sees({ ...DOCTOR, purpose: 'BTG' }, { world, grants: [glass] })).toEqual(both('a'));
  expect(await sees({ ...DOCTOR, purpose: 'HOPERAT' }, { world, grants: [glass] })).toEqual(both());
  const approval: Grant = { ...glass, kind: 'approval', purposes: ['TREAT'] };
  expect(await sees(DOCTOR, { world, grants: [approval] })).toEqual(both());
  expect(await sees(DOCTOR, { world: new World([observation('a', 'p')]), grants: [approval] })).toEqual(both('a'));
});

test('a system token sees all that its scopes name, by one rule', async () => {
  const system = viewerOf({ actor: 'system', roles: ['system'], scope: 'system/*.rs', purpose: 'HOPERAT' });
  const world = new World([observation('a', 'p'), consent('c', 'p', { type: 'deny' })]);
  expect(await sees(system, { world })).toEqual(both('a'));
  expect(await sees({ ...system, scope: 'system/Patient.rs' }, { world })).toEqual(both());
});
