import { CHILDHOOD_PROGRAMME } from '../catalogue/vaccines.ts';
import { Dice } from '../chance/dice.ts';
import { recordFinding, recordVital, rounded } from '../chart/observation.ts';
import { immunise } from '../chart/prevention.ts';
import { loinc, quantity, snomed } from '../concept.ts';
import type { Day } from '../day.ts';
import type { PlaceKey } from '../institutions/organizations.ts';
import type { Life } from '../life.ts';
import type { Person } from '../people/person.ts';
import type { Career } from './career.ts';

/** The circumstances of a birth, the same in the mother's record and the child's. */
export interface Birth {
  day: Day;
  weeks: number;
  caesarean: boolean;
  hospital: PlaceKey;
}

/** How a person came to the world. */
export function birthOf(seed: number, child: Person): Birth {
  const dice = new Dice(`${seed}/birth/${child.index}`);
  return {
    day: child.birth,
    weeks: Math.max(35, Math.min(41, Math.round(dice.normal(39, 1.2)))),
    caesarean: dice.happens(0.35),
    hospital: dice.pick(['eastHospital', 'westHospital'] as const),
  };
}

const APGAR = [loinc('9272-6', '1 minute Apgar Score'), loinc('9274-2', '5 minute Apgar Score')] as const;
const WEEKS = loinc('11884-4', 'Gestational age Estimated');
const LIVEBORN = {
  codes: [snomed('442311008', 'Liveborn born in hospital')],
  en: 'Liveborn, in hospital',
  zh: '於醫院出生',
};

/** The newborn's stay: Apgar scores, measures, and the first vaccines of the programme. */
export const newborn: Career = {
  name: 'newborn',
  begin(life: Life) {
    if (life.person.birth < life.start || life.person.birth > life.end) return undefined;
    const dice = life.dice(this.name);
    const birth = birthOf(life.seed, life.person);
    let born = false;
    return {
      live() {
        if (born) return;
        born = true;
        const visit = life.visit(
          {
            scope: 'newborn',
            kind: 'inpatient',
            day: birth.day,
            nights: birth.caesarean ? 4 : 2,
            place: birth.hospital,
            discipline: 'paediatrics',
            reason: LIVEBORN,
          },
          dice,
        );
        const first = dice.whole(7, 9);
        recordFinding(visit, 'survey', APGAR[0], '一分鐘亞培格評分', quantity(first, '{score}'));
        recordFinding(visit, 'survey', APGAR[1], '五分鐘亞培格評分', quantity(Math.min(10, first + 1), '{score}'));
        recordFinding(visit, 'exam', WEEKS, '妊娠週數', quantity(birth.weeks, 'wk'));
        recordVital(visit, 'weight', rounded(life.body.weight(birth.day), 2));
        recordVital(visit, 'height', life.body.height(birth.day));
        recordVital(visit, 'head', life.body.head(birth.day));
        for (const { vaccine, dose, where } of CHILDHOOD_PROGRAMME)
          if (where === 'hospital') immunise(visit, vaccine, dose, birth.hospital);
        visit.discharged('home');
      },
    };
  },
};
