import type { Resource } from '@meridian/fhir';
import type { ProblemKey } from '../catalogue/problems.ts';
import type { Curve } from '../chance/curve.ts';
import { referenceTo } from '../chart/chart.ts';
import { diagnose, endCondition } from '../chart/condition.ts';
import { perform } from '../chart/procedure.ts';
import type { Visit } from '../chart/visit.ts';
import { type Day, YEAR } from '../day.ts';
import type { Career, FollowUp } from './career.ts';
import { drawOnset } from './chronic.ts';

/** Chronic kidney disease stage 3 or worse by age, before the factors of diabetes and hypertension. */
const PREVALENCE: Curve = [
  [40, 0],
  [55, 0.015],
  [65, 0.04],
  [75, 0.11],
  [85, 0.2],
  [95, 0.28],
];

/** Stages by filtration (KDIGO 2012, G3 below 60, G4 below 30, G5 below 15 mL/min/1.73 m²). */
function stageOf(filtration: number): ProblemKey | undefined {
  if (filtration < 15) return 'kidney5';
  if (filtration < 30) return 'kidney4';
  return filtration < 60 ? 'kidney3' : undefined;
}

/** Chronic kidney disease: a steady yearly loss of filtration, slower under losartan; anaemia late; dialysis last. */
export const kidneyDisease: Career = {
  name: 'kidney-disease',
  begin(life) {
    const dice = life.dice(this.name);
    const { illnesses, body, regimen } = life;
    const factor = (illnesses.has('diabetes') ? 1.9 : 0.8) * (illnesses.has('hypertension') ? 1.2 : 0.8);
    const onset = drawOnset(life, this.name, dice, PREVALENCE, factor);
    if (onset === undefined) return undefined;
    const slope = Math.max(0.8, dice.normal(2.2, 1));
    let ill = false;
    let stage: ProblemKey | undefined;
    let condition: Resource | undefined;

    const restage = (visit: Visit): Resource => {
      const next = stageOf(body.filtration) ?? stage ?? 'kidney3';
      if (condition !== undefined && (next === stage || next < (stage ?? ''))) {
        visit.concerns(referenceTo(condition));
        return condition;
      }
      if (condition !== undefined) endCondition(condition, visit.day);
      const since = condition === undefined ? Math.min(onset, visit.day) : visit.day;
      stage = next;
      condition = diagnose(visit, next, { onset: since, chronic: true });
      return condition;
    };

    return {
      live(from: Day, to: Day) {
        if (ill || onset >= to) return;
        ill = true;
        const years = Math.max(0, (from - onset) / YEAR);
        body.filtration = Math.min(body.filtration, Math.max(17, 58 - slope * years));
        body.filtrationLoss = slope;
        body.albuminuria.target += Math.max(20, dice.normal(70, 40));
      },
      followed: () => ill,
      attend(followUp: FollowUp) {
        if (!ill) return;
        const { visit, review } = followUp;
        const reason = referenceTo(restage(visit));
        if (review) followUp.need('renal', 'urine', 'blood');
        if (!regimen.has('losartan') && body.filtration > 25) {
          regimen.renew(visit, 'losartan', reason);
          body.filtrationLoss *= 0.75;
          body.albuminuria.target *= 0.6;
        }
        if (body.filtration < 25 && (review || !regimen.has('epoetin'))) regimen.renew(visit, 'epoetin', reason);
        if (stage === 'kidney5') perform(visit, 'dialysis', 240, reason);
      },
    };
  },
};
