import type { Resource } from '@meridian/fhir';
import type { FormulaKey } from '../catalogue/formulas.ts';
import type { MedicineKey } from '../catalogue/medicines.ts';
import { PROBLEMS, type ProblemKey } from '../catalogue/problems.ts';
import { referenceTo } from '../chart/chart.ts';
import { prescribeFormula } from '../chart/chinese-medicine.ts';
import { REGION } from '../concept.ts';
import type { Day } from '../day.ts';
import type { Life } from '../life.ts';
import type { Career, FollowUp } from './career.ts';
import { ListedProblem } from './chronic.ts';

/** The system of the tags by which tests find both orders of a planted conflict. */
export const PLANTED_CONFLICT = `${REGION}/planted-conflict`;

/** A medicine for a problem, and a formula that a safety check must not let pass beside it. */
interface Conflict {
  code: string;
  problem: ProblemKey;
  medicine: MedicineKey;
  formula: FormulaKey;
}

const CONFLICTS: readonly Conflict[] = [
  { code: 'warfarin-danshen', problem: 'atrialFibrillation', medicine: 'warfarin', formula: 'danshen' },
  { code: 'warfarin-danggui', problem: 'atrialFibrillation', medicine: 'warfarin', formula: 'danggui' },
  { code: 'digoxin-gancao', problem: 'heartFailure', medicine: 'digoxin', formula: 'zhigancao' },
  { code: 'maoi-mahuang', problem: 'depression', medicine: 'moclobemide', formula: 'mahuang' },
  { code: 'aspirin-danshen', problem: 'coronaryDisease', medicine: 'aspirin', formula: 'danshen' },
];

/** How many of those past the age have one: often enough for tests on small populations. */
const SHARE = 0.1;
const FROM_AGE = 50;

/** A standing Western medicine, and weeks later a formula that conflicts with it; both orders carry the conflict's tag. */
export const herbDrugConflict: Career = {
  name: 'herb-drug-conflict',
  begin(life) {
    const dice = life.dice(this.name);
    const conflict = dice.pick(CONFLICTS);
    const onset = dice.whole(life.start, Math.max(life.start, life.end - 200));
    const gap = dice.whole(21, 80);
    if (!dice.happens(SHARE) || life.age(onset) < FROM_AGE) return undefined;
    const problem = new ListedProblem(conflict.problem, onset);
    let began: Day | undefined;
    let herbs: Day | undefined;

    const start = (day: Day) => {
      const visit = life.visit(
        {
          ...{ scope: 'herb-drug-conflict', kind: 'illness', day, place: life.hospital, discipline: 'medicine' },
          reason: PROBLEMS[conflict.problem],
        },
        dice,
      );
      const condition = referenceTo(problem.in(visit));
      tag(life.regimen.renew(visit, conflict.medicine, condition), conflict.code);
      began = day;
      herbs = life.workday(day + gap);
    };

    return {
      live(from: Day, to: Day) {
        if (began === undefined && onset < to) start(Math.max(from, life.workday(Math.max(onset, from))));
        if (herbs === undefined || herbs < from || herbs >= to) return;
        prescribeConflicting(life, conflict, herbs, dice);
        herbs = undefined;
      },
      followed: () => began !== undefined,
      attend({ visit, review }: FollowUp) {
        if (began === undefined) return;
        const condition = referenceTo(problem.in(visit));
        if (review) life.regimen.renew(visit, conflict.medicine, condition);
      },
    };
  },
};

function prescribeConflicting(life: Life, conflict: Conflict, day: Day, dice: ReturnType<Life['dice']>): void {
  const visit = life.visit(
    { ...{ scope: 'herb-drug-conflict', kind: 'illness', day, place: 'tcmClinic' }, discipline: 'chineseMedicine' },
    dice,
  );
  tag(prescribeFormula(visit, conflict.formula, 7), conflict.code);
}

function tag(order: Resource, code: string): void {
  order.meta = { ...order.meta, tag: [{ system: PLANTED_CONFLICT, code }] };
}
