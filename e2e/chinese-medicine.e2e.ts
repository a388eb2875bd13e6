import { checkSafety, ICD11_BUILT_IN, safetyInputFromFhir, tcmProfileRegistry } from '@meridian/clinic';
import { type Resource, validate } from '@meridian/fhir';
import { generatePopulation } from '@meridian/population';
import { describe, expect, test } from 'vitest';

/** The population writes Chinese medicine without knowing the clinic's tables; here the two are held together. */
const records = [...generatePopulation({ patients: 300, seed: 7, years: 20, until: '2026-01-31' })].slice(1);
const profiles = tcmProfileRegistry();
const isPlanted = ({ meta }: Resource) =>
  (meta?.tag ?? []).some(({ system }) => system === 'https://region.example/planted-conflict');

describe('Chinese medicine of the population', () => {
  test("keeps the clinic's profiles and WHO's titles", () => {
    const profiled = records.flat().filter(({ meta }) => meta?.profile !== undefined);
    expect(profiled.length).toBeGreaterThan(1000);
    const errors = profiled.flatMap((one) =>
      validate(one, { profiles }).filter(({ severity }) => severity === 'error'),
    );
    expect(errors).toEqual([]);
    for (const { code } of profiled.filter(({ resourceType }) => resourceType === 'Condition')) {
      for (const coding of (code as { coding: { system: string; code: string; display: string }[] }).coding) {
        if (coding.system === 'http://id.who.int/icd/release/11/mms') {
          expect(ICD11_BUILT_IN.get(coding.code)?.title).toBe(coding.display);
        }
      }
    }
  });

  test('every planted conflict is found by the safety check, none among the weak findings that stay quiet', () => {
    const pairs = records.map((record) => record.filter(isPlanted)).filter(({ length }) => length === 2);
    expect(pairs.length).toBeGreaterThan(3);
    for (const orders of pairs) {
      const on = String(orders[1]?.authoredOn).slice(0, 10);
      const current = orders.map((order) => ({ ...order, status: 'active' }));
      const severities = checkSafety(safetyInputFromFhir(current, on)).map(({ severity }) => severity);
      expect(severities.some((severity) => ['contraindicated', 'serious', 'moderate'].includes(severity))).toBe(true);
    }
  });
});
