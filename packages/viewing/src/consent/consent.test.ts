import type { Resource } from '@meridian/fhir';
import { labelsOf } from '@meridian/records';
import { describe, expect, test } from 'vitest';
import { ruleAdmits } from '../rules/evaluate.ts';
import { bindProvision, type Recipient } from './bind.ts';
import { explainConsent } from './explain-consent.ts';
import { readConsent } from './read-consent.ts';

const NOW = Date.parse('2026-06-15T10:00:00Z');
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const DOCTOR: Recipient = {
  ...{ actor: 'Practitioner/d', roles: ['western-practitioner'], memberOf: ['Organization/ward', 'CareTeam/t'] },
  ...{ caring: true, purpose: 'TREAT', action: 'read', now: NOW },
};

function consent(provision: object | undefined, more: object = {}): Resource {
  return {
    ...{ resourceType: 'Consent', id: 'c', status: 'active', patient: { reference: 'Patient/p' } },
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    ...(provision && { provision }),
    ...more,
  };
}

const rule = (code: string) => ({ policyRule: { coding: [{ system: ACT, code }] } });
const recipient = (reference: string, code = 'PRCP') => ({
  role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code }] },
  reference: { reference },
});
const ofRole = (code: string) => ({
  role: { coding: [{ system: 'https://example.org/fhir/CodeSystem/viewing-role', code }] },
  reference: { display: code },
});
const purpose = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code });
const ofType = (code: string) => ({ system: 'http://hl7.org/fhir/resource-types', code });

const RECORD: Resource = {
  ...{ resourceType: 'Observation', id: 'o', status: 'final', subject: { reference: 'Patient/p' } },
  code: { coding: [{ system: 'http://loinc.org', code: '4548-4' }] },
  effectiveDateTime: '2026-03-01',
  performer: [{ reference: 'Practitioner/d' }],
  encounter: { reference: 'Encounter/e' },
};
const SENSITIVE = { ...RECORD, meta: { security: [{ system: ACT, code: 'PSY' }] } };

function effect(source: Resource, who: Recipient = DOCTOR, record: Resource = RECORD): string {
  const read = readConsent(source, { relatedTo: () => ['Observation/o'] });
  if (!read) return 'no consent';
  const { permit, deny } = bindProvision(read.provision, who, ['Observation', 'Condition', 'Patient']);
  const seen = { resource: record, patient: 1n, labels: labelsOf(record, []) };
  return ruleAdmits(deny, seen) ? 'deny' : ruleAdmits(permit, seen) ? 'permit' : 'none';
}

const STRANGER = { ...DOCTOR, actor: 'Practitioner/x', memberOf: [], caring: false };

describe('IHE Privacy Consent on FHIR', () => {
  test('Basic: opt in and opt out, by policy rule or by provision', () => {
    expect(effect(consent(undefined, rule('OPTIN')))).toBe('permit');
    expect(effect(consent(undefined, rule('OPTIN')), STRANGER)).toBe('none');
    expect(effect(consent(undefined, rule('OPTOUT')), STRANGER)).toBe('deny');
    expect(effect(consent({ type: 'permit' }))).toBe('permit');
    expect(effect(consent({ type: 'deny' }))).toBe('deny');
  });

  test('Intermediate: period', () => {
    const period = { start: '2026-06-01', end: '2026-06-15' };
    expect(effect(consent({ type: 'permit', period }))).toBe('permit');
    expect(effect(consent({ type: 'permit', period }), { ...DOCTOR, now: NOW + 86_400_000 })).toBe('none');
  });

  test('Intermediate: data period', () => {
    const within = { dataPeriod: { start: '2026-02', end: '2026-03' } };
    const outside = { dataPeriod: { start: '2026-04-01' } };
    expect(effect(consent({ type: 'permit', ...within }))).toBe('permit');
    expect(effect(consent({ type: 'permit', ...outside }))).toBe('none');
    expect(effect(consent({ type: 'deny', ...outside }))).toBe('none');
    const { effectiveDateTime: _, ...undated } = RECORD;
    expect(effect(consent({ type: 'permit', ...within }), DOCTOR, undated)).toBe('none');
    expect(effect(consent({ type: 'deny', ...outside }), DOCTOR, undated)).toBe('deny');
  });

  test('Intermediate: data objects, by id, by what refers to them, by what they refer to, by author', () => {
    const data = (meaning: string, reference: string) => ({ data: [{ meaning, reference: { reference } }] });
    for (const one of [
      data('instance', 'Observation/o'),
      data('dependents', 'Encounter/e'),
      data('related', 'DiagnosticReport/r'),
      data('authoredby', 'Practitioner/d'),
    ]) {
      expect(effect(consent({ type: 'deny', ...one }))).toBe('deny');
      expect(
        effect(consent({ type: 'deny', ...one }), DOCTOR, { ...RECORD, id: 'x', encounter: {}, performer: [] }),
      ).toBe('none');
    }
  });

  test('Intermediate: authoring and receiving organisations, people, roles and care teams', () => {
    for (const actor of [
      recipient('Organization/ward'),
      recipient('Practitioner/d', 'IRCP'),
      recipient('CareTeam/t'),
      ofRole('western-practitioner'),
      ofRole('everyone-caring'),
    ]) {
      expect(effect(consent({ type: 'permit', actor: [actor] }))).toBe('permit');
      expect(effect(consent({ type: 'permit', actor: [actor] }), { ...STRANGER, roles: ['nurse'] })).toBe('none');
    }
    expect(
      effect(consent({ type: 'permit', actor: [recipient('Practitioner/d')] }), { ...DOCTOR, caring: false }),
    ).toBe('permit');
  });

  test('Intermediate: purpose of use', () => {
    const research = consent({ type: 'permit', purpose: [purpose('HRESCH')] });
    expect(effect(research)).toBe('none');
    expect(effect(research, { ...DOCTOR, purpose: 'HRESCH' })).toBe('permit');
    expect(effect(consent({ type: 'permit', purpose: [purpose('TREAT')] }), { ...DOCTOR, purpose: 'BTG' })).toBe(
      'permit',
    );
  });

  test('Advanced: sensitivity and confidentiality labels', () => {
    const psychiatry = { type: 'deny', securityLabel: [{ system: ACT, code: 'PSY' }] };
    expect(effect(consent({ type: 'permit', provision: [psychiatry] }))).toBe('permit');
    expect(effect(consent({ type: 'permit', provision: [psychiatry] }), DOCTOR, SENSITIVE)).toBe('deny');
    const normal = {
      securityLabel: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }],
    };
    const restricted = {
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
    };
    expect(effect(consent({ type: 'permit', ...normal }))).toBe('permit');
    expect(effect(consent({ type: 'permit', ...normal }), DOCTOR, { ...RECORD, ...restricted })).toBe('none');
  });

  test('class and code; exceptions alternate', () => {
    const coded = { code: [{ coding: [{ system: 'http://loinc.org', code: '4548-4' }] }] };
    expect(effect(consent({ type: 'permit', class: [ofType('Observation')] }))).toBe('permit');
    expect(effect(consent({ type: 'permit', class: [ofType('Condition')] }))).toBe('none');
    expect(effect(consent({ type: 'deny', ...coded }))).toBe('deny');
    const inner = {
      provision: [{ provision: [{ actor: [recipient('Practitioner/d')] }], actor: [recipient('Organization/ward')] }],
    };
    expect(effect(consent({ type: 'permit', ...inner }))).toBe('permit');
    expect(effect(consent({ type: 'permit', ...inner }), { ...DOCTOR, actor: 'Practitioner/x' })).toBe('deny');
  });
});

