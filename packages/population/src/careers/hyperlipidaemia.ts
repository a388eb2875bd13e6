import type { Curve } from '../chance/curve.ts';
import { referenceTo } from '../chart/chart.ts';
import type { Day } from '../day.ts';
import type { Career, FollowUp } from './career.ts';
import { drawOnset, ListedProblem } from './chronic.ts';

/** Treated high cholesterol by age; many more have it and do not know. */
const PREVALENCE: Curve = [
  [35, 0],
  [45, 0.05],
  [55, 0.13],
  [65, 0.25],
  [75, 0.33],
  [90, 0.36],
];

/** High cholesterol: found and treated at follow-ups, with a statin. */
export const hyperlipidaemia: Career = {
  name: 'hyperlipidaemia',
  begin(life) {
    const dice = life.dice(this.name);
    const onset = drawOnset(life, this.name, dice, PREVALENCE, life.illnesses.has('diabetes') ? 1.6 : 1);
    if (onset === undefined) return undefined;
    const { body, regimen } = life;
    const problem = new ListedProblem('hyperlipidaemia', onset);
    const statin = dice.happens(0.5) ? 'simvastatin' : 'atorvastatin';
    const burden = Math.max(0.6, dice.normal(1.4, 0.3));
    let ill = false;
    return {
      live(_from: Day, to: Day) {
        if (ill || onset >= to) return;
        ill = true;
        body.ldl.target += burden;
        body.ldl.value = body.ldl.target;
      },
      followed: () => ill,
      attend(followUp: FollowUp) {
        if (!ill) return;
        const condition = referenceTo(problem.in(followUp.visit));
        if (followUp.review) followUp.need('lipids', 'liver');
        if (!regimen.has(statin)) body.ldl.target -= burden * 1.15;
        if (followUp.review || !regimen.has(statin)) regimen.renew(followUp.visit, statin, condition);
      },
    };
  },
};
