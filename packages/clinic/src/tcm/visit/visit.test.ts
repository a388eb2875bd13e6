import { hasErrors, type Resource, validate } from '@meridian/fhir';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMULAS, HERB_ROLES } from '../formula.ts';
import { HERBS } from '../herb.ts';
import { POINTS } from '../point.ts';
import { termsOf } from '../profile/code-systems.ts';
import { tcmProfileRegistry } from '../profile/registry.ts';
import type { VisitContext } from './context.ts';
import { readDiagnosis } from './diagnosis.ts';
import { type FourExaminations, readExaminations } from './examination.ts';
import {
  herbsOfFormula,
  type PrescribedHerb,
  type Prescription,
  rawGrams,
  readFormula,
} from './formula-prescription.ts';
import { type HandTreatment, readHandTreatment } from './procedure.ts';
import { tcmVisit } from './visit.ts';

const profiles = tcmProfileRegistry();

function context(): VisitContext {
  let count = 0;
  return {
    patient: { reference: 'Patient/p' },
    encounter: { reference: 'Encounter/e' },
    practitioner: { reference: 'Practitioner/d' },
    at: '2026-03-02T10:15:00+08:00',
    newId: () => `r${++count}`,
  };
}

const codes = <Code extends string>(table: Parameters<typeof termsOf>[0]) =>
  fc.constantFrom(...termsOf(table).map(({ code }) => code as Code));
const words = fc.string({ unit: fc.constantFrom('心', '脾', '虛', 'a', 'b'), minLength: 1, maxLength: 20 });

/** A record whose optional keys may be absent, as exactOptionalPropertyTypes wants it. */
const partly = <T, K extends keyof T>(required: K[], model: { [P in keyof T]: fc.Arbitrary<T[P]> }) =>
  fc.record(model, { requiredKeys: required as never }) as unknown as fc.Arbitrary<Partial<T> & Pick<T, K>>;

const herb = fc.constantFrom(...HERBS.keys()).chain((id) =>
  partly(['herb', 'name', 'dose'], {
    herb: fc.constant(id),
    name: words,
    dose: fc.record({ value: fc.integer({ min: 1, max: 60 }), unit: fc.constantFrom('g' as const, 'piece' as const) }),
    role: fc.constantFrom(...HERB_ROLES.map(({ code }) => code)),
    handling: fc.constant(['decoct-first' as const]),
  }),
) as fc.Arbitrary<PrescribedHerb>;

const prescription = partly(['name', 'form', 'herbs', 'packs', 'packsPerDay'], {
  formula: fc.constantFrom(...FORMULAS.keys()),
  name: words,
  form: codes<Prescription['form']>('tcm-form'),
  herbs: fc.uniqueArray(herb, { minLength: 1, maxLength: 12, selector: (one) => one.herb }),
  packs: fc.integer({ min: 1, max: 180 }),
  packsPerDay: fc.integer({ min: 1, max: 3 }),
  decoction: fc.record({ water: fc.integer({ min: 100, max: 2000 }), times: fc.integer({ min: 1, max: 3 }) }),
  instruction: words,
}) as fc.Arbitrary<Prescription>;

const treatment = fc.record({
  procedure: codes<HandTreatment['procedure']>('tcm-procedure'),
  points: fc.array(
    partly(['point'], {
      point: fc.constantFrom(...POINTS.keys()),
      side: codes<'left'>('tcm-side'),
      depth: fc.integer({ min: 1, max: 150 }),
      stimulation: codes<'even'>('tcm-stimulation'),
      retention: fc.integer({ min: 1, max: 240 }),
    }),
    { minLength: 1, maxLength: 10 },
  ),
}) as fc.Arbitrary<HandTreatment>;

const examinations = partly<FourExaminations, never>([], {
  tongue: fc.record({ colour: codes<'red'>('tcm-tongue-colour'), coatingColours: fc.constant(['white' as const]) }),
  inquiry: fc.dictionary(codes('tcm-ten-questions'), words, { minKeys: 1, noNullPrototype: true }),
  pulses: fc.uniqueArray(
    fc.record({
      position: codes<'left-cun'>('tcm-pulse-position'),
      pulse: codes<'wiry'>('tcm-pulse').filter((pulse) => !['slow', 'rapid', 'racing'].includes(pulse)),
      depth: codes<'deep'>('tcm-pulse-depth'),
    }),
    { minLength: 1, maxLength: 8 },
  ),
}) as fc.Arbitrary<FourExaminations>;

