import type { PanelKey } from '../body/panels.ts';
import { orderLaboratory, reportFaecalBlood } from '../chart/laboratory.ts';
import { recordBloodPressure, recordBuild, recordSmoking } from '../chart/observation.ts';
import { type Day, parseDay } from '../day.ts';
import type { Career } from './career.ts';

/** Start of the Colorectal Cancer Screening Pilot Programme (Department of Health, Hong Kong). */
const SCREENING = parseDay('2016-09-28')!;

/**
 * Health checks of adults who are not followed for a chronic illness: blood pressure and build, from forty also
 * laboratory tests, from fifty screening.
 */
export const checkUp: Career = {
  name: 'check-up',
  begin(life) {
    const dice = life.dice(this.name);
    const every = dice.whole(2, 5) * 365;
    let next = life.start + dice.whole(0, every);
    return {
      live(from: Day, to: Day) {
        if (next >= to) return;
        const day = life.workday(Math.max(next, from));
        next += every;
        const age = life.age(day);
        const followed = [...life.illnesses.values()].some((onset) => onset < day);
        if (age < 20 || followed) return;
        const visit = life.visit(
          { scope: 'check-up', kind: 'checkUp', day, place: 'privateClinic', discipline: 'generalPractice' },
          dice,
        );
        recordBloodPressure(visit, life.body);
        recordBuild(visit, life.body);
        recordSmoking(visit, life.smoking);
        if (age < 40) return;
        const panels: PanelKey[] = age < 50 ? ['glycaemia', 'lipids'] : ['glycaemia', 'lipids', 'renal', 'blood'];
        if (life.person.sex === 'male' && age >= 50) panels.push('prostate');
        orderLaboratory(visit, life.body, panels);
        if (age >= 50 && age <= 75 && day >= SCREENING) reportFaecalBlood(visit, false);
      },
    };
  },
};
