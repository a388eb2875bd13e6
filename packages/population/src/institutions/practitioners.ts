import type { Resource } from '@meridian/fhir';
import { Dice } from '../chance/dice.ts';
import { type Code, REGION, type Reference, snomed } from '../concept.ts';
import { parseDay } from '../day.ts';
import { uuidOf } from '../identity.ts';
import {
  chineseText,
  drawFamily,
  drawName,
  englishText,
  humanNames,
  type PersonName,
  type Sex,
} from '../people/name.ts';
import { locationOf, organizationOf, type PlaceKey } from './organizations.ts';

interface DisciplineRow {
  /** Absent where no code is known for certain. */
  specialty?: Code;
  en: string;
  zh: string;
  title: 'Dr' | 'Nurse' | 'CMP';
}

/** What a practitioner does. A new discipline is a new row here and a place in {@link POSTS}. */
export const DISCIPLINES = {
  generalPractice: {
    specialty: snomed('394814009', 'General practice'),
    en: 'General practice',
    zh: '普通科',
    title: 'Dr',
  },
  medicine: { specialty: snomed('419192003', 'Internal medicine'), en: 'Internal medicine', zh: '內科', title: 'Dr' },
  emergency: {
    specialty: snomed('773568002', 'Emergency medicine'),
    en: 'Emergency medicine',
    zh: '急症科',
    title: 'Dr',
  },
  surgery: { specialty: snomed('394609007', 'General surgery'), en: 'General surgery', zh: '外科', title: 'Dr' },
  oncology: { specialty: snomed('394593009', 'Medical oncology'), en: 'Medical oncology', zh: '腫瘤科', title: 'Dr' },
  obstetrics: {
    specialty: snomed('394585009', 'Obstetrics and gynecology'),
    en: 'Obstetrics and gynaecology',
    zh: '婦產科',
    title: 'Dr',
  },
  orthopaedics: {
    specialty: snomed('394801008', 'Trauma and orthopedics'),
    en: 'Orthopaedics',
    zh: '骨科',
    title: 'Dr',
  },
  paediatrics: { specialty: snomed('394537008', 'Pediatric specialty'), en: 'Paediatrics', zh: '兒科', title: 'Dr' },
  radiology: { specialty: snomed('394914008', 'Radiology'), en: 'Radiology', zh: '放射科', title: 'Dr' },
  pathology: { specialty: snomed('394915009', 'General pathology'), en: 'Pathology', zh: '病理科', title: 'Dr' },
  nursing: { en: 'Nursing', zh: '護理', title: 'Nurse' },
  chineseMedicine: { en: 'Chinese medicine', zh: '中醫', title: 'CMP' },
} as const satisfies Record<string, DisciplineRow>;

export type Discipline = keyof typeof DISCIPLINES;

/** Who works where: the number of practitioners of each discipline at each place. */
const POSTS: readonly (readonly [PlaceKey, Discipline, number])[] = [
  ['eastHospital', 'medicine', 3],
  ['eastHospital', 'emergency', 2],
  ['eastHospital', 'surgery', 2],
  ['eastHospital', 'oncology', 1],
  ['eastHospital', 'obstetrics', 2],
  ['eastHospital', 'orthopaedics', 1],
  ['eastHospital', 'paediatrics', 1],
  ['eastHospital', 'radiology', 1],
  ['westHospital', 'medicine', 3],
  ['westHospital', 'emergency', 2],
  ['westHospital', 'surgery', 2],
  ['westHospital', 'oncology', 1],
  ['westHospital', 'obstetrics', 2],
  ['westHospital', 'orthopaedics', 1],
  ['westHospital', 'paediatrics', 1],
  ['westHospital', 'radiology', 1],
  ['northClinic', 'generalPractice', 3],
  ['southClinic', 'generalPractice', 3],
  ['privateClinic', 'generalPractice', 2],
  ['childHealth', 'generalPractice', 1],
  ['childHealth', 'nursing', 2],
  ['laboratory', 'pathology', 2],
  ['tcmClinic', 'chineseMedicine', 3],
];

/** A practitioner in a post. */
export interface Practitioner {
  id: string;
  number: number;
  name: PersonName;
  sex: Sex;
  discipline: Discipline;
  place: PlaceKey;
}

/** All practitioners of the region, the same for equal seeds. */
export function staff(seed: number): Practitioner[] {
  const list: Practitioner[] = [];
  for (const [place, discipline, count] of POSTS) {
    for (let i = 0; i < count; i++) {
      const number = list.length + 1;
      const dice = new Dice(`${seed}/practitioner/${number}`);
      const sex: Sex = dice.happens(0.45) ? 'female' : 'male';
      const birth = parseDay('1975-01-01')!;
      const name = drawName(drawFamily('chinese', dice), 'chinese', sex, birth, dice);
      list.push({ id: uuidOf(`${seed}/practitioner/${number}`), number, name, sex, discipline, place });
    }
  }
  return list;
}

/** A reference to the practitioner. */
export function practitionerReference(practitioner: Practitioner): Reference {
  return { reference: `Practitioner/${practitioner.id}`, display: titledName(practitioner) };
}

const SUFFIXES = { Dr: '醫生', Nurse: '護士', CMP: '中醫師' } as const;

/** `Dr CHAN Tai Man 陳大文醫生`; `CMP` is a Chinese medicine practitioner. */
export function titledName(practitioner: Practitioner): string {
  const title = DISCIPLINES[practitioner.discipline].title;
  return `${title} ${englishText(practitioner.name)} ${chineseText(practitioner.name)}${SUFFIXES[title]}`;
}

/** Practitioner and PractitionerRole of everyone. */
export function practitionerResources(seed: number): Resource[] {
  return staff(seed).flatMap((practitioner) => {
    const { id, number, name, sex, discipline, place } = practitioner;
    const row: DisciplineRow = DISCIPLINES[discipline];
    const text = `${row.en} ${row.zh}`;
    const person: Resource = {
      resourceType: 'Practitioner',
      id,
      identifier: [{ system: `${REGION}/practitioner`, value: `X${String(number).padStart(5, '0')}` }],
      active: true,
      name: humanNames(name),
      gender: sex,
      communication: [
        { coding: [{ system: 'urn:ietf:bcp:47', code: 'zh-HK' }] },
        { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] },
      ],
    };
    const role: Resource = {
      resourceType: 'PractitionerRole',
      id: uuidOf(`${seed}/practitioner-role/${number}`),
      active: true,
      practitioner: practitionerReference(practitioner),
      organization: organizationOf(seed, place),
      specialty: [row.specialty === undefined ? { text } : { coding: [row.specialty], text }],
      location: [locationOf(seed, place)],
    };
    return [person, role];
  });
}
