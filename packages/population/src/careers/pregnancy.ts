import type { Resource } from '@meridian/fhir';
import { PROBLEMS } from '../catalogue/problems.ts';
import type { Dice } from '../chance/dice.ts';
import { referenceTo } from '../chart/chart.ts';
import { diagnose, endCondition } from '../chart/condition.ts';
import { orderLaboratory } from '../chart/laboratory.ts';
import { prescribe } from '../chart/medication.ts';
import { recordBloodPressure, recordFinding, recordVital } from '../chart/observation.ts';
import { perform } from '../chart/procedure.ts';
import { loinc, quantity } from '../concept.ts';
import type { Day } from '../day.ts';
import type { Life } from '../life.ts';
import { childrenOf } from '../people/patient.ts';
import { dischargeSummary } from '../writing/notes.ts';
import { type Birth, birthOf } from './birth.ts';
import type { Career, Course } from './career.ts';

/** Weeks of the antenatal visits. */
const WEEKS = [10, 16, 24, 30, 36, 38] as const;

const GESTATION = loinc('11884-4', 'Gestational age Estimated');

/**
 * Pregnancies: one for each child of the household, ending with that child's own birth, and for a few women one that
 * goes on today.
 */
export const pregnancy: Career = {
  name: 'pregnancy',
  begin(life) {
    if (life.person.sex !== 'female') return undefined;
    const dice = life.dice(this.name);
    const births = childrenOf(life.person, life.household).map((child) => birthOf(life.seed, child));
    const expected = expectedBirth(life, births, dice);
    if (expected !== undefined) births.push(expected);
    const courses = births
      .filter((birth) => birth.day >= life.start && birth.day - birth.weeks * 7 < life.end)
      .map((birth) => carry(life, birth, dice));
    if (courses.length === 0) return undefined;
    return {
      live(from, to) {
        for (const course of courses) course.live?.(from, to);
      },
    };
  },
};

/** A pregnancy of today, for one in fifteen married women of the age who have no infant. */
function expectedBirth(life: Life, births: readonly Birth[], dice: Dice): Birth | undefined {
  const { part, married } = life.person;
  const age = life.age(life.until);
  if (part !== 'mother' || !married || age < 24 || age > 40 || life.died !== undefined) return undefined;
  if (births.some((birth) => birth.day > life.until - 500) || !dice.happens(1 / 15)) return undefined;
  return { day: life.until + dice.whole(20, 180), weeks: 40, caesarean: false, hospital: life.hospital };
}

function carry(life: Life, birth: Birth, dice: Dice): Course {
  const conception = birth.day - birth.weeks * 7;
  let condition: Resource | undefined;

  const antenatal = (week: number, day: Day) => {
    const visit = life.visit(
      {
        scope: 'pregnancy',
        kind: 'antenatal',
        day,
        place: birth.hospital,
        discipline: 'obstetrics',
        reason: PROBLEMS.pregnancy,
      },
      dice,
    );
    recordBloodPressure(visit, life.body);
    recordVital(visit, 'weight', life.body.weight(day) + week * 0.3);
    recordFinding(visit, 'exam', GESTATION, '妊娠週數', quantity(week, 'wk'));
    if (condition === undefined) {
      condition = diagnose(visit, 'pregnancy', { onset: conception, chronic: true });
      orderLaboratory(visit, life.body, ['blood', 'glycaemia']);
      prescribe(visit, 'folicAcid', 60, referenceTo(condition));
    } else visit.concerns(referenceTo(condition));
    if (week === 24) prescribe(visit, 'ferrousSulfate', 90, referenceTo(condition));
  };

  const deliver = () => {
    const visit = life.visit(
      {
        scope: 'pregnancy',
        kind: 'inpatient',
        day: birth.day,
        nights: birth.caesarean ? 4 : 2,
        place: birth.hospital,
        discipline: 'obstetrics',
        reason: PROBLEMS.pregnancy,
      },
      dice,
    );
    condition ??= diagnose(visit, 'pregnancy', { onset: conception, chronic: true });
    visit.concerns(referenceTo(condition));
    perform(visit, birth.caesarean ? 'caesarean' : 'delivery', birth.caesarean ? 50 : 90, referenceTo(condition));
    endCondition(condition, birth.day);
    visit.discharged('home');
    dischargeSummary(visit, life, {
      diagnosis: PROBLEMS.pregnancy,
      story: `Live birth at ${birth.weeks} weeks by ${birth.caesarean ? 'caesarean section' : 'normal delivery'}; mother and baby well.`,
      storyZh: `懷孕${birth.weeks}週${birth.caesarean ? '剖腹' : '順產'}分娩，母嬰平安。`,
      plan: 'Postnatal visit in six weeks; breastfeeding support.',
      planZh: '六星期後產後覆診，提供母乳餵哺支援。',
    });
  };

  return {
    live(from, to) {
      for (const week of WEEKS) {
        const day = conception + week * 7;
        if (day >= Math.max(from, life.start) && day < to && day < birth.day && day <= life.end) antenatal(week, day);
      }
      if (birth.day >= from && birth.day < to && birth.day <= life.end) deliver();
    },
  };
}
