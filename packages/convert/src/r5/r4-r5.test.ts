import { readdirSync, readFileSync } from 'node:fs';
import { parseJson, type Resource, stringifyJson } from '@meridian/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertVersion, R4_R5_TYPES, r4ToR5, r5ToR4 } from './r4-r5.ts';

const EXAMPLES = new URL('../../../../node_modules/hl7.fhir.r4.examples/', import.meta.url);

function examplesOf(type: string): Resource[] {
  return readdirSync(EXAMPLES)
    .filter((name) => name.startsWith(`${type}-`) && name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(new URL(name, EXAMPLES), 'utf8')) as Resource);
}

/** Elements of R4 that R5 has no place for: they are reported, and gone. */
const GONE: Readonly<Record<string, readonly string[]>> = {
  Encounter: ['statusHistory', 'classHistory'],
  Immunization: ['education'],
};

describe.each(R4_R5_TYPES)('%s', (type) => {
  it('comes back from R5 as it was in R4, in all published examples', () => {
    const examples = examplesOf(type);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const up = convertVersion(example, 'up');
      const { resource } = convertVersion(up.resource, 'down');
      const expected = structuredClone(example);
      for (const name of GONE[type] ?? []) {
        if (name in expected) expect(up.fidelity.dropped.map(({ path }) => path)).toContain(`${type}.${name}`);
        delete expected[name];
      }
      expect(resource).toEqual(expected);
    }
  });

  it('accounts for every element', () => {
    for (const example of examplesOf(type)) {
      const { mapped, kept, dropped } = convertVersion(example, 'up').fidelity;
      const named = new Set([...mapped, ...kept, ...dropped].map(({ path }) => path.split('.')[1]));
      for (const name of Object.keys(example))
        if (name !== 'resourceType')
          expect(named).toContain(name.replace(/^_/, '') in example ? name.replace(/^_/, '') : name);
    }
  });
});

describe('what changed its form', () => {
  it('an encounter', () => {
    const r4 = {
      resourceType: 'Encounter',
      status: 'arrived',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      period: { start: '2024-01-01' },
      reasonCode: [{ text: 'cough' }],
      hospitalization: { dietPreference: [{ text: 'vegan' }], dischargeDisposition: { text: 'home' } },
    };
    expect(convertVersion(r4, 'up').resource).toEqual({
      resourceType: 'Encounter',
      status: 'in-progress',
      extension: [
        { url: 'http://hl7.org/fhir/4.0/StructureDefinition/extension-Encounter.status', valueCode: 'arrived' },
      ],
      class: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }] }],
      actualPeriod: { start: '2024-01-01' },
      reason: [{ value: [{ concept: { text: 'cough' } }] }],
      dietPreference: [{ text: 'vegan' }],
      admission: { dischargeDisposition: { text: 'home' } },
    });
  });

  it('what R4 cannot hold goes into extensions, and comes back', () => {
    const r5 = {
      resourceType: 'Encounter',
      status: 'discharged',
      class: [{ coding: [{ code: 'IMP' }] }],
      plannedStartDate: '2024-01-01',
      careTeam: [{ reference: 'CareTeam/1' }],
    };
    const { resource, fidelity } = convertVersion(r5, 'down');
    expect(resource.status).toBe('finished');
    expect(fidelity.kept.map(({ path }) => path)).toEqual([
      'Encounter.careTeam',
      'Encounter.plannedStartDate',
      'Encounter.status',
    ]);
    expect(convertVersion(resource, 'up').resource).toEqual(r5);
  });

  it('a medication statement tells in R5 whether it was taken', () => {
    const r4 = {
      resourceType: 'MedicationStatement',
      status: 'not-taken',
      medicationCodeableConcept: { text: 'x' },
      dosage: [{ asNeededCodeableConcept: { text: 'pain' } }],
    };
    const { resource } = convertVersion(r4, 'up');
    expect(resource).toMatchObject({
      status: 'recorded',
      adherence: { code: { coding: [{ code: 'not-taking' }] } },
      medication: { concept: { text: 'x' } },
      dosage: [{ asNeededFor: [{ text: 'pain' }] }],
    });
    expect(convertVersion(resource, 'down').resource).toEqual(r4);
  });
});

describe('as converters', () => {
  const convert = (converter: typeof r4ToR5, text: string): string => {
    const result = converter.convert(Buffer.from(text), {});
    return Buffer.from(('bytes' in result ? result.bytes?.content : undefined) ?? '').toString();
  };

  it('take Bundles, and keep digits as they were written', () => {
    const bundle =
      '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation","valueQuantity":{"value":1.50}}}]}';
    expect(convert(r4ToR5, bundle)).toBe(bundle);
    expect(parseJson(convert(r5ToR4, bundle), { depth: 20 })).toEqual(JSON.parse(bundle));
    expect(stringifyJson(parseJson(bundle, { depth: 20 }))).toBe(bundle);
  });

  it('take resources of any form without a crash', () => {
    const keys = fc.constantFrom(
      'status',
      'class',
      'reason',
      'reasonCode',
      'participant',
      'contact',
      'medication',
      'dosage',
      'dosageInstruction',
      'asNeeded',
      'context',
      'content',
      'diagnosis',
      'condition',
      'use',
      'extension',
      'url',
      'adherence',
      'evidence',
      'code',
      'name',
      'telecom',
      'communication',
      'protocolApplied',
    );
    const wild = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(keys, tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(
        fc.constantFrom(...R4_R5_TYPES),
        fc.dictionary(keys, wild, { maxKeys: 8 }),
        fc.constantFrom('up', 'down'),
        (resourceType, rest, direction) => {
          expect(convertVersion({ ...rest, resourceType }, direction).resource.resourceType).toBe(resourceType);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuse what they do not know', () => {
    expect(() => convert(r4ToR5, '{"resourceType":"Claim"}')).toThrow(/not converted/);
    expect(() => convert(r4ToR5, '[]')).toThrow(/no FHIR resource/);
    expect(() => convert(r4ToR5, '{')).toThrow(/not JSON/);
  });
});
