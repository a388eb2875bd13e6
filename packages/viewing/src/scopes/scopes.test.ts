import type { Resource } from '@meridian/fhir';
import { expect, test } from 'vitest';
import { ruleAdmits } from '../rules/evaluate.ts';
import { TokenScopes } from './scopes.ts';

const LAB: Resource = {
  ...{ resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/p' } },
  category: [{ coding: [{ code: 'laboratory' }] }],
};
const VITAL: Resource = { ...LAB, category: [{ coding: [{ code: 'vital-signs' }] }] };
const seen = (resource: Resource, patient = 1n) => ({ resource, patient, labels: 0 });
const opens = (scope: string, resource: Resource, patient = 1n, launch?: bigint) =>
  ruleAdmits(new TokenScopes(scope).rule(['Observation', 'Patient'], launch), seen(resource, patient));

test('scopes allow what they say, and nothing else', () => {
  const scopes = new TokenScopes('system/Patient.rs user/Observation.c openid patient/*.nonsense system/Basic.read');
  expect(scopes.allow('r', 'Patient')).toBe(true);
  expect(scopes.allow('u', 'Patient')).toBe(false);
  expect(scopes.allow('c', 'Observation')).toBe(true);
  expect(scopes.allow('s', 'Basic')).toBe(true);
  expect(scopes.allow('s', undefined)).toBe(false);
  expect(new TokenScopes('system/*.rs').allow('s', undefined)).toBe(true);
  expect(new TokenScopes('user/Nonsense.rs').allow('r', 'Nonsense')).toBe(false);
  expect(new TokenScopes('user/Patient.').allow('r', 'Patient')).toBe(false);
});

test('a search narrows a scope; several scopes add up', () => {
  const lab = 'user/Observation.rs?category=laboratory';
  expect([opens(lab, LAB), opens(lab, VITAL)]).toEqual([true, false]);
  const two = `${lab} user/Observation.rs?category=vital-signs`;
  expect([opens(two, LAB), opens(two, VITAL)]).toEqual([true, true]);
  expect(opens(`${lab} user/Observation.rs`, VITAL)).toBe(true);
  expect(opens('user/*.rs?category=laboratory', VITAL)).toBe(false);
  expect(opens('user/*.rs?category=laboratory', { resourceType: 'Patient', id: 'p' })).toBe(false);
});

test('a search that one record cannot answer, or that is not understood, allows nothing', () => {
  for (const search of ['subject:Patient.name=a', '_has:X:y:z=1', 'nonsense=1', '_count=1', '', 'code']) {
    const scope = `user/Observation.rs?${search}`;
    expect([scope, opens(scope, LAB), new TokenScopes(scope).allow('r', 'Observation')]).toEqual([scope, false, false]);
  }
});

test('patient scopes are about the patient of the launch', () => {
  expect(opens('patient/*.rs', LAB, 1n, 1n)).toBe(true);
  expect(opens('patient/*.rs', LAB, 2n, 1n)).toBe(false);
  expect(opens('patient/*.rs', LAB, 1n)).toBe(false);
});

test('writes go by permission, search and launch', () => {
  const writes = (scope: string, resource = LAB, patient = 1n, launch?: bigint) =>
    new TokenScopes(scope).allowsWrite('c', resource, patient, launch);
  expect(writes('user/Observation.c')).toBe(true);
  expect(writes('user/Observation.rsu')).toBe(false);
  expect(writes('user/Observation.c?category=laboratory', VITAL)).toBe(false);
  expect([writes('patient/*.c', LAB, 1n, 1n), writes('patient/*.c', LAB, 1n, 2n), writes('patient/*.c')]).toEqual([
    true,
    false,
    false,
  ]);
});
