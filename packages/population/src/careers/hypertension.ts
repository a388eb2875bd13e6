import type { MedicineKey } from '../catalogue/medicines.ts';
import { PROBLEMS } from '../catalogue/problems.ts';
import type { Curve } from '../chance/curve.ts';
import { referenceTo } from '../chart/chart.ts';
import { orderLaboratory } from '../chart/laboratory.ts';
import { recordBloodPressure, recordBuild } from '../chart/observation.ts';
import type { Visit } from '../chart/visit.ts';
import type { Day } from '../day.ts';
import type { Career, FollowUp } from './career.ts';
import { drawOnset, ListedProblem } from './chronic.ts';

/** Diagnosed hypertension by age, near the Population Health Survey 2020-22 (Department of Health, Hong Kong). */
const PREVALENCE: Curve = [
  [28, 0],
  [35, 0.03],
  [45, 0.1],
  [55, 0.24],
  [65, 0.42],
  [75, 0.58],
  [90, 0.66],
];

/** Medicines in the order in which they are added, with the fall of systolic pressure each brings, mmHg. */
const STEPS: readonly (readonly [MedicineKey, number])[] = [
  ['amlodipine', 12],
  ['losartan', 10],
  ['indapamide', 8],
];

/** Essential hypertension: pressure rises, one medicine after another brings it down. */
export const hypertension: Career = {
  name: 'hypertension',
  begin(life) {
    const dice = life.dice(this.name);
    const onset = drawOnset(life, this.name, dice, PREVALENCE);
    if (onset === undefined) return undefined;
    const { body, regimen } = life;
    const problem = new ListedProblem('hypertension', onset);
    const burden = dice.normal(22, 6);
    let ill = false;

    const stepUp = (visit: Visit) => {
      const next = STEPS.find(([medicine]) => !regimen.has(medicine));
      if (next === undefined) return;
      regimen.renew(visit, next[0], referenceTo(problem.in(visit)));
      body.systolic.target -= next[1];
    };

    const discover = (day: Day) => {
      const visit = life.visit(
        {
          scope: 'hypertension',
          kind: 'illness',
          day,
          place: life.clinic,
          discipline: 'generalPractice',
          reason: PROBLEMS.hypertension,
        },
        dice,
      );
      recordBloodPressure(visit, body);
      recordBuild(visit, body);
      orderLaboratory(visit, body, ['renal', 'lipids']);
      problem.in(visit);
      stepUp(visit);
    };

    return {
      live(from: Day, to: Day) {
        if (ill || onset >= to) return;
        ill = true;
        body.systolic.target += burden;
        body.systolic.value = body.systolic.target;
        body.filtrationLoss += 0.2;
        if (onset >= from) discover(life.workday(onset));
      },
      followed: () => ill,
      attend(followUp: FollowUp) {
        if (!ill) return;
        const { visit, review } = followUp;
        const condition = referenceTo(problem.in(visit));
        if (review) followUp.need('renal', 'lipids');
        if (!regimen.has('amlodipine') || body.systolic.value > 140) stepUp(visit);
        if (!review) return;
        for (const [medicine] of STEPS) if (regimen.has(medicine)) regimen.renew(visit, medicine, condition);
      },
    };
  },
};
