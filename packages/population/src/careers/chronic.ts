import type { Resource } from '@meridian/fhir';
import type { ProblemKey } from '../catalogue/problems.ts';
import { ageOfOnset, type Curve } from '../chance/curve.ts';
import type { Dice } from '../chance/dice.ts';
import { diagnose } from '../chart/condition.ts';
import type { Visit } from '../chart/visit.ts';
import { type Day, YEAR } from '../day.ts';
import type { Life } from '../life.ts';

/** The day on which a chronic illness begins, if it does so before today; told to the life under the career's name. */
export function drawOnset(life: Life, career: string, dice: Dice, prevalence: Curve, factor = 1): Day | undefined {
  const age = ageOfOnset(prevalence, dice.next(), factor);
  if (age === undefined) return undefined;
  const onset = Math.round(life.person.birth + age * YEAR);
  if (onset >= life.end) return undefined;
  life.illnesses.set(career, onset);
  return onset;
}

/** A problem that is put on the problem list at the first visit after its onset, and once only. */
export class ListedProblem {
  private readonly key: ProblemKey;
  private readonly onset: Day;
  private resource: Resource | undefined;

  constructor(key: ProblemKey, onset: Day) {
    this.key = key;
    this.onset = onset;
  }

  /** The condition; written when this visit is the first to know of it. */
  in(visit: Visit): Resource {
    if (this.resource === undefined) {
      this.resource = diagnose(visit, this.key, { onset: Math.min(this.onset, visit.day), chronic: true });
    } else {
      visit.concerns({ reference: `Condition/${this.resource.id}` });
    }
    return this.resource;
  }
}
