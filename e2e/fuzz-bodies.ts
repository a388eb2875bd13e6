import type { Random } from './random.ts';

/** One hostile body with the content type it claims. */
export interface HostileBody {
  what: string;
  bytes: Buffer;
  contentType?: string;
}

/** A complete and valid resource, to be damaged. */
export function validPatient(random: Random): Record<string, unknown> {
  return {
    resourceType: 'Patient',
    active: true,
    identifier: [{ system: 'https://example.org/fuzz', value: random.word(8) }],
    name: [{ family: random.word(6), given: [random.word(4), '大文'] }],
    birthDate: '1980-02-29',
    multipleBirthInteger: 2,
    contact: [{ name: { family: 'Contact' }, period: { start: '2020-01-01', end: '2021-01-01T10:00:00+08:00' } }],
    extension: [{ url: 'https://example.org/ext', valueDecimal: 1.5 }],
  };
}

const WRONG_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '🏥'.repeat(50),
  [],
  [[]],
  [null],
  {},
  { resourceType: 'Patient' },
  '2026-13-45',
  'javascript:alert(1)',
  `'; DROP TABLE resource; --`,
  '{{7*7}}',
  'x'.repeat(70_000),
];

/** Bytes that arise from a valid resource, by the dice. */
export function mutated(random: Random): HostileBody {
  const resource = validPatient(random);
  const text = JSON.stringify(resource);
  switch (random.below(8)) {
    case 0:
      return { what: 'truncated', bytes: Buffer.from(text).subarray(0, random.below(text.length)) };
    case 1: {
      const bytes = Buffer.from(text);
      for (let i = 0; i <= random.below(6); i++) bytes[random.below(bytes.length)] = random.below(256);
      return { what: 'flipped bytes', bytes };
    }
    case 2:
      return { what: 'wrong value', bytes: Buffer.from(JSON.stringify(withWrongValue(resource, random))) };
    case 3: {
      const key = random.pick(Object.keys(resource));
      return {
        what: 'duplicate key',
        bytes: Buffer.from(`${text.slice(0, -1)},"${key}":${JSON.stringify(resource[key])}}`),
      };
    }
    case 4: {
      const name = random.pick([
        '__proto__',
        'constructor',
        'toString',
        '_birthDate',
        'hasOwnProperty',
        '',
        'a.b',
        '$ref',
      ]);
      const value = JSON.stringify(random.pick(WRONG_VALUES));
      return { what: `unknown element ${name}`, bytes: Buffer.from(`{"${name}":${value},${text.slice(1)}`) };
    }
    case 5: {
      const number = random.pick([
        '1e999',
        '-0',
        '00',
        '.5',
        '9'.repeat(5000),
        '1e-99999',
        'NaN',
        '0x10',
        `1.${'0'.repeat(9999)}`,
      ]);
      return {
        what: 'number',
        bytes: Buffer.from(text.replace('"multipleBirthInteger":2', `"multipleBirthInteger":${number}`)),
      };
    }
    case 6: {
      const at = random.below(text.length);
      const piece = random.pick([
        '{',
        '}',
        '[',
        ']',
        '"',
        ',',
        ':',
        '\\u',
        '\\ud800',
        '\u0000',
        '\ufeff',
        '/*',
        '\r\n',
      ]);
      return { what: 'inserted', bytes: Buffer.from(text.slice(0, at) + piece + text.slice(at)) };
    }
    default: {
      const bytes = Buffer.from(text, random.pick(['utf16le', 'latin1'] as const));
      return { what: 'another encoding', bytes };
    }
  }
}

/** A copy with one value, somewhere, replaced by one that cannot be there. */
function withWrongValue(value: unknown, random: Random): unknown {
  if (value === null || typeof value !== 'object' || random.chance(0.2)) return random.pick(WRONG_VALUES);
  if (Array.isArray(value)) {
    const at = random.below(value.length);
    return value.map((item, i) => (i === at ? withWrongValue(item, random) : item));
  }
  const key = random.pick(Object.keys(value));
  return { ...value, [key]: withWrongValue((value as Record<string, unknown>)[key], random) };
}

