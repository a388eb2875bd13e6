import type { Resource } from '@meridian/fhir';
import type { Dice } from '../chance/dice.ts';
import { type Code, conceptOf, type Reference, snomed, type Term } from '../concept.ts';
import { type Day, isoInstant } from '../day.ts';
import { locationOf, organizationOf, type PlaceKey } from '../institutions/organizations.ts';
import { type Practitioner, practitionerReference } from '../institutions/practitioners.ts';
import { type Chart, referenceTo } from './chart.ts';

/** Kinds of encounter: the HL7 v3 ActCode class and a SNOMED CT type. */
export const ENCOUNTERS = {
  followUp: { class: ['AMB', 'ambulatory'], type: snomed('390906007', 'Follow-up encounter'), zh: '覆診', minutes: 20 },
  illness: {
    class: ['AMB', 'ambulatory'],
    type: snomed('185345009', 'Encounter for symptom'),
    zh: '求診',
    minutes: 15,
  },
  checkUp: {
    class: ['AMB', 'ambulatory'],
    type: snomed('185349003', 'Encounter for check up'),
    zh: '健康檢查',
    minutes: 30,
  },
  antenatal: { class: ['AMB', 'ambulatory'], type: snomed('424619006', 'Prenatal visit'), zh: '產前檢查', minutes: 25 },
  emergency: {
    class: ['EMER', 'emergency'],
    type: snomed('50849002', 'Emergency room admission'),
    zh: '急症',
    minutes: 200,
  },
  inpatient: {
    class: ['IMP', 'inpatient encounter'],
    type: snomed('32485007', 'Hospital admission'),
    zh: '住院',
    minutes: 600,
  },
} as const satisfies Record<string, { class: readonly [string, string]; type: Code; zh: string; minutes: number }>;

export type EncounterKind = keyof typeof ENCOUNTERS;

/** What a visit is. */
export interface VisitPlan {
  /** The writer, such as `diabetes`; ids are counted within it. */
  scope: string;
  kind: EncounterKind;
  day: Day;
  place: PlaceKey;
  practitioner: Practitioner;
  reason?: Term;
  /** Nights in hospital. */
  nights?: number;
}

/** An encounter being written: everything recorded during it hangs on it. */
export class Visit {
  readonly chart: Chart;
  readonly scope: string;
  readonly day: Day;
  readonly seed: number;
  readonly practitioner: Practitioner;
  readonly encounter: Reference;
  readonly dice: Dice;
  private readonly resource: Resource;
  private readonly diagnoses: { condition: Reference; rank: number }[] = [];
  private readonly startMinute: number;

  constructor(chart: Chart, seed: number, plan: VisitPlan, dice: Dice) {
    const kind = ENCOUNTERS[plan.kind];
    const nights = plan.nights ?? 0;
    this.chart = chart;
    this.scope = plan.scope;
    this.day = plan.day;
    this.seed = seed;
    this.practitioner = plan.practitioner;
    this.dice = dice;
    this.startMinute = 9 * 60 + dice.whole(0, 95) * 5;
    const end = Math.min(this.startMinute + kind.minutes, 1435);
    const person = practitionerReference(plan.practitioner);
    this.resource = chart.add(plan.scope, 'Encounter', {
      status: 'finished',
      class: {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code: kind.class[0],
        display: kind.class[1],
      },
      type: [{ coding: [kind.type], text: `${kind.type.display} ${kind.zh}` }],
      subject: chart.subject,
      participant: [{ individual: person }],
      period: { start: this.time(0), end: isoInstant(plan.day + nights, end) },
      ...(plan.reason === undefined ? {} : { reasonCode: [conceptOf(plan.reason)] }),
      location: [{ location: locationOf(seed, plan.place), status: 'completed' }],
      serviceProvider: organizationOf(seed, plan.place),
    });
    this.encounter = referenceTo(this.resource);
  }

  /** A moment of the visit, `minutes` after its start and before midnight. */
  time(minutes: number): string {
    return isoInstant(this.day, Math.min(this.startMinute + minutes, 1435));
  }

  /** What every clinical resource of this visit says about where it belongs. */
  get context(): { subject: Reference; encounter: Reference } {
    return { subject: this.chart.subject, encounter: this.encounter };
  }

  /** The practitioner seen. */
  get clinician(): Reference {
    return practitionerReference(this.practitioner);
  }

  /** Names a condition as diagnosed or treated in this encounter. */
  concerns(condition: Reference): void {
    if (this.diagnoses.some((known) => known.condition.reference === condition.reference)) return;
    this.diagnoses.push({ condition, rank: this.diagnoses.length + 1 });
    this.resource.diagnosis = this.diagnoses;
  }

  /** How a stay in hospital ended: `home`, or `exp` for death (HL7 discharge-disposition). */
  discharged(disposition: 'home' | 'exp'): void {
    this.resource.hospitalization = {
      dischargeDisposition: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/discharge-disposition', code: disposition }],
      },
    };
  }

  /** Adds a resource of this visit. */
  add(resourceType: string, body: Record<string, unknown>): Resource {
    return this.chart.add(this.scope, resourceType, body);
  }
}
