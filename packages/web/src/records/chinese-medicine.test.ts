import type { Medication, MedicationRequest, Procedure } from 'fhir/r4';
import { expect, test } from 'vitest';
import { containedMedication, herbsOf, isChineseMedicine, pointsOf } from './chinese-medicine.ts';

const BASE = 'https://meridian.example/fhir/StructureDefinition';

test('a formula and its herbs', () => {
  const formula: Medication = {
    resourceType: 'Medication',
    id: 'formula',
    code: { text: '逍遙散' },
    ingredient: [{ itemCodeableConcept: { text: '柴胡' }, strength: { numerator: { value: 9, unit: 'g' } } }],
  };
  const prescription: MedicationRequest = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: {},
    meta: { profile: [`${BASE}/tcm-formula-prescription`] },
    medicationReference: { reference: '#formula' },
    contained: [formula],
  };
  expect(isChineseMedicine(prescription)).toBe(true);
  expect(herbsOf(containedMedication(prescription), 'zh-Hant')).toEqual(['柴胡 9 g']);
  expect(containedMedication({ ...prescription, medicationReference: { reference: 'Medication/1' } })).toBeUndefined();
});

test('acupuncture points', () => {
  const procedure: Procedure = {
    resourceType: 'Procedure',
    status: 'completed',
    subject: {},
    extension: [
      { url: `${BASE}/other` },
      {
        url: `${BASE}/tcm-treated-point`,
        extension: [
          { url: 'point', valueCoding: { code: 'CV4', display: 'CV4 Guānyuán' } },
          { url: 'depth', valueQuantity: { value: 12, unit: 'mm' } },
          { url: 'retention', valueQuantity: { value: 25, unit: 'min' } },
        ],
      },
    ],
  };
  expect(pointsOf(procedure, 'en')).toEqual(['CV4 Guānyuán · 12 mm · 25 min']);
  expect(isChineseMedicine(procedure)).toBe(false);
});
