import { describe, expect, it } from 'vitest';
import { parseJson, stringifyJson } from '../json.ts';
import type { Resource } from '../resource.ts';
import { applyFhirPathPatch } from './fhirpath-patch.ts';
import { PatchError } from './patch-error.ts';

type Values = Record<string, unknown>;

/** A patch of one operation: names of parts with their `value[x]`. */
function patch(...operations: Record<string, Values>[]): unknown {
  const parameter = operations.map((operation) => ({
    name: 'operation',
    part: Object.entries(operation).map(([name, value]) => ({ name, ...value })),
  }));
  return { resourceType: 'Parameters', parameter };
}

const type = (code: string): Values => ({ valueCode: code });
const text = (value: string): Values => ({ valueString: value });
const whole = (value: number): Values => ({ valueInteger: value });

const patient: Resource = {
  resourceType: 'Patient',
  id: '1',
  birthDate: '1920-01-01',
  active: true,
  name: [{ family: 'a', given: ['x', 'y'] }, { family: 'b' }, { family: 'c' }],
  deceasedBoolean: false,
};

function refusal(parameters: unknown): PatchError {
  try {
    applyFhirPathPatch(patient, parameters);
  } catch (error) {
    if (error instanceof PatchError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('applyFhirPathPatch', () => {
  it('adds to a list, to a single element, and to an empty place', () => {
    const added = applyFhirPathPatch(
      patient,
      patch(
        { type: type('add'), path: text('Patient'), name: text('name'), value: { valueHumanName: { family: 'd' } } },
        {
          type: type('add'),
          path: text('Patient'),
          name: text('maritalStatus'),
          value: { valueCodeableConcept: { text: 'm' } },
        },
        { type: type('add'), path: text('Patient.name[0]'), name: text('given'), value: { valueString: 'z' } },
      ),
    );
    expect(added.name).toEqual([
      { family: 'a', given: ['x', 'y', 'z'] },
      { family: 'b' },
      { family: 'c' },
      { family: 'd' },
    ]);
    expect(added.maritalStatus).toEqual({ text: 'm' });
    expect(patient.name).toHaveLength(3);
  });

  it('adds backbone elements given as parts', () => {
    const part = [
      { name: 'relationship', valueCodeableConcept: { text: 'mother' } },
      { name: 'relationship', valueCodeableConcept: { text: 'guardian' } },
      { name: 'name', part: [{ name: 'family', valueString: 'e' }] },
    ];
    const added = applyFhirPathPatch(
      patient,
      patch({ type: type('add'), path: text('Patient'), name: text('contact'), value: { part } }),
    );
    expect(added.contact).toEqual([
      { relationship: [{ text: 'mother' }, { text: 'guardian' }], name: { family: 'e' } },
    ]);
  });

  it('replaces values, items of lists, and choices of another type', () => {
    const replaced = applyFhirPathPatch(
      { ...patient, _birthDate: { id: 'b' } },
      patch(
        { type: type('replace'), path: text('Patient.birthDate'), value: { valueDate: '1930-01-01' } },
        {
          type: type('replace'),
          path: text("Patient.name.where(family = 'b')"),
          value: { valueHumanName: { text: 'B' } },
        },
        { type: type('replace'), path: text('Patient.deceased'), value: { valueDateTime: '2020' } },
      ),
    );
    expect(replaced).toEqual({
      resourceType: 'Patient',
      id: '1',
      birthDate: '1930-01-01',
      active: true,
      name: [{ family: 'a', given: ['x', 'y'] }, { text: 'B' }, { family: 'c' }],
      deceasedDateTime: '2020',
    });
  });

  it('deletes elements and items, the last item with its list; what is not there is deleted already', () => {
    const deleted = applyFhirPathPatch(
      { ...patient, _name: null, telecom: [{ value: '1' }] },
      patch(
        { type: type('delete'), path: text('Patient.name[1]') },
        { type: type('delete'), path: text('Patient.telecom[0]') },
        { type: type('delete'), path: text('Patient.deceased') },
        { type: type('delete'), path: text('Patient.gender') },
      ),
    );
    expect(deleted.name).toEqual([{ family: 'a', given: ['x', 'y'] }, { family: 'c' }]);
    expect(deleted).not.toHaveProperty('telecom');
    expect(deleted).not.toHaveProperty('deceasedBoolean');
  });

  it('inserts and moves within lists', () => {
    const inserted = applyFhirPathPatch(
      patient,
      patch(
        {
          type: type('insert'),
          path: text('Patient.name'),
          index: whole(1),
          value: { valueHumanName: { family: 'i' } },
        },
        { type: type('move'), path: text('Patient.name'), source: whole(3), destination: whole(0) },
      ),
    );
    expect((inserted.name as { family: string }[]).map(({ family }) => family)).toEqual(['c', 'a', 'i', 'b']);
  });

  it('keeps how decimals were written', () => {
    const before = parseJson('{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.10}]}', {
      depth: 8,
    });
    const operations = parseJson(
      '{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},' +
        '{"name":"path","valueString":"RiskAssessment.prediction[0].probability"},{"name":"value","valueDecimal":0.200}]}]}',
      { depth: 8 },
    );
    expect(stringifyJson(applyFhirPathPatch(before as Resource, operations))).toBe(
      '{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.200}]}',
    );
  });

  it.each<[unknown, number, RegExp]>([
    [{ resourceType: 'Patient' }, 400, /Parameters resource/],
    [patch({ path: text('Patient') }), 400, /"type"/],
    [patch({ type: type('delete') }), 400, /"path"/],
    [patch({ type: type('delete'), path: text('Patient.name[') }), 400, /FHIRPath/],
    [
      patch({ type: type('delete'), path: text("Patient.name.where(family.matches('(a+)+$'))") }),
      400,
      /may not use matches/,
    ],
    [patch({ type: type('delete'), path: text('Patient.repeat(name)') }), 400, /may not use repeat/],
    [patch({ type: type('delete'), path: text('Patient.name') }), 422, /exactly one/],
    [patch({ type: type('delete'), path: text('Patient') }), 422, /whole resource/],
    [patch({ type: type('delete'), path: text("'x'") }), 422, /not computed/],
    [patch({ type: type('delete'), path: text('Patient.id') }), 422, /resourceType or id/],
    [patch({ type: type('add'), path: text('Patient'), name: text('nope'), value: text('x') }), 422, /no such element/],
    [
      patch({ type: type('add'), path: text('Patient'), name: text('__proto__'), value: text('x') }),
      422,
      /no such element/,
    ],
    [
      patch({ type: type('add'), path: text('Patient'), name: text('birthDate'), value: { valueDate: '2000' } }),
      422,
      /there already/,
    ],
    [
      patch({ type: type('add'), path: text('Patient'), name: text('deceased'), value: { valueDateTime: '2000' } }),
      422,
      /there already/,
    ],
    [
      patch({ type: type('replace'), path: text('Patient.deceased'), value: text('x') }),
      422,
      /deceasedBoolean, deceasedDateTime/,
    ],
    [patch({ type: type('replace'), path: text('Patient.birthDate') }), 400, /"value" is missing/],
    [
      patch({ type: type('insert'), path: text('Patient.name'), index: whole(9), value: { valueHumanName: {} } }),
      422,
      /beyond/,
    ],
    [
      patch({ type: type('insert'), path: text('Patient.name'), index: whole(-1), value: { valueHumanName: {} } }),
      400,
      /"index"/,
    ],
    [patch({ type: type('move'), path: text('Patient.name'), source: whole(3), destination: whole(0) }), 422, /within/],
    [
      patch({ type: type('add'), path: text('Patient.birthDate'), name: text('x'), value: text('x') }),
      422,
      /primitive/,
    ],
  ])('refuses %j', (parameters, status, sentence) => {
    const error = refusal(parameters);
    expect(error.message).toMatch(sentence);
    expect(error.status).toBe(status);
  });
});