describe('FHIR R4', () => {
  test('a root provision without a type is the exception to the policy rule', () => {
    const notHim = consent({ actor: [recipient('Practitioner/d')] }, rule('OPTIN'));
    expect(effect(notHim)).toBe('deny');
    expect(effect(notHim, { ...DOCTOR, actor: 'Practitioner/x' })).toBe('permit');
    const onlyHim = consent({ actor: [recipient('Practitioner/d')] }, rule('OPTOUT'));
    expect(effect(onlyHim)).toBe('permit');
    expect(effect(onlyHim, { ...DOCTOR, actor: 'Practitioner/x' })).toBe('deny');
  });

  test('only active consents about privacy count', () => {
    expect(effect(consent({ type: 'deny' }, { status: 'inactive' }))).toBe('no consent');
    expect(effect(consent({ type: 'deny' }, { scope: { coding: [{ code: 'treatment' }] } }))).toBe('no consent');
  });
});

describe('what is not understood', () => {
  const strange: [string, object][] = [
    ['actor', { actor: [recipient('Practitioner/d', 'CST')] }],
    ['actor', { actor: [recipient('urn:uuid:1')] }],
    ['purpose', { purpose: [{ system: 'x', code: 'y' }] }],
    ['class', { class: [{ system: 'urn:ietf:bcp:13', code: 'application/pdf' }] }],
    ['code', { code: [{ text: 'diabetes' }] }],
    ['action', { action: [{ coding: [{ code: 'ponder' }] }] }],
    ['period', { period: { start: 'yesterday' } }],
    ['data', { data: [{ meaning: 'whatever', reference: { reference: 'Observation/o' } }] }],
    ['modifierExtension', { modifierExtension: [{ url: 'x' }] }],
  ];

  test.each(strange)('in %s: a Yes opens nothing, a No closes, and both are told', (element, part) => {
    expect(effect(consent({ type: 'permit', ...part }))).toBe('none');
    expect(effect(consent({ type: 'deny', ...part }))).toBe('deny');
    const { problems } = explainConsent(consent({ type: 'permit', provision: [{ type: 'deny', ...part }] }));
    expect(problems).toEqual([
      { path: 'provision.provision[0]', elements: [element], effect: 'closes whatever it may mean' },
    ]);
  });

  test('what is too large to be weighed closes everything', () => {
    let deep: object = { type: 'permit' };
    for (let level = 0; level < 12; level++) deep = { type: 'permit', provision: [deep] };
    expect(effect(consent(deep))).toBe('deny');
    const wide = { type: 'permit', provision: Array.from({ length: 300 }, () => ({ type: 'deny' })) };
    expect(effect(consent(wide), STRANGER)).toBe('deny');
  });
});
