import { TARGETS, VACCINES, type VaccineKey } from '../catalogue/vaccines.ts';
import { conceptOf, hl7, quantity, type Reference, snomed } from '../concept.ts';
import { isoDate, yearOf } from '../day.ts';
import { locationOf, type PlaceKey } from '../institutions/organizations.ts';
import type { Visit } from './visit.ts';

/** Records a vaccine given during a visit. `series` counts from 1. */
export function immunise(visit: Visit, vaccine: VaccineKey, series: number, place: PlaceKey): void {
  visit.add('Immunization', {
    status: 'completed',
    vaccineCode: conceptOf(VACCINES[vaccine]),
    patient: visit.chart.subject,
    encounter: visit.encounter,
    occurrenceDateTime: isoDate(visit.day),
    recorded: isoDate(visit.day),
    primarySource: true,
    location: locationOf(visit.seed, place),
    lotNumber: `DEMO-${yearOf(visit.day)}-${visit.dice.whole(100, 999)}`,
    site: hl7('v3-ActSite', visit.dice.happens(0.5) ? 'LA' : 'RA'),
    route: hl7('v3-RouteOfAdministration', vaccine === 'bcg' ? 'IDINJ' : 'IM'),
    doseQuantity: quantity(vaccine === 'bcg' ? 0.05 : 0.5, 'mL'),
    performer: [{ actor: visit.clinician }],
    protocolApplied: [{ targetDisease: [{ coding: [TARGETS[vaccine]] }], doseNumberPositiveInt: series }],
  });
}

/** Files a care plan for conditions; each activity is a sentence in both languages. */
export function planCare(visit: Visit, title: string, addresses: Reference[], activities: readonly string[]): void {
  visit.add('CarePlan', {
    status: 'active',
    intent: 'plan',
    category: [{ coding: [snomed('734163000', 'Care plan')] }],
    title,
    ...visit.context,
    period: { start: isoDate(visit.day) },
    created: visit.time(20),
    author: visit.clinician,
    addresses,
    activity: activities.map((description) => ({ detail: { status: 'in-progress', description } })),
  });
}
