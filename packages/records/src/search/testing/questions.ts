import { extract, type SearchParameter, searchParameter, searchParametersOf } from '@meridian/fhir';
import fc from 'fast-check';
import { BASE, CODES, DATES, IDS, NUMBERS, resource, STRINGS, SYSTEMS, TYPES, URLS } from './world.ts';

/** One parameter of a search: name with modifier, and value. */
export type Parameter = [name: string, value: string];

const PREFIXES = ['', '', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const;
const UNITS = [
  '',
  '',
  '|http://unitsofmeasure.org|mg',
  '|http://unitsofmeasure.org|g',
  '|http://unitsofmeasure.org|[IU]',
];
const MORE_UNITS = ['|urn:s|mg', '||mg', '||milligram', '||IU', '|urn:s|'];

const oneOf = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const escaped = (text: string): string => text.replace(/[\\|$,]/g, '\\$&');
const system = oneOf(SYSTEMS).map(escaped);
const code = oneOf(CODES).map(escaped);
const text = oneOf(STRINGS).chain((whole) =>
  fc.nat({ max: whole.length }).map((length) => escaped(whole.slice(0, length) || whole)),
);

/** What may be asked of a parameter, without a modifier. */
function plainValue(parameter: SearchParameter): fc.Arbitrary<string> {
  switch (parameter.type) {
    case 'token':
      return fc.oneof(
        code,
        fc.tuple(system, code).map(([s, c]) => `${s}|${c}`),
        code.map((c) => `|${c}`),
        system.map((s) => `${s}|`),
        oneOf(['true', 'false', 'booked', 'final', 'phone|123', '123', 'person', 'active']),
      );
    case 'string':
      return text;
    case 'reference':
      return fc.oneof(
        oneOf(IDS),
        fc
          .tuple(oneOf(parameter.target.length > 0 ? parameter.target : TYPES), oneOf(IDS))
          .map((parts) => parts.join('/')),
        fc.constant(`${BASE}/Patient/a`),
        fc.constant('http://there.example/fhir/Patient/a'),
      );
    case 'uri':
      return oneOf([...URLS, 'http://u.example', 'http://u.example/', 'http://u.example/a/b/c', 'urn:x:y/z']);
    case 'number':
      return fc.tuple(oneOf(PREFIXES), oneOf(NUMBERS)).map(([prefix, number]) => `${prefix}${number}`);
    case 'quantity':
      return fc
        .tuple(oneOf(PREFIXES), oneOf(NUMBERS), oneOf([...UNITS, ...MORE_UNITS]))
        .map(([prefix, number, unit]) => `${prefix}${number}${unit}`);
    case 'date':
      return fc.tuple(oneOf(PREFIXES), oneOf([...DATES, '2026-01-01'])).map((parts) => parts.join(''));
    case 'composite':
      return fc.constant('');
  }
}

function compositeValue(type: string, parameter: SearchParameter): fc.Arbitrary<string> {
  const parts = parameter.components.map(({ name }) => {
    const component = searchParameter(type, name);
    return component ? plainValue(component) : fc.constant('1');
  });
  return fc.tuple(...parts).map((values) => values.join('$'));
}

/** A parameter with a modifier that it takes, and a value. */
function asked(type: string, parameter: SearchParameter): fc.Arbitrary<Parameter> {
  const { name } = parameter;
  const plain = parameter.type === 'composite' ? compositeValue(type, parameter) : plainValue(parameter);
  const list = fc.array(plain, { minLength: 1, maxLength: 3 }).map((values) => values.join(','));
  if (name === '_id') return fc.tuple(oneOf(['_id', '_id:not']), fc.array(oneOf(IDS), { minLength: 1 }).map(String));
  const forms: fc.Arbitrary<Parameter>[] = [fc.tuple(fc.constant(name), list)];
  if (name !== '_lastUpdated') forms.push(fc.tuple(fc.constant(`${name}:missing`), oneOf(['true', 'false'])));
  if (parameter.type === 'token') {
    forms.push(fc.tuple(fc.constant(`${name}:not`), list), fc.tuple(fc.constant(`${name}:text`), text));
    const ofType = fc.tuple(system, code, code).map((parts) => parts.join('|'));
    if (name === 'identifier') forms.push(fc.tuple(fc.constant(`${name}:of-type`), ofType));
  }
  if (parameter.type === 'string') {
    const inner = oneOf(STRINGS).map((whole) => escaped(whole.slice(1) || whole));
    forms.push(
      fc.tuple(oneOf([`${name}:exact`, `${name}:contains`]), fc.oneof(text, inner, oneOf(STRINGS).map(escaped))),
    );
  }
  if (parameter.type === 'uri') forms.push(fc.tuple(oneOf([`${name}:below`, `${name}:above`]), plain));
  if (parameter.type === 'reference') {
    const identifier = fc.oneof(
      code,
      fc.tuple(system, code).map((parts) => parts.join('|')),
      code.map((c) => `|${c}`),
    );
    forms.push(fc.tuple(fc.constant(`${name}:identifier`), identifier));
    forms.push(
      fc.tuple(oneOf((parameter.target.length > 0 ? parameter.target : TYPES).map((t) => `${name}:${t}`)), oneOf(IDS)),
    );
  }
  return fc.oneof(...forms);
}

/** The parameters that find something in these worlds. */
const FILLED: ReadonlyMap<string, readonly SearchParameter[]> = new Map(
  TYPES.map((type) => {
    const samples = fc.sample(resource(type), { numRuns: 40, seed: 1 });
    const keys = new Set(samples.flatMap((sample) => extract(sample).map((value) => value.key)));
    const filled = searchParametersOf(type).filter(
      ({ index }) => index.length === 0 || index.some((key) => keys.has(key)),
    );
    return [type, filled];
  }),
);

function anything(type: string): fc.Arbitrary<Parameter> {
  const any = oneOf(searchParametersOf(type));
  const filled = oneOf(FILLED.get(type) ?? searchParametersOf(type));
  return fc
    .oneof({ weight: 9, arbitrary: filled }, { weight: 1, arbitrary: any })
    .chain((parameter) => asked(type, parameter));
}

/** `subject:Patient.` or `subject.` before a question to the target. */
function chained(type: string, depth: number): fc.Arbitrary<Parameter> {
  const links = (FILLED.get(type) ?? []).filter((parameter) => parameter.type === 'reference');
  if (links.length === 0) return anything(type);
  return oneOf(links).chain((link) => {
    const targets = TYPES.filter((target) => link.target.includes(target));
    if (targets.length === 0) return asked(type, link);
    return oneOf(targets).chain((target) =>
      fc.tuple(fc.boolean(), question(target, depth - 1)).map(([named, [name, value]]): Parameter => {
        return [`${link.name}${named ? `:${target}` : ''}.${name}`, value];
      }),
    );
  });
}

/** `_has:Observation:subject:` before a question to what points here. */
function reversed(type: string, depth: number): fc.Arbitrary<Parameter> {
  const pointing = TYPES.flatMap((source) =>
    (FILLED.get(source) ?? [])
      .filter((parameter) => parameter.type === 'reference' && parameter.target.includes(type))
      .map((parameter) => ({ source, parameter })),
  );
  if (pointing.length === 0) return anything(type);
  return oneOf(pointing).chain(({ source, parameter }) =>
    question(source, depth - 1).map(([name, value]): Parameter => [`_has:${source}:${parameter.name}:${name}`, value]),
  );
}

/** Any one parameter that the type may be searched by. */
export function question(type: string, depth = 2): fc.Arbitrary<Parameter> {
  if (depth <= 0) return anything(type);
  return fc.oneof(
    { weight: 5, arbitrary: anything(type) },
    { weight: 1, arbitrary: chained(type, depth) },
    { weight: 1, arbitrary: reversed(type, depth) },
  );
}

/** A whole search: type, one to three parameters, and sometimes a compartment. */
export interface Search {
  type: string;
  parameters: Parameter[];
  compartment: { owner: string; id: string } | undefined;
}

export const search: fc.Arbitrary<Search> = oneOf(TYPES).chain((type) =>
  fc.record({
    type: fc.constant(type as string),
    parameters: fc.array(question(type), { minLength: 1, maxLength: 2 }),
    compartment: fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.record({ owner: oneOf(['Patient', 'Practitioner', 'Encounter']), id: oneOf(IDS) }) },
    ),
  }),
);
