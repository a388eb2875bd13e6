import { type MedicineKey, PENICILLINS } from '../catalogue/medicines.ts';
import { PROBLEMS, type ProblemKey } from '../catalogue/problems.ts';
import { at, type Curve } from '../chance/curve.ts';
import { referenceTo } from '../chart/chart.ts';
import { diagnose } from '../chart/condition.ts';
import { prescribe } from '../chart/medication.ts';
import { recordVital } from '../chart/observation.ts';
import type { Day } from '../day.ts';
import type { Life } from '../life.ts';
import type { Career } from './career.ts';

/** Consultations a year for minor illness, by age. */
const RATE: Curve = [
  [0, 2],
  [3, 2.6],
  [8, 1.6],
  [16, 0.9],
  [30, 0.8],
  [60, 0.9],
  [90, 1.2],
];

interface MinorIllness {
  problem: ProblemKey;
  /** How common at an age in years. */
  weight: (age: number, life: Life) => number;
  /** Share with a raised temperature. */
  fever: number;
  days: number;
  medicines: readonly MedicineKey[];
  childMedicines: readonly MedicineKey[];
}

const ILLNESSES: readonly MinorIllness[] = [
  {
    problem: 'upperRespiratory',
    weight: () => 30,
    fever: 0.4,
    days: 7,
    medicines: ['paracetamol', 'chlorphenamine'],
    childMedicines: ['paracetamolSyrup'],
  },
  { problem: 'cold', weight: () => 16, fever: 0.1, days: 6, medicines: ['loratadine'], childMedicines: [] },
  {
    problem: 'pharyngitis',
    weight: () => 9,
    fever: 0.4,
    days: 6,
    medicines: ['paracetamol'],
    childMedicines: ['paracetamolSyrup'],
  },
  {
    problem: 'influenza',
    weight: () => 6,
    fever: 0.95,
    days: 8,
    medicines: ['oseltamivir', 'paracetamol'],
    childMedicines: ['paracetamolSyrup'],
  },
  {
    problem: 'bronchitis',
    weight: (age) => (age > 50 ? 9 : 3),
    fever: 0.3,
    days: 14,
    medicines: ['amoxicillinClavulanate'],
    childMedicines: ['amoxicillinSyrup'],
  },
  {
    problem: 'gastroenteritis',
    weight: () => 11,
    fever: 0.3,
    days: 4,
    medicines: ['paracetamol'],
    childMedicines: ['paracetamolSyrup'],
  },
  {
    problem: 'otitisMedia',
    weight: (age) => (age < 8 ? 14 : 1),
    fever: 0.7,
    days: 8,
    medicines: ['amoxicillin'],
    childMedicines: ['amoxicillinSyrup'],
  },
  {
    problem: 'urinaryInfection',
    weight: (age, life) => (life.person.sex === 'female' && age > 16 ? 8 : 0.5),
    fever: 0.2,
    days: 5,
    medicines: ['nitrofurantoin'],
    childMedicines: ['amoxicillinSyrup'],
  },
  {
    problem: 'eczema',
    weight: (age) => (age < 10 ? 10 : 3),
    fever: 0,
    days: 21,
    medicines: ['hydrocortisone'],
    childMedicines: ['hydrocortisone'],
  },
  {
    problem: 'backPain',
    weight: (age) => (age > 25 ? 9 : 0),
    fever: 0,
    days: 14,
    medicines: ['ibuprofen'],
    childMedicines: [],
  },
  {
    problem: 'reflux',
    weight: (age) => (age > 30 ? 5 : 0),
    fever: 0,
    days: 28,
    medicines: ['omeprazole'],
    childMedicines: [],
  },
  {
    problem: 'rhinitis',
    weight: (age) => (age > 4 ? 6 : 1),
    fever: 0,
    days: 30,
    medicines: ['loratadine'],
    childMedicines: [],
  },
  {
    problem: 'kneePain',
    weight: (age) => (age > 60 ? 9 : 0),
    fever: 0,
    days: 60,
    medicines: ['paracetamol'],
    childMedicines: [],
  },
];

/** Colds, stomach upsets, aches: seen once by a family doctor and soon over. */
export const minorIllness: Career = {
  name: 'minor-illness',
  begin(life) {
    const dice = life.dice(this.name);
    const frailty = Math.max(0.3, dice.normal(1, 0.3));
    return {
      live(from: Day, to: Day) {
        const age = life.age(from);
        if (!dice.happens((at(RATE, age) * frailty) / 4)) return;
        const illness = dice.weighted(ILLNESSES.map((one) => [one, one.weight(age, life)] as const));
        const day = life.workday(dice.whole(from, to - 1));
        if (day < from) return;
        const place = dice.happens(0.5) ? 'privateClinic' : life.clinic;
        const visit = life.visit(
          {
            scope: 'minor-illness',
            kind: 'illness',
            day,
            place,
            discipline: 'generalPractice',
            reason: PROBLEMS[illness.problem],
          },
          dice,
        );
        recordVital(
          visit,
          'temperature',
          dice.happens(illness.fever) ? dice.normal(38.4, 0.4) : dice.normal(36.7, 0.2),
        );
        const over = day + illness.days;
        const condition = diagnose(visit, illness.problem, over <= life.end ? { abatement: over } : {});
        for (const medicine of age < 12 ? illness.childMedicines : illness.medicines) {
          prescribe(visit, allowed(life, medicine), Math.min(illness.days, 14), referenceTo(condition));
        }
      },
    };
  },
};

/** The medicine, or a macrolide in the place of a penicillin that an allergy forbids. */
function allowed(life: Life, medicine: MedicineKey): MedicineKey {
  return PENICILLINS.has(medicine) && life.forbidden.has(medicine) ? 'clarithromycin' : medicine;
}
