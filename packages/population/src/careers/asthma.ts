import { PROBLEMS } from '../catalogue/problems.ts';
import type { Curve } from '../chance/curve.ts';
import { referenceTo } from '../chart/chart.ts';
import { prescribe } from '../chart/medication.ts';
import { recordFinding, recordVital } from '../chart/observation.ts';
import { planCare } from '../chart/prevention.ts';
import type { Visit } from '../chart/visit.ts';
import { loinc, quantity } from '../concept.ts';
import type { Day } from '../day.ts';
import type { Life } from '../life.ts';
import { dischargeSummary } from '../writing/notes.ts';
import type { Career, FollowUp } from './career.ts';
import { drawOnset, ListedProblem } from './chronic.ts';

/** Asthma ever diagnosed, by age: mostly from childhood. */
const PREVALENCE: Curve = [
  [2.5, 0],
  [7, 0.05],
  [13, 0.07],
  [40, 0.08],
  [80, 0.1],
];

const PEAK_FLOW = loinc('19935-6', 'Maximum expiratory gas flow Respiratory system airway by Peak flow meter');

/** Asthma: weaker airflow, an inhaler, attacks that lead to the emergency department, a controller that makes them rarer. */
export const asthma: Career = {
  name: 'asthma',
  begin(life) {
    const dice = life.dice(this.name);
    const onset = drawOnset(life, this.name, dice, PREVALENCE);
    if (onset === undefined) return undefined;
    const { body, regimen } = life;
    const problem = new ListedProblem('asthma', onset);
    const controller = dice.happens(0.7) ? 'beclometasone' : 'budesonideFormoterol';
    let attacksPerYear = Math.max(0.05, dice.normal(0.35, 0.2));
    let ill = false;

    const attack = (day: Day) => {
      const visit = life.visit(
        {
          scope: 'asthma',
          kind: 'emergency',
          day,
          place: life.hospital,
          discipline: 'emergency',
          reason: PROBLEMS.asthma,
        },
        dice,
      );
      body.airflow.value = 0.5;
      recordVital(visit, 'respiratoryRate', dice.normal(life.age(day) < 8 ? 34 : 26, 3));
      recordVital(visit, 'oxygen', Math.min(97, dice.normal(93, 1.5)));
      blow(visit, life);
      const reason = referenceTo(problem.in(visit));
      prescribe(visit, 'prednisolone', 5, reason);
      visit.discharged('home');
      dischargeSummary(visit, life, {
        diagnosis: PROBLEMS.asthma,
        story: 'Wheeze and cough for two days after a cold; settled with nebulised salbutamol.',
        storyZh: '傷風後喘鳴及咳嗽兩天，經霧化沙丁胺醇治療後好轉。',
        plan: 'Prednisolone for five days; review by the family doctor within a week.',
        planZh: '服用潑尼松龍五天，一星期內到家庭醫生覆診。',
      });
    };

    return {
      live(from: Day, to: Day) {
        if (onset >= to) return;
        if (!ill) {
          ill = true;
          body.airflow.target -= 0.18;
        }
        if (dice.happens(attacksPerYear / 4)) attack(life.within(dice.whole(Math.max(from, onset), to - 1)));
      },
      followed: () => ill,
      attend(followUp: FollowUp) {
        if (!ill) return;
        const { visit, review } = followUp;
        const first = !regimen.has('salbutamol');
        const condition = referenceTo(problem.in(visit));
        if (life.age(visit.day) >= 6) blow(visit, life);
        if (first || review) regimen.renew(visit, 'salbutamol', condition);
        if (attacksPerYear < 0.2) return;
        if (!regimen.has(controller)) {
          attacksPerYear = Math.max(0.2, attacksPerYear * 0.5);
          body.airflow.target += 0.1;
          planCare(
            visit,
            'Asthma action plan 哮喘行動計劃',
            [condition],
            [
              'Use the controller every day 每日使用預防性吸入器',
              'Know the signs of an attack and when to call for help 認識發作徵狀及求助時機',
            ],
          );
          regimen.renew(visit, controller, condition);
        } else if (review) regimen.renew(visit, controller, condition);
      },
    };
  },
};

/**
 * Peak flow in L/min: the share that the lungs reach of an expected value that grows with height and, in adults, falls
 * slowly with age (a straight line close to the usual charts).
 */
function blow(visit: Visit, life: Life): void {
  const height = life.body.height(visit.day);
  const adult = (life.person.sex === 'male' ? 610 : 450) - Math.max(0, life.age(visit.day) - 35) * 2;
  const expected = Math.max(80, Math.min(adult, (height - 100) * 5.2 + 100));
  const value = Math.round((expected * life.body.airflow.value + visit.dice.normal(0, 8)) / 10) * 10;
  recordFinding(visit, 'procedure', PEAK_FLOW, '最大呼氣流量', quantity(Math.max(60, value), 'L/min'));
}
