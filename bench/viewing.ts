/**
 * What a decision about viewing costs, in microseconds. Run from the repository root:
 *
 *     npm run bench -- viewing
 *
 * Budgets: a class decided by Cedar 200 µs, the same remembered 5 µs.
 */
import type { Resource } from '@meridian/fhir';
import { createVisibility, DecisionTable, type Evidence, openPolicies, type Viewer } from '@meridian/viewing';

const ROUNDS = 7;
const NOW = Date.parse('2026-06-15T10:00:00Z');

/** The median of several rounds, in microseconds, after one round to warm up. */
async function microseconds(repeats: number, run: () => unknown): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let repeat = 0; repeat < repeats; repeat++) await run();
    rounds.push(Number(process.hrtime.bigint() - start) / repeats / 1000);
  }
  const sorted = rounds.slice(1).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

async function report(what: string, repeats: number, run: () => unknown): Promise<void> {
  console.log(`${what.padEnd(64)} ${(await microseconds(repeats, run)).toFixed(2).padStart(8)} µs`);
}

const policies = openPolicies();
const decisions = new DecisionTable(policies);
const standing = { roles: ['western-practitioner'], purpose: 'treatment', relation: 'treating-person' } as const;
const asked = { ...standing, consent: 'none', category: 'clinical', label: 'normal', action: 'read' } as const;
await report(`Cedar, one class, ${policies.names.length} policies`, 2_000, () => policies.decideClass(asked));
await report('remembered', 100_000, () => decisions.decide(standing, 'read', 'clinical', 'none', 'normal'));

const DOCTOR: Viewer = {
  ...{ actor: 'Practitioner/d', account: 'd', roles: ['western-practitioner'], organizations: ['ward'] },
  ...{ patientId: undefined, proxyFor: [], purpose: 'TREAT', scope: 'user/*.cruds', launchPatient: undefined },
  ...{ authenticatedAt: NOW, keyThumbprint: undefined, presentedGrants: [] },
};
const encounter = (patient: number): Resource => ({
  ...{
    resourceType: 'Encounter',
    id: `e${patient}`,
    status: 'in-progress',
    subject: { reference: `Patient/${patient}` },
  },
  ...{ participant: [{ individual: { reference: DOCTOR.actor } }], period: { start: '2026-06-10' } },
});
const CONSENT: Resource = {
  ...{ resourceType: 'Consent', id: 'c', status: 'active', patient: { reference: 'Patient/1' } },
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  provision: { type: 'deny', code: [{ coding: [{ system: 'http://loinc.org', code: '4548-4' }] }] },
};

/** A store that answers at once: what is measured is the decision, not the database. */
function evidenceOf(patients: number): Evidence {
  const encounters = Array.from({ length: patients }, (_, index) => encounter(index + 1));
  const isEncounter = (types: readonly string[]): boolean => types[0] === 'Encounter';
  return {
    search: async ({ types }) => (isEncounter(types) ? encounters : []),
    ofPatient: async (patient, { types }) => {
      if (isEncounter(types)) return [encounter(Number(patient))];
      return types[0] === 'Consent' && patient === 1n ? [CONSENT] : [];
    },
    read: async () => undefined,
    patients: async ({ types }) => (types[0] === 'Consent' ? [1n] : []),
    patientNumber: (id) => BigInt(id),
    onCommitted: () => () => undefined,
  };
}

for (const patients of [1, 100, 1_000]) {
  const grants = { inForce: async () => [] };
  const evidence = evidenceOf(patients);
  const visibilities = createVisibility({ evidence, decisions, grants, clock: () => NOW });
  const visibility = visibilities.for(DOCTOR);
  if (patients === 1) {
    await report('rule for one patient, with a consent', 2_000, () =>
      visibility.ruleFor({ types: ['Observation'], patient: 1n }),
    );
    await report('the same for all types', 200, () => visibility.ruleFor({ types: [], patient: 1n }));
  }
  await report(`rule across ${patients} patients under care, put together`, 5, () =>
    createVisibility({ evidence, decisions, grants, clock: () => NOW })
      .for(DOCTOR)
      .ruleFor({ types: ['Observation'] }),
  );
  await report(`rule across ${patients} patients under care, remembered`, 2_000, () =>
    visibility.ruleFor({ types: ['Observation'] }),
  );
}
