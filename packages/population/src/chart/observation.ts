import type { Resource } from '@meridian/fhir';
import type { Body } from '../body/body.ts';
import { type Code, type CodeableConcept, hl7, loinc, quantity, snomed } from '../concept.ts';
import type { Visit } from './visit.ts';

/** Rounds to decimal places as a report prints them. */
export function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}

/** Simple vital signs: LOINC as in the FHIR R4 vital signs profile, and UCUM. */
const VITALS = {
  heartRate: { code: loinc('8867-4', 'Heart rate'), zh: '心率', unit: '/min', places: 0 },
  respiratoryRate: { code: loinc('9279-1', 'Respiratory rate'), zh: '呼吸率', unit: '/min', places: 0 },
  temperature: { code: loinc('8310-5', 'Body temperature'), zh: '體溫', unit: 'Cel', places: 1 },
  oxygen: { code: loinc('2708-6', 'Oxygen saturation in Arterial blood'), zh: '血氧飽和度', unit: '%', places: 0 },
  height: { code: loinc('8302-2', 'Body height'), zh: '身高', unit: 'cm', places: 1 },
  weight: { code: loinc('29463-7', 'Body weight'), zh: '體重', unit: 'kg', places: 1 },
  bmi: { code: loinc('39156-5', 'Body mass index (BMI) [Ratio]'), zh: '體重指數', unit: 'kg/m2', places: 1 },
  head: { code: loinc('9843-4', 'Head Occipital-frontal circumference'), zh: '頭圍', unit: 'cm', places: 1 },
} as const satisfies Record<string, { code: Code; zh: string; unit: string; places: number }>;

export type Vital = keyof typeof VITALS;

function observation(visit: Visit, category: string, code: CodeableConcept, value: Record<string, unknown>): Resource {
  return visit.add('Observation', {
    status: 'final',
    category: [hl7('observation-category', category)],
    code,
    ...visit.context,
    effectiveDateTime: visit.time(5),
    issued: visit.time(5),
    performer: [visit.clinician],
    ...value,
  });
}

/** Records one vital sign. */
export function recordVital(visit: Visit, vital: Vital, value: number): void {
  const { code, zh, unit, places } = VITALS[vital];
  observation(
    visit,
    'vital-signs',
    { coding: [code], text: `${code.display} ${zh}` },
    {
      valueQuantity: quantity(rounded(value, places), unit),
    },
  );
}

/** Blood pressure as one panel with two components and no value of its own (FHIR R4 vital signs; obs-7). */
export function recordBloodPressure(visit: Visit, body: Body): void {
  const systolic = visit.dice.normal(body.systolic.value, 4);
  const diastolic = systolic * 0.52 + 12 - Math.max(0, body.age(visit.day) - 60) * 0.25 + visit.dice.normal(0, 3);
  const component = (code: Code, value: number) => ({
    code: { coding: [code] },
    valueQuantity: quantity(Math.round(value), 'mmHg', 'mm[Hg]'),
  });
  observation(
    visit,
    'vital-signs',
    { coding: [loinc('85354-9', 'Blood pressure panel with all children optional')], text: 'Blood pressure 血壓' },
    {
      component: [
        component(loinc('8480-6', 'Systolic blood pressure'), systolic),
        component(loinc('8462-4', 'Diastolic blood pressure'), diastolic),
      ],
    },
  );
}

/** Weight, and height and body mass index from the same pair of numbers. */
export function recordBuild(visit: Visit, body: Body): void {
  const height = rounded(body.height(visit.day), 1);
  const weight = rounded(body.weight(visit.day), 1);
  recordVital(visit, 'height', height);
  recordVital(visit, 'weight', weight);
  recordVital(visit, 'bmi', weight / (height / 100) ** 2);
}

const SMOKING = {
  never: snomed('266919005', 'Never smoked tobacco'),
  former: snomed('8517006', 'Ex-smoker'),
  daily: snomed('449868002', 'Smokes tobacco daily'),
} as const;

export type Smoking = keyof typeof SMOKING;

/** Tobacco smoking status. */
export function recordSmoking(visit: Visit, smoking: Smoking): void {
  const coding = SMOKING[smoking];
  observation(
    visit,
    'social-history',
    { coding: [loinc('72166-2', 'Tobacco smoking status')], text: 'Smoking 吸煙' },
    {
      valueCodeableConcept: { coding: [coding], text: coding.display },
    },
  );
}

/** Any other finding with a number, such as peak flow or gestational age. */
export function recordFinding(
  visit: Visit,
  category: 'exam' | 'procedure' | 'survey',
  code: Code,
  zh: string,
  value: ReturnType<typeof quantity>,
): void {
  observation(visit, category, { coding: [code], text: `${code.display} ${zh}` }, { valueQuantity: value });
}
