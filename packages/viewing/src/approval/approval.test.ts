import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PatientProxy, Viewer } from '../viewer.ts';
import { type ApproverGroup, outcomeOf, PATIENT_DECIDES } from './approvers.ts';
import { isWithin, type RequestedScope, readScope, SENSITIVITIES } from './requested-scope.ts';
import { ApprovalError, decide, stateOf, type ViewingRequest, withdraw } from './viewing-request.ts';

const NOW = Date.UTC(2026, 10, 1);

const scopes: fc.Arbitrary<RequestedScope> = fc.record({
  types: fc.subarray(['Condition', 'Observation', 'Procedure']),
  sensitivities: fc.subarray([...SENSITIVITIES]),
  records: fc.subarray(['Condition/1', 'Observation/2']),
  period: fc.record({
    start: fc.constantFrom('2020-01-01', '2022-06-30'),
    end: fc.constantFrom('2023-01-01', '2024-12-31'),
  }),
});

function viewer(parts: Partial<Viewer>): Viewer {
  return {
    actor: 'Patient/p',
    account: 'a-patient',
    roles: ['patient'],
    organizations: [],
    patientId: undefined,
    proxyFor: [],
    purpose: 'PATRQT',
    scope: '',
    launchPatient: undefined,
    authenticatedAt: NOW,
    keyThumbprint: undefined,
    presentedGrants: [],
    ...parts,
  };
}

function request(parts: Partial<ViewingRequest> = {}): ViewingRequest {
  return {
    id: 'r1',
    patientId: 'p',
    requester: { actor: 'Practitioner/d', account: 'a-doctor', name: 'Dr', role: 'western-practitioner' },
    scope: { types: ['Condition', 'Observation'], sensitivities: ['PSY'], records: [] },
    purpose: 'TREAT',
    words: 'Second opinion',
    minutes: 60,
    created: NOW,
    expires: NOW + 1000,
    approvers: PATIENT_DECIDES,
    voices: [],
    state: 'waiting',
    ...parts,
  };
}

const patient = viewer({ patientId: 'p' });
const guardian = (name: string, scope: PatientProxy['scope'] = 'decide'): Viewer =>
  viewer({
    account: name,
    proxyFor: [{ patientId: 'p', relation: 'guardian', from: 0, until: undefined, scope }],
  });

describe('what is asked for', () => {
  test('a scope lies within itself, and within is transitive', () => {
    fc.assert(
      fc.property(scopes, scopes, scopes, (a, b, c) => {
        expect(isWithin(a, a)).toBe(true);
        if (isWithin(a, b) && isWithin(b, c)) expect(isWithin(a, c)).toBe(true);
      }),
    );
  });

  test('all types are not within some types', () => {
    const all = readScope({});
    const some = readScope({ types: ['Condition'] });
    expect(isWithin(some, all)).toBe(true);
    expect(isWithin(all, some)).toBe(false);
  });

  test.each([
    [{ types: ['Nothing'] }],
    [{ typs: ['Condition'] }],
    [{ period: { start: '2024-13-01' } }],
    [{ period: { start: '2024-02-01', end: '2024-01-01' } }],
    [{ sensitivities: ['SECRET'] }],
    [{ records: ['Observation/../../Patient'] }],
    [null],
    ['all'],
  ])('%j is no scope', (value) => {
    expect(() => readScope(value)).toThrow(/must|may/);
  });
});

describe('deciding', () => {
  test('the patient alone approves', () => {
    expect(decide(request(), patient, { decision: 'approve' }, NOW).state).toBe('approved');
  });

  test('an approval can narrow and never widen', () => {
    const narrowed = decide(
      request(),
      patient,
      { decision: 'approve', scope: { types: ['Condition'], sensitivities: [], records: [] }, minutes: 30 },
      NOW,
    );
    expect(narrowed).toMatchObject({ state: 'approved', minutes: 30, scope: { types: ['Condition'] } });
    const wider = { types: [], sensitivities: [], records: [] };
    expect(() => decide(request(), patient, { decision: 'approve', scope: wider }, NOW)).toThrow(ApprovalError);
    expect(() => decide(request(), patient, { decision: 'approve', minutes: 61 }, NOW)).toThrow(/60/);
  });

  test('both guardians must agree, one of them cannot count twice, and one refusal refuses', () => {
    const approvers: ApproverGroup[] = [{ name: 'guardians', members: ['account:g1', 'account:g2'], needed: 2 }];
    const first = decide(request({ approvers }), guardian('g1'), { decision: 'approve' }, NOW);
    expect(first.state).toBe('waiting');
    expect(() => decide(first, guardian('g1'), { decision: 'approve' }, NOW)).toThrow(/already/);
    expect(() => decide(first, guardian('g3'), { decision: 'approve' }, NOW)).toThrow(/no such request/);
    expect(decide(first, guardian('g2', 'decide-jointly'), { decision: 'approve' }, NOW).state).toBe('approved');
    expect(() => decide(request(), guardian('g2', 'decide-jointly'), { decision: 'approve' }, NOW)).toThrow(/no such/);
    expect(decide(first, guardian('g2'), { decision: 'refuse' }, NOW).state).toBe('refused');
  });

  test('ethics board and records officer are two groups, and an account speaks in one', () => {
    const approvers: ApproverGroup[] = [
      { name: 'ethics', members: ['role:auditor'], needed: 1 },
      { name: 'records', members: ['role:records-officer'], needed: 1 },
    ];
    const both = viewer({ account: 'both', roles: ['auditor', 'records-officer'] });
    const first = decide(request({ approvers, purpose: 'HRESCH' }), both, { decision: 'approve' }, NOW);
    expect(first.state).toBe('waiting');
    expect(() => decide(first, both, { decision: 'approve' }, NOW)).toThrow(/already/);
    const officer = viewer({ account: 'officer', roles: ['records-officer'] });
    expect(decide(first, officer, { decision: 'approve' }, NOW).state).toBe('approved');
  });

  test('what has expired, or was decided or withdrawn, stays so', () => {
    expect(stateOf(request(), NOW + 1000)).toBe('expired');
    expect(() => decide(request(), patient, { decision: 'approve' }, NOW + 1000)).toThrow(/expired/);
    const refused = decide(request(), patient, { decision: 'refuse' }, NOW);
    expect(() => decide(refused, patient, { decision: 'approve' }, NOW)).toThrow(/refused/);
    const doctor = viewer({ account: 'a-doctor', roles: ['western-practitioner'] });
    expect(withdraw(request(), doctor, NOW).state).toBe('withdrawn');
    expect(() => withdraw(request(), patient, NOW)).toThrow(/yours/);
  });

  test('nobody decides about their own request, not even as a guardian', () => {
    const own = guardian('a-doctor');
    expect(() => decide(request(), own, { decision: 'approve' }, NOW)).toThrow(/own request/);
  });

  test('a proxy whose time is over, or who may only read, decides nothing', () => {
    for (const proxy of [
      { from: 0, until: NOW, scope: 'decide' },
      { from: NOW + 1, until: undefined, scope: 'decide' },
      { from: 0, until: undefined, scope: 'read' },
    ] as const) {
      const late = viewer({ account: 'g', proxyFor: [{ patientId: 'p', relation: 'parent', ...proxy }] });
      expect(() => decide(request(), late, { decision: 'approve' }, NOW)).toThrow(/no such request/);
    }
  });

  test('without groups nothing is approved', () => {
    expect(outcomeOf([], [])).toBe('waiting');
  });
});
