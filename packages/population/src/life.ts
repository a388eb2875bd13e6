import { Body } from './body/body.ts';
import type { MedicineKey } from './catalogue/medicines.ts';
import { at, type Curve } from './chance/curve.ts';
import { Dice } from './chance/dice.ts';
import { Chart } from './chart/chart.ts';
import { Regimen } from './chart/medication.ts';
import type { Smoking } from './chart/observation.ts';
import { type EncounterKind, Visit, type VisitPlan } from './chart/visit.ts';
import type { Term } from './concept.ts';
import { ageInYears, type Day, workingDay } from './day.ts';
import type { PlaceKey } from './institutions/organizations.ts';
import type { Discipline, Practitioner } from './institutions/practitioners.ts';
import type { Window } from './options.ts';
import { patientReference } from './people/patient.ts';
import type { Household, Person } from './people/person.ts';

/** Yearly probability of death by age, near the Hong Kong life table (Census and Statistics Department). */
const MORTALITY: Curve = [
  [0, 0],
  [40, 0.0005],
  [55, 0.003],
  [65, 0.008],
  [75, 0.022],
  [85, 0.075],
  [95, 0.22],
  [105, 0.6],
];

/** A visit as a career asks for it; the region decides who is seen. */
export interface VisitRequest {
  scope: string;
  kind: EncounterKind;
  day: Day;
  place: PlaceKey;
  discipline: Discipline;
  reason?: Term;
  nights?: number;
}

/** One person's life as the record sees it: who, since when, in which body, with which chart. */
export class Life {
  readonly seed: number;
  readonly person: Person;
  readonly household: Household;
  readonly body: Body;
  readonly chart: Chart;
  readonly regimen = new Regimen();
  /** First day of the record: the start of the window or birth. */
  readonly start: Day;
  /** The population's today. */
  readonly until: Day;
  readonly clinic: PlaceKey;
  readonly hospital: PlaceKey;
  readonly smoking: Smoking;
  /** Onsets of chronic illnesses by career, for careers that depend on others. */
  readonly illnesses = new Map<string, Day>();
  /** Medicines that an allergy forbids. */
  readonly forbidden = new Set<MedicineKey>();
  private readonly staff: readonly Practitioner[];
  private readonly root: string;
  private death: Day | undefined;

  constructor(seed: number, person: Person, household: Household, window: Window, staff: readonly Practitioner[]) {
    this.seed = seed;
    this.root = `${seed}/life/${person.index}`;
    this.person = person;
    this.household = household;
    this.start = Math.max(person.birth, window.start);
    this.until = window.until;
    this.staff = staff;
    const dice = this.dice('basics');
    this.body = new Body(person.sex, person.birth, this.start, dice);
    this.chart = new Chart(`${seed}/${person.index}`, patientReference(person));
    this.clinic = dice.pick(['northClinic', 'southClinic'] as const);
    this.hospital = dice.pick(['eastHospital', 'westHospital'] as const);
    this.smoking = dice.weighted<Smoking>(
      person.sex === 'male'
        ? [
            ['never', 65],
            ['former', 19],
            ['daily', 16],
          ]
        : [
            ['never', 94],
            ['former', 3],
            ['daily', 3],
          ],
    );
    this.death = this.drawDeath(dice);
  }

  /** The day of death, if it lies before today. */
  get died(): Day | undefined {
    return this.death;
  }

  /** The last day that may hold an event. */
  get end(): Day {
    return this.death ?? this.until;
  }

  /** The stream of random numbers of a career in this life. */
  dice(career: string): Dice {
    return new Dice(`${this.root}/${career}`);
  }

  /** Completed years on a day. */
  age(day: Day): number {
    return ageInYears(this.person.birth, day);
  }

  /** `day`, or the last day of the record when that comes first. */
  within(day: Day): Day {
    return Math.min(day, this.end);
  }

  /** The next working day, where the record still has one. */
  workday(day: Day): Day {
    return this.within(workingDay(day));
  }

  /**
   * Announces death. The day must lie at least a quarter ahead, because other careers may already have written the
   * current quarter; an earlier death stands.
   */
  dies(day: Day): void {
    if (day < this.end) this.death = day;
  }

  /** Opens a visit. */
  visit(request: VisitRequest, dice: Dice): Visit {
    const { scope, kind, day, place, reason } = request;
    const plan: VisitPlan = { scope, kind, day, place, practitioner: this.colleague(place, request.discipline, dice) };
    if (reason !== undefined) plan.reason = reason;
    if (request.nights !== undefined) plan.nights = this.within(day + request.nights) - day;
    return new Visit(this.chart, this.seed, plan, dice);
  }

  /** Someone of a discipline at a place; every place a career names has one. */
  colleague(place: PlaceKey, discipline: Discipline, dice: Dice): Practitioner {
    return dice.pick(this.staff.filter((one) => one.place === place && one.discipline === discipline));
  }

  private drawDeath(dice: Dice): Day | undefined {
    for (let day = this.start; day < this.until; day += 365) {
      if (!dice.happens(at(MORTALITY, this.age(day)))) continue;
      const death = day + dice.whole(30, 364);
      return death < this.until ? death : undefined;
    }
    return undefined;
  }
}