const of = (resources: Resource[], type: string) => resources.filter(({ resourceType }) => resourceType === type);

describe('a visit', () => {
  test('is read back as it was told, and every resource keeps its profile', () => {
    fc.assert(
      fc.property(prescription, treatment, examinations, (given, treated, found) => {
        const diagnosis = { disorder: 'SD84', patterns: ['SF6J', 'SF57'], text: '不寐' };
        const resources = tcmVisit({
          ...context(),
          ...{ examinations: found, diagnosis, prescriptions: [given], treatments: [treated], outcome: 'better' },
          principle: { text: '補益心脾' },
        });
        for (const resource of resources) {
          expect(validate(resource, { profiles }).filter(({ severity }) => severity === 'error')).toEqual([]);
        }
        const stored = JSON.parse(JSON.stringify(resources)) as Resource[];
        expect(readExaminations(stored)).toEqual(found);
        expect(readDiagnosis(of(stored, 'Condition')[0] as Resource)).toEqual(diagnosis);
        expect(readFormula(of(stored, 'MedicationRequest')[0] as Resource)).toEqual(given);
        expect(readHandTreatment(of(stored, 'Procedure')[0] as Resource)).toEqual(treated);
      }),
      { numRuns: 60 },
    );
  });

  test('every classical formula can be prescribed', () => {
    for (const { id, zhHant } of FORMULAS.values()) {
      const given: Prescription = {
        formula: id,
        name: zhHant,
        form: 'raw',
        herbs: herbsOfFormula(id),
        packs: 5,
        packsPerDay: 1,
      };
      const resources = tcmVisit({
        ...context(),
        ...{ examinations: {}, diagnosis: { patterns: ['SE90'], text: '氣虛' }, prescriptions: [given] },
      });
      expect(
        resources.some((resource) => hasErrors(validate(resource, { profiles }))),
        id,
      ).toBe(false);
      expect(readFormula(of(resources, 'MedicationRequest')[0] as Resource)).toEqual(given);
    }
  });

  test('one Condition carries both diagnoses', () => {
    const western = [{ system: 'http://snomed.info/sct', code: '193462001', display: 'Insomnia' }];
    const diagnosis = { disorder: 'SD84', patterns: ['SF6J'], western, text: '不寐 Insomnia' };
    const [condition] = tcmVisit({ ...context(), examinations: {}, diagnosis });
    expect(readDiagnosis(condition as Resource)).toEqual(diagnosis);
  });

  test('codes outside the tables are refused before anything is written', () => {
    const diagnosis = { patterns: ['SF6J'], text: '' };
    const visit = { ...context(), examinations: {}, diagnosis };
    expect(() => tcmVisit({ ...visit, diagnosis: { patterns: ['SJ0Z'], text: '' } })).toThrow(/WHO's table/);
    expect(() =>
      tcmVisit({ ...visit, treatments: [{ procedure: 'acupuncture', points: [{ point: 'ST99' }] }] }),
    ).toThrow(RangeError);
    expect(() => tcmVisit({ ...visit, principle: { code: 'none-such' } })).toThrow(RangeError);
  });

  test('readers take any resource', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('MedicationRequest', 'Condition', 'Procedure', 'Observation'),
        fc.object(),
        (type, rest) => {
          const resource = { ...rest, resourceType: type } as Resource;
          readFormula(resource);
          readDiagnosis(resource);
          readHandTreatment(resource);
          readExaminations([resource]);
        },
      ),
    );
  });

  test('granules are counted as raw herb', () => {
    expect(rawGrams({ dose: { value: 2, unit: 'g' }, granuleEquivalence: 5 })).toBe(10);
    expect(rawGrams({ dose: { value: 3, unit: 'piece' } })).toBeUndefined();
  });
});
