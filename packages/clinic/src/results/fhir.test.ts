import { hasErrors, type Resource, validate } from '@meridian/fhir';
import { describe, expect, it } from 'vitest';
import { derive } from './derived/derive.ts';
import { measurementsOf, patientFacts, toObservation } from './fhir.ts';
import { interpret } from './interpret.ts';

const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const quantity = (value: number, code: string) => ({ value, system: 'http://unitsofmeasure.org', code, unit: code });

const potassium: Resource = {
  resourceType: 'Observation',
  id: 'k',
  status: 'final',
  code: loinc('2823-3'),
  effectiveDateTime: '2026-06-01T08:00:00+08:00',
  valueQuantity: { ...quantity(6.6, 'mmol/L'), comparator: '>' },
  interpretation: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'HH' }] },
  ],
  referenceRange: [
    {
      low: quantity(2, 'mmol/L'),
      high: quantity(6, 'mmol/L'),
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/referencerange-meaning', code: 'treatment' }] },
    },
    { low: quantity(3.4, 'mmol/L'), high: quantity(4.5, 'mmol/L'), age: { high: quantity(17, 'a') } },
    { low: quantity(3.5, 'mmol/L'), high: quantity(5.1, 'mmol/L') },
  ],
};

describe('measurementsOf', () => {
  it('reads value, sign, unit, flag and the normal range that fits', () => {
    const adult = patientFacts({ resourceType: 'Patient', gender: 'female', birthDate: '1980-01-01' });
    expect(measurementsOf(potassium, adult)).toEqual([
      {
        id: 'Observation/k',
        loinc: '2823-3',
        value: 6.6,
        comparator: '>',
        unit: 'mmol/L',
        effective: '2026-06-01T08:00:00+08:00',
        range: { low: 3.5, high: 5.1, unit: 'mmol/L' },
        flag: 'HH',
      },
    ]);
    expect(measurementsOf(potassium, { birthDate: '2015-01-01' })[0]?.range?.high).toBe(4.5);
    expect(interpret(measurementsOf(potassium, adult), adult)[0]).toMatchObject({
      flag: 'HH',
      disagreesWithLaboratory: false,
    });
  });

  it('reads the components of a blood pressure', () => {
    const pressure: Resource = {
      resourceType: 'Observation',
      id: 'bp',
      status: 'final',
      code: loinc('85354-9'),
      effectiveDateTime: '2026-06-01',
      component: [
        { code: loinc('8480-6'), valueQuantity: quantity(150, 'mm[Hg]') },
        { code: loinc('8462-4'), valueQuantity: quantity(80, 'mm[Hg]') },
      ],
    };
    expect(measurementsOf(pressure).map(({ id, value }) => [id, value])).toEqual([
      ['Observation/bp#8480-6', 150],
      ['Observation/bp#8462-4', 80],
    ]);
    const mean = derive(measurementsOf(pressure), {}).find((one) => one.equation.key === 'mean-arterial-pressure');
    expect(mean && toObservation(mean, 'Patient/1').derivedFrom).toEqual([{ reference: 'Observation/bp' }]);
  });

  it.each<[string, Resource]>([
    ['entered in error', { ...potassium, status: 'entered-in-error' }],
    ['without time', { ...potassium, effectiveDateTime: undefined }],
    ['with a time that is none', { ...potassium, effectiveDateTime: 'yesterday' }],
    ['with a unit of another system', { ...potassium, valueQuantity: { value: 1, system: 'urn:x', code: 'mmol/L' } }],
    ['without LOINC', { ...potassium, code: { text: 'Potassium' } }],
    ['of another type', { ...potassium, resourceType: 'Condition' }],
    ['with a number as text', { ...potassium, valueQuantity: { ...quantity(1, 'mmol/L'), value: '6.6' } }],
    ['with text only', { ...potassium, valueQuantity: undefined, valueString: 'haemolysed' }],
  ])('gives nothing for one %s', (_what, resource) => {
    expect(measurementsOf(resource)).toEqual([]);
  });

  it('takes no range whose ends are not numbers of one unit', () => {
    const ranges = [
      [{ low: { value: 'x' } }],
      [{ low: quantity(3, 'mmol/L'), high: quantity(20, 'mg/dL') }],
      [{ text: '3.5 to 5.1' }],
    ];
    for (const referenceRange of ranges) {
      expect(measurementsOf({ ...potassium, referenceRange })[0]?.range).toBeUndefined();
    }
  });

  it('leaves out sexes that no range knows', () => {
    expect(patientFacts({ resourceType: 'Patient', gender: 'other' })).toEqual({});
  });
});

describe('toObservation', () => {
  const creatinine = measurementsOf({
    ...potassium,
    id: 'cr',
    code: loinc('14682-9'),
    valueQuantity: quantity(88.4, 'umol/L'),
  });
  const egfr = (birthDate: string) =>
    derive(creatinine, { sex: 'male', birthDate }).find((one) => one.equation.key === 'egfr-creatinine');

  it('writes a derived value as a valid Observation that names inputs, equation and source', () => {
    const one = egfr('1976-01-01');
    const observation = one && toObservation(one, 'Patient/1');
    expect(observation).toMatchObject({
      valueQuantity: { value: 92, code: 'mL/min/{1.73_m2}' },
      derivedFrom: [{ reference: 'Observation/cr' }],
    });
    expect(JSON.stringify(observation)).toContain('N Engl J Med 2021');
    expect(observation && hasErrors(validate(observation))).toBe(false);
  });

  it('writes a refusal without a number', () => {
    const one = egfr('2015-01-01');
    const observation = one && toObservation(one, 'Patient/1');
    expect(observation?.valueQuantity).toBeUndefined();
    expect(observation?.note).toEqual([{ text: 'The equation was made for adults of 18 years and more.' }]);
    expect(observation && hasErrors(validate(observation))).toBe(false);
  });
});
