import { describe, expect, it } from 'vitest';
import type { Resource } from '../resource.ts';
import { extract } from './extract.ts';
import type { IndexValue } from './index-value.ts';
import type { SearchParameter } from './parameter.ts';
import { searchParametersOf } from './parameters.ts';
import { publishedExample, publishedExamples, publishedParameters } from './testing/definitions.ts';
import { slowExtract } from './testing/slow-extractor.ts';

const published = publishedParameters();
const examples = publishedExamples(100);

/** R4 gives its two components each other's expression; see the generator. */
const CORRECTED = ['http://hl7.org/fhir/SearchParameter/DocumentReference-relationship'];

/** What both extractors say of one value: no key, no canonical units, no undefined members. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null)
    return value === Infinity || value === -Infinity ? String(value) : value;
  const members = Object.entries(value).filter(
    ([name, member]) => !['key', 'canonical'].includes(name) && member !== undefined,
  );
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, comparable(member)]),
  );
}

function distinct(values: readonly unknown[]): string[] {
  const texts = values.map((value) => JSON.stringify(comparable(value)));
  // The slow extractor does not know the systems of bindings.
  const unbound = texts.some((text) => text.includes('"system":"*"'));
  return [...new Set(unbound ? texts.map((text) => text.replace(/,"system":"[^"]*"/g, '')) : texts)].sort();
}

function fastOf(parameter: SearchParameter, values: readonly IndexValue[]): unknown[] {
  return ofTarget(
    parameter,
    values.filter((value) => parameter.index.includes(value.key)),
  );
}

/** What a parameter that is answered from another's index means: the references to its own target. */
function ofTarget(parameter: SearchParameter, values: readonly unknown[]): unknown[] {
  const aliased = parameter.index.join() !== parameter.name && parameter.target.length === 1;
  return aliased ? values.filter((value) => (value as { type?: string }).type === parameter.target[0]) : [...values];
}

function withoutSystems(texts: string[], slow: string[]): string[] {
  const unbound =
    slow.length > 0 &&
    slow.every((text) => !text.includes('"system"')) &&
    slow.some((text) => text.includes('"kind":"token"'));
  return unbound ? [...new Set(texts.map((text) => text.replace(/,"system":"[^"]*"/g, '')))].sort() : texts;
}

function differences(resource: Resource): string[] {
  const values = extract(resource);
  return searchParametersOf(resource.resourceType)
    .filter((parameter) => parameter.index.length > 0 && !CORRECTED.includes(parameter.url))
    .flatMap((parameter) => {
      const definition = published.get(parameter.url);
      if (!definition) return [`${parameter.url} is not published`];
      const slow = distinct(ofTarget(parameter, slowExtract(definition, resource, published)));
      const fast = withoutSystems(distinct(fastOf(parameter, values)), slow);
      return slow.join() === fast.join()
        ? []
        : [`${resource.id}: ${parameter.name}: ${slow.join()} is not ${fast.join()}`];
    });
}

describe('extract', () => {
  it.each([...examples.keys()])(
    'finds in every published %s what its expressions find',
    { timeout: 60_000 },
    (type) => {
      expect((examples.get(type) ?? []).flatMap(differences)).toEqual([]);
    },
  );

  it('has examples of nearly all types', () => {
    expect(examples.size).toBeGreaterThan(130);
  });

  it('emits values only for keys that some parameter lists', () => {
    for (const [type, resources] of examples) {
      const keys = new Set(searchParametersOf(type).flatMap((parameter) => parameter.index));
      const emitted = resources.flatMap((resource) => extract(resource).map((value) => value.key));
      expect(emitted.filter((key) => !keys.has(key))).toEqual([]);
    }
  });

  it('gives codes the system of their required binding', () => {
    const values = extract(publishedExample('Patient-example.json'));
    expect(values).toContainEqual({
      kind: 'token',
      key: 'gender',
      system: 'http://hl7.org/fhir/administrative-gender',
      code: 'male',
    });
  });

  it('tells our own absolute references from those elsewhere', () => {
    const resource = {
      resourceType: 'Observation',
      subject: { reference: 'https://a.example/fhir/Patient/1' },
      performer: [{ reference: 'urn:uuid:0' }, { reference: '#p' }, { identifier: { system: 's', value: 'v' } }],
    };
    expect(extract(resource, { baseUrl: 'https://a.example/fhir' })).toEqual([
      { kind: 'reference', key: 'performer', url: 'urn:uuid:0' },
      { kind: 'reference', key: 'performer', identifier: { system: 's', value: 'v' } },
      { kind: 'reference', key: 'subject', type: 'Patient', id: '1' },
    ]);
    expect(extract(resource, { baseUrl: 'https://b.example/fhir' })).toContainEqual({
      kind: 'reference',
      key: 'subject',
      url: 'https://a.example/fhir/Patient/1',
    });
  });

  it('pairs relation and target of a document, which R4 has the wrong way round', () => {
    expect(
      extract(publishedExample('DocumentReference-example.json')).filter(({ key }) => key === 'relationship'),
    ).toEqual([
      {
        kind: 'composite',
        key: 'relationship',
        components: [
          [
            {
              kind: 'token',
              key: 'relation',
              system: 'http://hl7.org/fhir/document-relationship-type',
              code: 'appends',
            },
          ],
          [{ kind: 'reference', key: 'relatesto', type: 'DocumentReference', id: 'example' }],
        ],
      },
    ]);
  });

  it('reads meta', () => {
    const meta = { tag: [{ system: 's', code: 'c' }], profile: ['http://p|2'], source: 'http://s' };
    expect(extract({ resourceType: 'Basic', meta })).toEqual([
      { kind: 'uri', key: '_profile', value: 'http://p|2' },
      { kind: 'uri', key: '_profile', value: 'http://p' },
      { kind: 'uri', key: '_source', value: 'http://s' },
      { kind: 'token', key: '_tag', system: 's', code: 'c' },
    ]);
  });

  it('adds canonical units to UCUM quantities', () => {
    const valueQuantity = { value: 500, system: 'http://unitsofmeasure.org', code: 'mg' };
    expect(extract({ resourceType: 'Observation', valueQuantity })).toContainEqual({
      kind: 'quantity',
      key: 'value-quantity',
      ...valueQuantity,
      canonical: { value: 0.5, code: 'g' },
    });
  });

  it('makes nothing of elements that have another shape than their type', () => {
    const hostile = {
      resourceType: 'Patient',
      name: 'x',
      telecom: [null, 3],
      birthDate: {},
      identifier: [[]],
      active: 'yes',
    };
    expect(extract(hostile)).toEqual([{ kind: 'token', key: 'deceased', code: 'false' }]);
    expect(extract({ resourceType: '__proto__' })).toEqual([]);
  });
});
