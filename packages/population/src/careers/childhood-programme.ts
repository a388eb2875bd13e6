import { CHILDHOOD_PROGRAMME, type ScheduledDose } from '../catalogue/vaccines.ts';
import { recordVital } from '../chart/observation.ts';
import { immunise } from '../chart/prevention.ts';
import { addMonths, type Day } from '../day.ts';
import type { Life } from '../life.ts';
import type { Career } from './career.ts';

/**
 * The Hong Kong Childhood Immunisation Programme after the first days: at the maternal and child health centre until
 * school, then by the outreach teams that visit primary schools, whose visits the same centre records here.
 */
export const childhoodProgramme: Career = {
  name: 'childhood-programme',
  begin(life) {
    const dice = life.dice(this.name);
    const visits = schedule(life)
      .map(([months, doses]) => ({ day: addMonths(life.person.birth, months) + dice.whole(0, 12), months, doses }))
      .filter(({ day }) => day >= life.start);
    if (visits.length === 0) return undefined;
    return {
      live(from: Day, to: Day) {
        for (const { day, months, doses } of visits) {
          if (day < from || day >= to) continue;
          const visit = life.visit(
            {
              scope: 'childhood-programme',
              kind: 'checkUp',
              day: life.workday(day),
              place: 'childHealth',
              discipline: 'nursing',
            },
            dice,
          );
          recordVital(visit, 'weight', life.body.weight(visit.day));
          recordVital(visit, 'height', life.body.height(visit.day));
          if (months <= 18) recordVital(visit, 'head', life.body.head(visit.day));
          for (const { vaccine, dose } of doses) immunise(visit, vaccine, dose, 'childHealth');
        }
      },
    };
  },
};

/** The doses that this child's cohort and sex get, by age in months. */
function schedule(life: Life): [months: number, doses: ScheduledDose[]][] {
  const { birth, sex } = life.person;
  const byAge = new Map<number, ScheduledDose[]>();
  for (const entry of CHILDHOOD_PROGRAMME) {
    const meant =
      entry.where !== 'hospital' &&
      (entry.sex === undefined || entry.sex === sex) &&
      birth >= (entry.bornFrom ?? Number.NEGATIVE_INFINITY) &&
      birth < (entry.bornBefore ?? Number.POSITIVE_INFINITY);
    if (meant) byAge.set(entry.months, [...(byAge.get(entry.months) ?? []), entry]);
  }
  return [...byAge];
}
