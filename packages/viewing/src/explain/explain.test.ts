import type { Resource } from '@meridian/fhir';
import { expect, test } from 'vitest';
import { DecisionTable } from '../decision/decision-table.ts';
import { openPolicies } from '../decision/policies.ts';
import { viewerOf } from '../testing/viewers.ts';
import { World } from '../testing/world.ts';
import { createVisibility } from '../visibility/visibility.ts';
import { explain } from './explain.ts';

const DOCTOR = viewerOf({ actor: 'Practitioner/d', roles: ['western-practitioner'] });
const RECORD: Resource = { resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/p' } };
const ENCOUNTER: Resource = {
  ...{ resourceType: 'Encounter', id: 'e', status: 'in-progress', subject: { reference: 'Patient/p' } },
  ...{ participant: [{ individual: { reference: 'Practitioner/d' } }], period: { start: '2026-06-10' } },
};
const DENIAL: Resource = {
  ...{ resourceType: 'Consent', id: 'c', status: 'active', patient: { reference: 'Patient/p' } },
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  provision: { type: 'deny' },
};
const decisions = new DecisionTable(openPolicies());

function ask(records: Resource[], id?: string) {
  const { evidence } = new World(records);
  const clock = () => Date.parse('2026-06-15T10:00:00Z');
  const visibilities = createVisibility({ evidence, decisions, clock, grants: { inForce: async () => [] } });
  const question = { type: 'Observation', patientId: 'p', ...(id !== undefined && { id }) };
  return explain(visibilities, evidence, DOCTOR, question, []);
}

test('what is allowed says by what', async () => {
  expect(await ask([RECORD, ENCOUNTER], 'o')).toEqual({
    ...{ allowed: true, all: true, remedies: [] },
    because: ['treating-person Encounter/e'],
  });
  expect((await ask([RECORD, ENCOUNTER])).all).toBe(false);
});

test('a refusal is the same for hidden and absent, forbidden and not allowed', async () => {
  const refusal = {
    allowed: false,
    all: false,
    because: [],
    remedies: ['ask-for-approval', 'break-glass', 'patient-can-consent'],
  };
  expect(await ask([RECORD], 'o')).toEqual(refusal);
  expect(await ask([RECORD, ENCOUNTER, DENIAL], 'o')).toEqual(refusal);
  expect(await ask([ENCOUNTER], 'o')).toEqual(refusal);
  expect(await ask([], 'o')).toEqual(refusal);
});
