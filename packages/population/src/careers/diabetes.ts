import type { MedicineKey } from '../catalogue/medicines.ts';
import { PROBLEMS } from '../catalogue/problems.ts';
import type { Curve } from '../chance/curve.ts';
import { referenceTo } from '../chart/chart.ts';
import { orderLaboratory } from '../chart/laboratory.ts';
import type { Regimen } from '../chart/medication.ts';
import { recordBloodPressure, recordBuild } from '../chart/observation.ts';
import { planCare } from '../chart/prevention.ts';
import { type Day, YEAR, yearOf } from '../day.ts';
import type { Life } from '../life.ts';
import { consultationNote } from '../writing/notes.ts';
import type { Career, FollowUp } from './career.ts';
import { drawOnset, ListedProblem } from './chronic.ts';

/** Diagnosed type 2 diabetes by age, near the Population Health Survey 2020-22 (Department of Health, Hong Kong). */
const PREVALENCE: Curve = [
  [25, 0],
  [35, 0.012],
  [45, 0.05],
  [55, 0.11],
  [65, 0.19],
  [75, 0.25],
  [95, 0.28],
];

/**
 * Steps of treatment in the order in which they are added; each lowers HbA1c by {@link FALL}. The third is a gliptin, or
 * from 2016 an SGLT2 inhibitor for those who have no gliptin yet.
 */
function stepsOn(day: Day, regimen: Regimen): readonly MedicineKey[] {
  const third = yearOf(day) < 2016 || regimen.has('sitagliptin') ? 'sitagliptin' : 'empagliflozin';
  return ['metformin', 'gliclazide', third, 'glargine'];
}

/** The fall of HbA1c that one step brings, in percent points. */
const FALL = 0.7;

/** Type 2 diabetes: sugar rises and creeps on, treatment is stepped up, albumin leaks, the kidneys lose faster. */
export const diabetes: Career = {
  name: 'diabetes',
  begin(life) {
    const dice = life.dice(this.name);
    const onset = drawOnset(life, this.name, dice, PREVALENCE, life.person.sex === 'male' ? 1.1 : 0.9);
    return onset === undefined ? undefined : course(life, onset, dice);
  },
};

function course(life: Life, onset: Day, dice: ReturnType<Life['dice']>) {
  const { body, regimen } = life;
  const problem = new ListedProblem('diabetes', onset);
  const burden = dice.normal(2.3, 0.5);
  const leak = Math.max(1, dice.normal(6, 4));
  let ill = false;
  /** Steps taken before the record began, written down at the first follow-up. */
  let treatedBefore = 0;
  let lastStep = onset;

  const fallIll = (on: Day) => {
    ill = true;
    const years = Math.max(0, (on - onset) / YEAR);
    if (onset < life.start) treatedBefore = years > 5 ? 2 : 1;
    body.hba1c.target += burden + Math.min(10, years) * 0.1 - treatedBefore * FALL;
    body.hba1c.value = body.hba1c.target;
    body.bmi.target += 2;
    body.filtrationLoss += 0.5;
    body.albuminuria.target += leak * years;
    body.triglyceride.target += 0.4;
  };

  const stepUp = (visit: FollowUp['visit']) => {
    const next = stepsOn(visit.day, regimen).find(
      (medicine) => !regimen.has(medicine) && !(medicine === 'metformin' && body.filtration < 30),
    );
    if (next === undefined) return;
    regimen.renew(visit, next, referenceTo(problem.in(visit)));
    body.hba1c.target -= FALL;
    lastStep = visit.day;
  };

  const discover = (day: Day) => {
    const visit = life.visit(
      {
        scope: 'diabetes',
        kind: 'illness',
        day,
        place: life.clinic,
        discipline: 'generalPractice',
        reason: PROBLEMS.diabetes,
      },
      dice,
    );
    recordBloodPressure(visit, body);
    recordBuild(visit, body);
    const results = orderLaboratory(visit, body, ['glycaemia', 'renal', 'lipids', 'urine']);
    const condition = referenceTo(problem.in(visit));
    stepUp(visit);
    planCare(
      visit,
      'Diabetes self-management 糖尿病自我管理計劃',
      [condition],
      [
        'Diet and weight 飲食及體重控制',
        'Thirty minutes of exercise on most days 每日運動30分鐘',
        'Yearly eye and foot examination 每年檢查眼睛及足部',
      ],
    );
    consultationNote(
      visit,
      life,
      `New diagnosis of type 2 diabetes 二型糖尿病. HbA1c ${results.get('hba1c')} %.`,
      'Metformin, diet and exercise; review in three months.',
    );
  };

  return {
    live(from: Day, to: Day) {
      if (ill) {
        body.hba1c.target += 0.03;
        body.albuminuria.target += leak / 4;
        return;
      }
      if (onset >= to) return;
      fallIll(Math.max(onset, from));
      if (onset >= from) discover(life.workday(onset));
    },
    followed: () => ill,
    attend(followUp: FollowUp) {
      if (!ill) return;
      const { visit, review } = followUp;
      const condition = referenceTo(problem.in(visit));
      followUp.need(...(review ? (['glycaemia', 'renal', 'lipids', 'urine'] as const) : []));
      for (const medicine of stepsOn(visit.day, regimen).slice(0, treatedBefore)) {
        regimen.renew(visit, medicine, condition);
      }
      treatedBefore = 0;
      if (body.filtration < 30) regimen.stop('metformin');
      if (body.hba1c.value > 7.4 && visit.day - lastStep > 300) stepUp(visit);
      if (!review) return;
      for (const medicine of stepsOn(visit.day, regimen))
        if (regimen.has(medicine)) regimen.renew(visit, medicine, condition);
    },
  };
}
