import { type MedicineKey, PENICILLINS } from '../catalogue/medicines.ts';
import { type Code, hl7, snomed } from '../concept.ts';
import { isoDate } from '../day.ts';
import type { Career } from './career.ts';

interface Allergy {
  code: Code;
  zh: string;
  category: 'food' | 'medication';
  share: number;
  forbids: ReadonlySet<MedicineKey>;
}

const ALLERGIES: readonly Allergy[] = [
  {
    code: snomed('91936005', 'Allergy to penicillin'),
    zh: '青黴素過敏',
    category: 'medication',
    share: 0.035,
    forbids: PENICILLINS,
  },
  {
    code: snomed('293586001', 'Allergy to aspirin'),
    zh: '阿士匹靈過敏',
    category: 'medication',
    share: 0.012,
    forbids: new Set(),
  },
  {
    code: snomed('300913006', 'Allergy to shellfish'),
    zh: '甲殼類海產過敏',
    category: 'food',
    share: 0.025,
    forbids: new Set(),
  },
  { code: snomed('91935009', 'Allergy to peanut'), zh: '花生過敏', category: 'food', share: 0.008, forbids: new Set() },
];

type Reaction = readonly [manifestation: Code, zh: string, severity: 'mild' | 'moderate' | 'severe'];

/** Reactions with how common each is. */
const REACTIONS: readonly (readonly [Reaction, number])[] = [
  [[snomed('126485001', 'Urticaria'), '蕁麻疹', 'mild'], 5],
  [[snomed('271807003', 'Eruption of skin'), '皮疹', 'mild'], 6],
  [[snomed('41291007', 'Angioedema'), '血管性水腫', 'moderate'], 2],
  [[snomed('39579001', 'Anaphylaxis'), '過敏性反應', 'severe'], 1],
];

/** Allergies, known from the day they are first asked about. */
export const allergy: Career = {
  name: 'allergy',
  begin(life) {
    const dice = life.dice(this.name);
    const known = ALLERGIES.filter((one) => dice.happens(one.share));
    const day = Math.max(life.start, life.person.birth + 500);
    if (known.length === 0 || day > life.end) return undefined;
    let asked = false;
    return {
      live(from, to) {
        if (asked || day >= to) return;
        asked = true;
        const recorded = isoDate(Math.max(day, from));
        for (const one of known) {
          for (const medicine of one.forbids) life.forbidden.add(medicine);
          const [manifestation, zh, severity] = dice.weighted(REACTIONS);
          life.chart.add('allergy', 'AllergyIntolerance', {
            clinicalStatus: hl7('allergyintolerance-clinical', 'active'),
            verificationStatus: hl7('allergyintolerance-verification', 'confirmed'),
            type: 'allergy',
            category: [one.category],
            criticality: severity === 'severe' ? 'high' : 'low',
            code: { coding: [one.code], text: `${one.code.display} ${one.zh}` },
            patient: life.chart.subject,
            recordedDate: recorded,
            reaction: [
              { manifestation: [{ coding: [manifestation], text: `${manifestation.display} ${zh}` }], severity },
            ],
          });
        }
      },
    };
  },
};
