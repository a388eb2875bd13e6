import type { Complaint, Pattern } from '../catalogue/patterns.ts';
import { COMPLAINTS } from '../catalogue/patterns.ts';
import type { Dice } from '../chance/dice.ts';
import { referenceTo } from '../chart/chart.ts';
import {
  differentiate,
  examine,
  needle,
  planTreatment,
  prescribeFormula,
  recordOutcome,
} from '../chart/chinese-medicine.ts';
import { endCondition } from '../chart/condition.ts';
import type { Day } from '../day.ts';
import type { Life } from '../life.ts';
import type { Career } from './career.ts';

/**
 * About one patient in seven uses Chinese medicine beside Western medicine (14.1 % in Taiwan's insurance data). People
 * under 12 are not counted among them here, hence the slightly larger share of the others.
 */
const USERS = 0.16;
const FROM_AGE = 12;
/** Episodes a year of someone who uses it. */
const EPISODES = 0.5;

/** Complaints brought to a Chinese-medicine clinic: two to four visits, a formula each, and needles where they are usual. */
export const chineseMedicine: Career = {
  name: 'chinese-medicine',
  begin(life) {
    const dice = life.dice(this.name);
    if (!dice.happens(USERS)) return undefined;
    return {
      live(from: Day, to: Day) {
        const age = life.age(from);
        if (age < FROM_AGE || !dice.happens(EPISODES / 4)) return;
        const open = COMPLAINTS.filter(
          ({ ages, sex }) => ages[0] <= age && age <= ages[1] && (sex ?? life.person.sex) === life.person.sex,
        );
        const complaint = dice.weighted(open.map((one) => [one, one.weight] as const));
        const first = life.workday(dice.whole(from, Math.max(from, to - 30)));
        if (first >= from && first < to) episode(life, complaint, dice.pick(complaint.patterns), first, to, dice);
      },
    };
  },
};

function episode(life: Life, complaint: Complaint, pattern: Pattern, first: Day, to: Day, dice: Dice): void {
  const visits = dice.whole(2, 4);
  let condition: ReturnType<typeof differentiate> | undefined;
  for (
    let count = 0, day = first;
    count < visits && day < to && day <= life.end;
    count++, day = life.workday(day + 7)
  ) {
    const visit = life.visit(
      {
        ...{ scope: 'chinese-medicine', kind: count === 0 ? 'illness' : 'followUp', day },
        ...{ place: 'tcmClinic', discipline: 'chineseMedicine' },
        reason: { codes: complaint.western, en: complaint.en, zh: complaint.zh },
      },
      dice,
    );
    const last = count === visits - 1;
    if (condition !== undefined) {
      visit.concerns(referenceTo(condition));
      recordOutcome(visit, last ? 'cured' : dice.happens(0.8) ? 'better' : 'unchanged', referenceTo(condition));
    }
    examine(visit, pattern, complaint.tells);
    condition ??= differentiate(visit, complaint, pattern);
    if (last) {
      if (count > 0) endCondition(condition, day);
      return;
    }
    const order = prescribeFormula(visit, pattern.formula, 7, referenceTo(condition));
    planTreatment(visit, pattern, referenceTo(condition), [referenceTo(order)]);
    if (complaint.points.length > 0) needle(visit, complaint, 25, referenceTo(condition));
    if (life.workday(day + 7) <= day) return;
  }
}
