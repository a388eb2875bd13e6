import { immunise } from '../chart/prevention.ts';
import { addYears, type Day, parseDay, yearOf } from '../day.ts';
import type { Career } from './career.ts';

/**
 * Seasonal influenza vaccine each autumn from 65, and one 23-valent pneumococcal dose (Government Vaccination Programme,
 * Department of Health, Hong Kong). One in three never comes; the others come in most years.
 */
export const influenzaVaccination: Career = {
  name: 'influenza-vaccination',
  begin(life) {
    const dice = life.dice(this.name);
    if (addYears(life.person.birth, 65) > life.end || dice.happens(1 / 3)) return undefined;
    let doses = 0;
    return {
      live(from: Day, to: Day) {
        const autumn = parseDay(`${yearOf(to)}-10-10`)! + dice.whole(0, 60);
        if (autumn < from || autumn >= to || life.age(autumn) < 65 || !dice.happens(0.8)) return;
        const day = life.workday(autumn);
        const visit = life.visit(
          { scope: 'influenza-vaccination', kind: 'checkUp', day, place: life.clinic, discipline: 'generalPractice' },
          dice,
        );
        immunise(visit, 'influenza', 1, life.clinic);
        doses++;
        if (doses === 1) immunise(visit, 'pneumococcal23', 1, life.clinic);
      },
    };
  },
};
