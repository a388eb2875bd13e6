import type { Resource } from '@meridian/fhir';
import type { PanelKey } from '../body/panels.ts';
import type { MedicineKey } from '../catalogue/medicines.ts';
import { PROBLEMS, type ProblemKey } from '../catalogue/problems.ts';
import type { Curve } from '../chance/curve.ts';
import type { Dice } from '../chance/dice.ts';
import { referenceTo } from '../chart/chart.ts';
import { diagnose, endCondition } from '../chart/condition.ts';
import { orderLaboratory } from '../chart/laboratory.ts';
import { prescribe } from '../chart/medication.ts';
import { perform } from '../chart/procedure.ts';
import type { Visit } from '../chart/visit.ts';
import { type Day, YEAR } from '../day.ts';
import type { Life } from '../life.ts';
import type { Course, FollowUp } from './career.ts';
import { drawOnset } from './chronic.ts';

/** What one cancer does differently from another. */
export interface Cancer {
  career: string;
  problem: ProblemKey;
  prevalence: Curve;
  /** Finding it: the investigations of the first days. Returns the visit in which the diagnosis is made. */
  find(life: Life, day: Day, dice: Dice): Visit;
  /** The operation, on the day it is planned for. */
  operate(life: Life, day: Day, dice: Dice, reason: Resource): void;
  chemotherapy: { share: number; cycles: number; everyDays: number; medicines: readonly MedicineKey[] };
  /** Days from the operation to the course of radiotherapy, if it is part of the treatment. */
  radiotherapyAfter?: number;
  /** Hormone treatment after the operation, if any. */
  endocrine?: (life: Life, day: Day) => MedicineKey;
  /** Tests of each review in the first five years. */
  surveillance: readonly PanelKey[];
  /** Share who die of it within five years. */
  lethality: number;
}

/**
 * The course that cancers share: found, operated on after some weeks, chemotherapy in cycles for some, five years of
 * surveillance, then remission or death.
 */
export function cancerCourse(life: Life, cancer: Cancer): Course | undefined {
  const dice = life.dice(cancer.career);
  const onset = drawOnset(life, cancer.career, dice, cancer.prevalence);
  if (onset === undefined) return undefined;
  if (onset < life.start) return survivor(life, cancer, onset);
  const cycles = dice.happens(cancer.chemotherapy.share) ? cancer.chemotherapy.cycles : 0;
  const operation = onset + 45;
  const irradiation = cancer.radiotherapyAfter === undefined ? -Infinity : operation + cancer.radiotherapyAfter;
  const remission = onset + Math.round(5 * YEAR);
  const fatal = dice.happens(cancer.lethality);
  let condition: Resource | undefined;
  let cycle = 0;
  let operated = false;

  const treat = (day: Day) => {
    const visit = life.visit(
      {
        scope: cancer.career,
        kind: 'followUp',
        day,
        place: life.hospital,
        discipline: 'oncology',
        reason: PROBLEMS[cancer.problem],
      },
      dice,
    );
    const reason = referenceTo(condition!);
    visit.concerns(reason);
    life.body.leukocytes.value = Math.max(2.2, life.body.leukocytes.value - 1.1);
    life.body.haemoglobin.value -= 0.3;
    if (cycle % 2 === 0) orderLaboratory(visit, life.body, ['blood']);
    perform(visit, 'chemotherapy', 180, reason);
    for (const medicine of cancer.chemotherapy.medicines) prescribe(visit, medicine, 14, reason);
  };

  const irradiate = (day: Day) => {
    const visit = life.visit(
      {
        scope: cancer.career,
        kind: 'followUp',
        day,
        place: life.hospital,
        discipline: 'oncology',
        reason: PROBLEMS[cancer.problem],
      },
      dice,
    );
    visit.concerns(referenceTo(condition!));
    perform(visit, 'radiotherapy', 30, referenceTo(condition!));
  };

  return {
    live(from, to) {
      if (onset >= to) return;
      if (condition === undefined) {
        const visit = cancer.find(life, life.workday(onset), dice);
        condition = diagnose(visit, cancer.problem, { onset: Math.min(onset, visit.day), chronic: true });
        if (fatal) life.dies(Math.max(to + 91, onset + dice.whole(300, 1600)));
      }
      if (!operated && operation < to && operation <= life.end) {
        operated = true;
        cancer.operate(life, life.within(Math.max(operation, from)), dice, condition);
      }
      for (let day = nextCycle(); cycle < cycles && day < to && day <= life.end; day = nextCycle()) {
        treat(life.workday(day));
        cycle++;
      }
      if (irradiation >= from && irradiation < to && irradiation <= life.end) irradiate(life.workday(irradiation));
      if (!fatal && remission >= from && remission < to && remission <= life.end)
        endCondition(condition, remission, 'remission');
    },
    followed: () => operated,
    attend(followUp: FollowUp) {
      if (!operated || condition === undefined) return;
      const { visit } = followUp;
      if (visit.day > remission) return;
      visit.concerns(referenceTo(condition));
      if (followUp.review || visit.day - onset < 2 * YEAR) followUp.need(...cancer.surveillance);
      const hormone = cancer.endocrine?.(life, onset);
      if (hormone !== undefined && (followUp.review || !life.regimen.has(hormone))) {
        life.regimen.renew(visit, hormone, referenceTo(condition));
      }
    },
  };

  function nextCycle(): Day {
    return operation + 40 + cycle * cancer.chemotherapy.everyDays;
  }
}

/** One whose cancer was before the record began: a line on the problem list, in remission. */
function survivor(life: Life, cancer: Cancer, onset: Day): Course {
  let listed = false;
  return {
    followed: () => false,
    attend({ visit }) {
      if (listed) return;
      listed = true;
      const condition = diagnose(visit, cancer.problem, { onset, chronic: true });
      const over = onset + Math.round(5 * YEAR);
      if (over <= life.start) endCondition(condition, over, 'remission');
    },
  };
}
