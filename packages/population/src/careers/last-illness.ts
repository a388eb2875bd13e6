import { PROBLEMS } from '../catalogue/problems.ts';
import { diagnose } from '../chart/condition.ts';
import { fileReport } from '../chart/document.ts';
import { orderLaboratory } from '../chart/laboratory.ts';
import { recordBloodPressure, recordVital } from '../chart/observation.ts';
import type { Day } from '../day.ts';
import { dischargeSummary } from '../writing/notes.ts';
import type { Career } from './career.ts';

/** The last stay in hospital of those who die: pneumonia, ending on the day of death. */
export const lastIllness: Career = {
  name: 'last-illness',
  begin(life) {
    const dice = life.dice(this.name);
    const nights = dice.whole(2, 9);
    let over = false;
    return {
      live(from: Day, to: Day) {
        const death = life.died;
        if (over || death === undefined || death >= to) return;
        over = true;
        const day = Math.max(from, death - nights);
        const visit = life.visit(
          {
            scope: 'last-illness',
            kind: 'inpatient',
            day,
            nights: death - day,
            place: life.hospital,
            discipline: 'medicine',
            reason: PROBLEMS.pneumonia,
          },
          dice,
        );
        life.body.leukocytes.value += 8;
        recordBloodPressure(visit, life.body);
        recordVital(visit, 'temperature', dice.normal(38.6, 0.5));
        recordVital(visit, 'oxygen', Math.min(95, dice.normal(86, 3)));
        orderLaboratory(visit, life.body, life.age(day) < 18 ? ['blood'] : ['blood', 'renal', 'liver']);
        fileReport(
          visit,
          'chestXray',
          life.colleague(life.hospital, 'radiology', dice),
          'Dense consolidation of both lower zones.',
          'Bilateral pneumonia 雙側肺炎.',
        );
        diagnose(visit, 'pneumonia');
        visit.discharged('exp');
        dischargeSummary(visit, life, {
          diagnosis: PROBLEMS.pneumonia,
          story:
            'Admitted with fever and shortness of breath; antibiotics and oxygen without lasting effect. Died peacefully with the family present.',
          storyZh: '因發燒及氣促入院，經抗生素及氧氣治療無效，家人陪伴下安詳離世。',
          plan: 'Bereavement support offered.',
          planZh: '已為家屬提供哀傷輔導。',
        });
      },
    };
  },
};
