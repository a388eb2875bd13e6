import { describe, expect, test } from 'vitest';
import type { ValueSet } from '../definitions-resources.ts';
import { TerminologyError } from './error.ts';
import { publishedTerminology } from './published.ts';
import { Terminology } from './terminology.ts';

const R4 = 'http://hl7.org/fhir/ValueSet';
const terminology = new Terminology();

function problemOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof TerminologyError) return error.problem;
    throw error;
  }
  return undefined;
}

describe('published value sets', () => {
  test('expand in order, with displays, by pages and by filter', () => {
    const { total, contains } = terminology.expand(`${R4}/administrative-gender|4.0.1`);
    expect(total).toBe(4);
    expect(contains[0]).toEqual({ system: 'http://hl7.org/fhir/administrative-gender', code: 'male', display: 'Male' });
    expect(terminology.expand(`${R4}/administrative-gender`, { offset: 2, count: 1 }).contains).toHaveLength(1);
    expect(
      terminology.expand(`${R4}/administrative-gender`, { filter: 'FEM' }).contains.map((each) => each.code),
    ).toEqual(['female']);
  });

  test('follow is-a filters through the hierarchy of v3', () => {
    const codes = terminology.valueSetCodes('http://terminology.hl7.org/ValueSet/v3-ActEncounterCode');
    const found = codes.get('http://terminology.hl7.org/CodeSystem/v3-ActCode');
    expect(found?.has('AMB')).toBe(true);
    expect(found?.has('ADJUD')).toBe(false);
  });

  test('every one of them either expands or says what is missing', () => {
    const outcomes = new Map<string, number>();
    for (const url of Object.keys(publishedTerminology().valueSets)) {
      const outcome = problemOf(() => terminology.expand(url)) ?? 'expanded';
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(Object.fromEntries(outcomes)).toEqual({ expanded: 1213, 'not-loaded': 101, 'not-found': 2 });
  });
});

describe('questions about codes', () => {
  test('are answered for code systems that are here', () => {
    const marital = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus';
    expect(terminology.lookup(marital, 'M').display).toBe('Married');
    expect(terminology.validateInCodeSystem(marital, { code: 'nope' }).result).toBe(false);
    expect(terminology.validateInCodeSystem(marital, { code: 'M', display: 'married' }).result).toBe(true);
    expect(terminology.validateInCodeSystem(marital, { code: 'M', display: 'Divorced' })).toMatchObject({
      result: false,
      display: 'Married',
    });
    expect(terminology.validateInValueSet(`${R4}/marital-status`, { system: marital, code: 'M' }).result).toBe(true);
  });

  test('are answered by syntax where a system has no list', () => {
    expect(terminology.validateInValueSet(`${R4}/mimetypes`, { code: 'text/plain; charset=utf-8' }).result).toBe(true);
    expect(terminology.validateInValueSet(`${R4}/mimetypes`, { code: 'plain text' }).result).toBe(false);
    expect(terminology.validateInCodeSystem('urn:iso:std:iso:4217', { code: 'HKD' }).result).toBe(true);
  });

  test('are refused for systems that are not here, and for names of object members', () => {
    expect(problemOf(() => terminology.lookup('http://snomed.info/sct', '73211009'))).toBe('not-loaded');
    expect(problemOf(() => terminology.lookup('http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', 'x'))).toBe(
      'not-found',
    );
    expect(problemOf(() => terminology.expand('http://example.org/none'))).toBe('not-found');
    expect(problemOf(() => terminology.expand('constructor'))).toBe('not-found');
  });
});

describe('added resources', () => {
  const own = new Terminology(() => ({ codeSystems: {}, valueSets: {} }));
  own.add({
    resourceType: 'CodeSystem',
    url: 'urn:test:herbs',
    content: 'complete',
    concept: [
      {
        code: 'root',
        display: 'Root herbs',
        concept: [{ code: 'ginseng', display: 'Ginseng' }, { code: 'astragalus' }],
      },
      { code: 'flower', display: 'Flowers', property: [{ code: 'nature', valueCode: 'cool' }] },
      { code: 'bud', property: [{ code: 'parent', valueCode: 'flower' }] },
    ],
  });

  function codesOf(compose: NonNullable<ValueSet['compose']>): string[] {
    return own.expand({ resourceType: 'ValueSet', compose }).contains.map(({ code }) => code);
  }

  test('filters, exclusions and imports', () => {
    const system = 'urn:test:herbs';
    const isA = (value: string) => [{ property: 'concept', op: 'is-a', value }];
    expect(codesOf({ include: [{ system, filter: isA('root') }] })).toEqual(['root', 'ginseng', 'astragalus']);
    expect(codesOf({ include: [{ system, filter: isA('flower') }] })).toEqual(['flower', 'bud']);
    expect(codesOf({ include: [{ system }], exclude: [{ system, filter: isA('root') }] })).toEqual(['flower', 'bud']);
    expect(codesOf({ include: [{ system, filter: [{ property: 'nature', op: '=', value: 'cool' }] }] })).toEqual([
      'flower',
    ]);
    own.add({
      resourceType: 'ValueSet',
      url: 'urn:test:roots',
      compose: { include: [{ system, filter: isA('root') }] },
    });
    expect(
      codesOf({ include: [{ system, concept: [{ code: 'ginseng' }, { code: 'bud' }], valueSet: ['urn:test:roots'] }] }),
    ).toEqual(['ginseng']);
  });

  test('a value set that includes itself and a regex filter are refused', () => {
    own.add({
      resourceType: 'ValueSet',
      url: 'urn:test:loop',
      compose: { include: [{ valueSet: ['urn:test:loop'] }] },
    });
    expect(problemOf(() => own.expand('urn:test:loop'))).toBe('invalid');
    const filter = [{ property: 'code', op: 'regex', value: '(a+)+$' }];
    expect(problemOf(() => codesOf({ include: [{ system: 'urn:test:herbs', filter }] }))).toBe('not-supported');
  });

  test('replacing a code system changes what was expanded before', () => {
    own.add({ resourceType: 'CodeSystem', url: 'urn:test:few', content: 'complete', concept: [{ code: 'a' }] });
    own.add({ resourceType: 'ValueSet', url: 'urn:test:all', compose: { include: [{ system: 'urn:test:few' }] } });
    expect(own.expand('urn:test:all').total).toBe(1);
    own.add({
      resourceType: 'CodeSystem',
      url: 'urn:test:few',
      content: 'complete',
      concept: [{ code: 'a' }, { code: 'b' }],
    });
    expect(own.expand('urn:test:all').total).toBe(2);
  });
});