/** The known bad ones: each costs a server without bounds its memory, its stack or its time. */
export function notorious(): HostileBody[] {
  const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
  const patient = (inside: string): Buffer => Buffer.from(`{"resourceType":"Patient",${inside}}`);
  const bundle = (entries: string): Buffer =>
    Buffer.from(`{"resourceType":"Bundle","type":"transaction","entry":[${entries}]}`);
  return [
    { what: 'nothing', bytes: Buffer.alloc(0) },
    { what: 'blanks', bytes: Buffer.from(' \n\t') },
    { what: 'null', bytes: Buffer.from('null') },
    { what: 'a number', bytes: Buffer.from('42') },
    { what: 'an array', bytes: Buffer.from('[{"resourceType":"Patient"}]') },
    { what: 'deep arrays', bytes: Buffer.from(nested('[', ']', 200_000)) },
    { what: 'deep objects', bytes: Buffer.from(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) },
    {
      what: 'deep extensions',
      bytes: patient(`"extension":${'[{"url":"u","extension":'.repeat(5000)}[]${'}]'.repeat(5000)}`),
    },
    {
      what: 'deep contained',
      bytes: patient(`"contained":${'[{"resourceType":"Patient","contained":'.repeat(500)}[]${'}]'.repeat(500)}`),
    },
    { what: 'unclosed arrays', bytes: Buffer.from('['.repeat(1_000_000)) },
    { what: 'a string of 10 MB', bytes: patient(`"id":"${'a'.repeat(10_000_000)}"`) },
    { what: 'a name of 10 MB', bytes: patient(`"name":[{"family":"${'名'.repeat(3_300_000)}"}]`) },
    { what: 'an element name of 5 MB', bytes: patient(`"${'a'.repeat(5_000_000)}":1`) },
    { what: 'a million empty names', bytes: patient(`"name":[${'{},'.repeat(1_000_000)}{}]`) },
    { what: '100,000 unknown elements', bytes: patient(Array.from({ length: 100_000 }, (_, i) => `"x${i}":1`).join()) },
    {
      what: '200,000 identifiers',
      bytes: patient(`"identifier":[${Array.from({ length: 200_000 }, (_, i) => `{"value":"${i}"}`).join()}]`),
    },
    { what: 'a number of a million digits', bytes: patient(`"multipleBirthInteger":${'9'.repeat(1_000_000)}`) },
    {
      what: 'invalid UTF-8',
      bytes: Buffer.concat([
        Buffer.from('{"resourceType":"Patient","name":[{"family":"'),
        Buffer.from([0xc3, 0x28, 0xff, 0xed, 0xa0, 0x80]),
        Buffer.from('"}]}'),
      ]),
    },
    { what: 'lone surrogates', bytes: patient('"name":[{"family":"\\ud800\\udc00\\ud800"}]') },
    { what: 'NUL', bytes: patient('"name":[{"family":"a\\u0000b"}]') },
    { what: 'a raw NUL', bytes: patient('"name":[{"family":"a\u0000b"}]') },
    {
      what: 'prototype',
      bytes: Buffer.from('{"__proto__":{"resourceType":"Patient"},"constructor":{"prototype":{"x":1}}}'),
    },
    {
      what: 'narrative bomb',
      bytes: patient(
        `"text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'>${'<b>'.repeat(100_000)}</div>"}`,
      ),
    },
    {
      what: 'entity bomb',
      bytes: patient(
        `"text":{"status":"generated","div":"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><div xmlns='http://www.w3.org/1999/xhtml'>&b;</div>"}`,
      ),
    },
    {
      what: 'a base64 of nonsense',
      bytes: Buffer.from(`{"resourceType":"Binary","contentType":"a/b","data":"${'*'.repeat(100_000)}"}`),
    },
    { what: '6,000 empty entries', bytes: bundle(`${'{},'.repeat(6000)}{}`) },
    {
      what: 'a bundle in a bundle',
      bytes: bundle(`{"resource":${bundle('{}')},"request":{"method":"POST","url":""}}`),
    },
    {
      what: 'entries for operations',
      bytes: bundle(
        '{"request":{"method":"GET","url":"$export"}},{"request":{"method":"POST","url":"../../exchange/import"}}',
      ),
    },
    {
      what: 'references in a circle',
      bytes: bundle(
        '{"fullUrl":"urn:uuid:a","resource":{"resourceType":"Patient","link":[{"type":"seealso","other":{"reference":"urn:uuid:a"}}]},"request":{"method":"PUT","url":"Patient/urn:uuid:a"}}',
      ),
    },
    {
      what: 'conditional reference of nonsense',
      bytes: bundle(
        '{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?%zz=1&_has:::=2"}},"request":{"method":"POST","url":"Observation"}}',
      ),
    },
    { what: 'XML', bytes: Buffer.from('<Patient xmlns="http://hl7.org/fhir"/>'), contentType: 'application/fhir+xml' },
    { what: 'gzip that is none', bytes: Buffer.from('{}'), contentType: 'application/fhir+json; charset=utf-16' },
  ];
}

/** JSON Patch and FHIRPath Patch documents that go wrong in each their way. */
export function hostilePatches(random: Random): HostileBody[] {
  const json = 'application/json-patch+json';
  const operations: unknown[] = [
    [{ op: 'add', path: '/name/-', value: WRONG_VALUES[random.below(WRONG_VALUES.length)] }],
    [{ op: 'replace', path: '/__proto__/x', value: 1 }],
    [{ op: 'remove', path: '/name/99999999999999999999' }],
    [{ op: 'copy', from: '', path: '/contained' }],
    [{ op: 'move', from: '/name', path: '/name/0/x' }],
    [{ op: 'test', path: '/~2~', value: null }],
    [{ op: 'replace', path: '/id', value: 'another' }],
    [{ op: 'replace', path: '/resourceType', value: 'Observation' }],
    Array.from({ length: 20_000 }, () => ({ op: 'add', path: '/name/0', value: { family: 'x' } })),
    Array.from({ length: 60 }, () => ({ op: 'copy', from: '/name', path: '/name/0' })),
    { op: 'add' },
    [null],
    'x',
  ];
  const path = (expression: string): unknown => ({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: expression },
          { name: 'value', valueString: 'x' },
        ],
      },
    ],
  });
  const expressions = [
    'Patient.name.where(true)',
    '('.repeat(5000),
    'Patient.name.repeat(given)',
    "%terminologies.expand('x')",
    'Patient.',
    '9'.repeat(10_000),
  ];
  return [
    ...operations.map((one) => ({ what: 'JSON Patch', bytes: Buffer.from(JSON.stringify(one)), contentType: json })),
    ...expressions.map((one) => ({ what: 'FHIRPath Patch', bytes: Buffer.from(JSON.stringify(path(one))) })),
  ];
}
