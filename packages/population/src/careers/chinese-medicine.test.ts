import type { Resource } from '@meridian/fhir';
import { describe, expect, it } from 'vitest';
import { generatePopulation } from '../population.ts';
import { PLANTED_CONFLICT } from './herb-drug-conflict.ts';

const records = [...generatePopulation({ patients: 400, seed: 11, years: 10, until: '2026-01-31' })].slice(1);

const isFormula = ({ resourceType, contained }: Resource) =>
  resourceType === 'MedicationRequest' && Array.isArray(contained);
const conflictsOf = ({ meta }: Resource) =>
  (meta?.tag ?? []).flatMap(({ system, code }) => (system === PLANTED_CONFLICT ? [code] : []));

describe('Chinese medicine', () => {
  it('is used beside Western medicine by about one patient in seven', () => {
    const both = records.filter(
      (record) =>
        record.some(isFormula) && record.some((one) => one.resourceType === 'MedicationRequest' && !isFormula(one)),
    );
    expect(both.length / records.length).toBeGreaterThan(0.08);
    expect(both.length / records.length).toBeLessThan(0.22);
  });

  it('puts the Western diagnosis and the pattern on one condition', () => {
    const systems = records.flat().flatMap((one) => {
      const codings = (one.code as { coding?: { system: string }[] } | undefined)?.coding ?? [];
      return one.resourceType === 'Condition' ? [codings.map(({ system }) => system)] : [];
    });
    const own = systems.filter((list) => list.includes('http://id.who.int/icd/release/11/mms'));
    expect(own.length).toBeGreaterThan(50);
    for (const list of own) expect(list).toContain('http://hl7.org/fhir/sid/icd-10');
  });

  it('plants conflicts in pairs: the medicine first, the formula within months, both tagged alike', () => {
    const pairs = records
      .map((record) => record.filter((one) => conflictsOf(one).length > 0))
      .filter(({ length }) => length > 0);
    expect(pairs.length).toBeGreaterThan(3);
    const complete = pairs.filter(({ length }) => length === 2);
    expect(complete.length / pairs.length).toBeGreaterThan(0.7);
    for (const [medicine, formula] of complete) {
      if (!medicine || !formula) continue;
      expect([isFormula(medicine), isFormula(formula)]).toEqual([false, true]);
      expect(conflictsOf(formula)).toEqual(conflictsOf(medicine));
      expect(String(medicine.authoredOn) < String(formula.authoredOn)).toBe(true);
    }
  });
});
