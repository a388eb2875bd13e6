import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecisionTable } from '../decision/decision-table.ts';
import { openPolicies } from '../decision/policies.ts';
import type { Grant } from '../grants/grant.ts';
import { ruleAdmits } from '../rules/evaluate.ts';
import { grants, NOW, records, viewer } from '../testing/random-worlds.ts';
import { modelMayRead } from '../testing/reference-model.ts';
import { World } from '../testing/world.ts';
import type { Viewer } from '../viewer.ts';
import { createVisibility } from './visibility.ts';

const decisions = new DecisionTable(openPolicies());
const TYPES = [
  'Patient',
  'Observation',
  'Condition',
  'Encounter',
  'Appointment',
  'Consent',
  'Coverage',
  'AuditEvent',
  'Organization',
];
const RUNS = 1_000;

function visibilityOf(world: World, granted: readonly Grant[], who: Viewer) {
  return createVisibility({
    ...{ evidence: world.evidence, decisions, clock: () => NOW, baseUrl: 'https://example.org/fhir' },
    grants: {
      inForce: async ({ actor, purpose }) =>
        granted.filter(
          (grant) =>
            grant.actor === actor && grant.from <= NOW && NOW < grant.until && grant.purposes.includes(purpose),
        ),
    },
  }).for(who);
}

test('for one patient, the rule admits exactly what the order of decision allows', async () => {
  const seen = { open: 0, closed: 0 };
  await fc.assert(
    fc.asyncProperty(records, viewer, grants, async (all, who, granted) => {
      const world = new World(all);
      const visibility = visibilityOf(world, granted, who);
      for (const record of world.seen()) {
        const rule = await visibility.ruleFor({ types: TYPES, patient: record.patient });
        const expected = modelMayRead(who, record.resource, { records: all, grants: granted, now: NOW });
        seen[expected ? 'open' : 'closed']++;
        expect([record.resource, ruleAdmits(rule, record)]).toEqual([record.resource, expected]);
      }
    }),
    { numRuns: RUNS },
  );
  // worlds in which nearly everything is open, or nearly nothing, would prove little
  expect(seen.open).toBeGreaterThan(RUNS / 2);
  expect(seen.closed).toBeGreaterThan(RUNS / 2);
}, 300_000);

test('across patients, nothing is admitted that is not for the patient alone, and all that relations open', async () => {
  await fc.assert(
    fc.asyncProperty(records, viewer, grants, async (all, who, granted) => {
      const world = new World(all);
      const visibility = visibilityOf(world, granted, who);
      const across = await visibility.ruleFor({ types: TYPES });
      for (const record of world.seen()) {
        const rule = await visibility.ruleFor({ types: TYPES, patient: record.patient });
        const alone = ruleAdmits(rule, record);
        if (ruleAdmits(across, record)) expect([record.resource, alone]).toEqual([record.resource, true]);
        else if (alone) {
          // only what a consent opens that does not name the viewer in front, or what one wrote about such a patient
          const consents = all.filter(({ resourceType, status }) => resourceType === 'Consent' && status === 'active');
          expect(consents.length).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: RUNS / 10 },
  );
}, 300_000);
