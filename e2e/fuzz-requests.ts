import { searchParametersOf } from '@meridian/fhir';
import type { Random } from './random.ts';

/** A path with query below the server, and headers, meant to go wrong. */
export interface HostileRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

const TYPES = [
  'Patient',
  'Observation',
  'Encounter',
  'MedicationRequest',
  'Binary',
  'Bundle',
  'Group',
  'List',
  'Nothing',
  'patient',
];
const NAMES = [
  'name',
  'birthdate',
  'identifier',
  'code',
  'date',
  'value-quantity',
  'subject',
  'patient',
  'general-practitioner',
  '_id',
];
const MORE_NAMES = [
  '_lastUpdated',
  '_has',
  '_include',
  '_revinclude',
  '_sort',
  '_count',
  '_total',
  '_summary',
  '_elements',
  '_filter',
];
const STILL_MORE = [
  '_content',
  '_text',
  '_list',
  '_query',
  '_cursor',
  '_page',
  '_format',
  '_pretty',
  '_since',
  '_at',
  '_tag',
  '_type',
];
const PARAMETERS = [
  ...NAMES,
  ...MORE_NAMES,
  ...STILL_MORE,
  'code-value-quantity',
  'component-code',
  '__proto__',
  'constructor',
  '',
];
const MODIFIERS = [
  '',
  ':exact',
  ':contains',
  ':missing',
  ':not',
  ':in',
  ':of-type',
  ':identifier',
  ':iterate',
  ':Patient',
  ':Patient.name',
];
const MORE_MODIFIERS = [
  ':Patient:name',
  ':Observation:subject:code',
  '.name',
  '.subject.subject.subject.name',
  ':::',
  ':above',
  ':text',
  ':',
];
const VALUES = [
  '',
  'a',
  ',',
  ',,,,',
  '|',
  '||',
  '|||',
  'a|b|c|d',
  '$',
  'a$b',
  '\\',
  '\\,\\|\\$',
  '0',
  '-1',
  '1e400',
  'gt',
  'ap2020',
  'eq2020-13-99',
];
const MORE_VALUES = [
  'true',
  'maybe',
  '5.4|http://unitsofmeasure.org|mg',
  'gt5||',
  'Patient/',
  'Patient/..',
  '/',
  'http://[',
  'urn:uuid:',
];
const DANGEROUS = [
  `' OR '1'='1`,
  `'); DROP TABLE resource; --`,
  '%',
  '_',
  '(a+)+$',
  '\u0000',
  '\ud83d',
  '../../etc/passwd',
  '名'.repeat(300),
];
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['if-match', ['W/"', '*', '"1"', 'W/"-1"', 'W/"99999999999999999999"', '1', 'W/"1", W/"2"', '"'.repeat(3000)]],
  ['if-none-match', ['*', 'W/"1"', 'x', ',,,', 'W/"1"'.repeat(900)]],
  ['if-modified-since', ['never', 'Thu, 99 Foo 2099 99:99:99 GMT', '0']],
  ['if-none-exist', ['', '?', 'name', 'identifier=', '_has:::=1', 'a='.repeat(2000), '%', 'identifier=%00']],
  [
    'prefer',
    [
      'return=',
      'return=everything',
      'handling=strict',
      'handling=lenient; wait=-1',
      'respond-async',
      ';'.repeat(4000),
      'wait=1e999',
    ],
  ],
  [
    'content-type',
    [
      '',
      '/',
      'application/fhir+json; charset=ebcdic',
      'application/fhir+json; fhirVersion=9',
      'multipart/form-data',
      'a'.repeat(9000),
    ],
  ],
  [
    'accept',
    [
      '',
      'application/fhir+xml',
      'text/html',
      '*/*;q=nan',
      'application/fhir+json;q=0',
      ','.repeat(5000),
      'application/fhir+turtle',
    ],
  ],
  ['accept-encoding', ['br;q=2', 'identity;q=0', '*;q=0']],
  ['range', ['bytes=', 'bytes=5-1', 'bytes=-', 'bytes=0-0,1-1,2-2', 'bytes=99999999999999999999-', 'lines=1-2']],
  [
    'authorization',
    [
      '',
      'Bearer',
      'Bearer ',
      'Bearer a.b.c',
      'Basic YTpi',
      `Bearer ${'x'.repeat(8000)}`,
      'Bearer eyJhbGciOiJub25lIn0.e30.',
    ],
  ],
  ['x-request-id', ['', 'x'.repeat(5000), '<script>', '../..']],
  ['content-encoding', ['gzip', 'br', 'nonsense']],
  ['expect', ['100-continue', 'x']],
  ['x-http-method-override', ['DELETE']],
  ['x-forwarded-for', ['127.0.0.1, evil']],
  ['origin', ['null', 'http://evil.example']],
  ['transfer-encoding', ['chunked']],
];
const METHODS = [
  'GET',
  'GET',
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
];
const PATHS = [
  'metadata',
  '$export',
  '$import',
  '_history',
  '_search',
  '$validate',
  '$everything',
  '$expand',
  '$lookup',
  '$meta',
  '$lastn',
  '$nothing',
];
const SUFFIXES = [
  '',
  '/',
  '//',
  '/_history',
  '/_history/0',
  '/_history/99999999999',
  '/_history/x',
  '/$everything',
  '/$meta',
  '/Observation',
  '/*',
  '/_search',
  '/%2e%2e/%2e%2e',
];

/** A random request, made of what often breaks servers. */
export function hostileRequest(random: Random, ids: readonly string[]): HostileRequest {
  if (random.chance(0.5)) return hostileSearch(random, ids);
  const method = random.pick(METHODS);
  const headers: Record<string, string> = {};
  if (random.chance(0.3)) {
    const [name, values] = random.pick(HEADERS);
    // the length of what follows is the client library's business, see raw-http.ts for lies about it
    if (name !== 'transfer-encoding') headers[name] = random.pick(values);
  }
  const path = `/fhir/${hostilePath(random, ids)}${random.chance(0.7) ? `?${hostileQuery(random)}` : ''}`;
  const withBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const bodies = ['', '{}', '[]', '{"resourceType":"Patient"}', 'name=a&%zz'];
  return { method, path, headers, ...(withBody && { body: random.pick(bodies) }) };
}

const SEARCHED = ['Patient', 'Observation', 'Encounter', 'MedicationRequest', 'Group', 'Location'];
const VALUES_BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  number: ['1', '-0', 'gt1e3', 'ap0.1', '1e-300', '9'.repeat(300), 'ne0'],
  date: ['2020', 'gt2020-02-30', 'ap1900', 'sa0001', 'eb9999-12-31T23:59:59.999Z', 'lt2020-01-01T00:00:00+14:00'],
  quantity: [
    '5.4|http://unitsofmeasure.org|mg',
    'gt5||',
    'lt1e-9||kg',
    '1|x|y|z',
    'ap0||%',
    '5|http://unitsofmeasure.org|m.s-2{x}',
  ],
  token: ['|', 'a|', '|a', 'http://loinc.org|1', 'true', 'a|b|c'],
  reference: ['Patient/x', 'x', 'http://elsewhere/Patient/x', 'Patient/x/_history/1', 'urn:uuid:x', '#x'],
  string: ['a', '\u540d', '%', '_', '\\', 'ﬁ', '\u0000', 'e\u0301', ' ', 'x'.repeat(5000)],
  uri: ['http://a', 'urn:oid:1.2', '', '://'],
  composite: ['8480-6$gt100', '$', 'a$b$c', '8480-6$', 'http://loinc.org|8480-6$lt60||mm[Hg]'],
  special: ['0|0|1|km', '95|-181', ''],
};
const CONTROLS = [
  '_count=0',
  '_count=1001',
  '_count=-1',
  '_sort=-date',
  '_sort=name,-_id',
  '_summary=count',
  '_total=accurate',
  '_include=*',
  '_elements=id',
];
const MORE_CONTROLS = [
  '_revinclude=Observation:subject',
  '_include:iterate=Observation:subject',
  '_has:Observation:subject:code=a',
  '_lastUpdated=gt2020',
  '_summary=text',
];

/** A search that the type knows, with values and modifiers that may not fit: this one gets as far as the database. */
function hostileSearch(random: Random, ids: readonly string[]): HostileRequest {
  const type = random.pick(SEARCHED);
  const parts = Array.from({ length: 1 + random.below(3) }, () => {
    const { name, type: kind } = random.pick(searchParametersOf(type));
    const chain =
      kind === 'reference' && random.chance(0.3) ? random.pick(['.name', ':Patient.name', '._id', '.identifier']) : '';
    const modifier = chain === '' && random.chance(0.3) ? random.pick(MODIFIERS) : '';
    const fitting = [...(VALUES_BY_TYPE[kind] ?? []), `Patient/${random.pick(ids)}`];
    const values = random.chance(0.2) ? [...VALUES, ...MORE_VALUES, ...DANGEROUS] : fitting;
    const value = Array.from({ length: random.chance(0.1) ? 200 : 1 + random.below(2) }, () =>
      random.pick(values),
    ).join();
    return `${name}${chain}${modifier}=${encodeURIComponent(value.toWellFormed())}`;
  });
  if (random.chance(0.5)) parts.push(random.pick([...CONTROLS, ...MORE_CONTROLS]));
  const query = parts.join('&');
  const headers: Record<string, string> = random.chance(0.5) ? { prefer: 'handling=strict' } : {};
  if (query.length < 6000 && random.chance(0.8)) return { method: 'GET', path: `/fhir/${type}?${query}`, headers };
  const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', path: `/fhir/${type}/_search`, headers: form, body: query };
}

function hostilePath(random: Random, ids: readonly string[]): string {
  switch (random.below(5)) {
    case 0:
      return random.pick(TYPES);
    case 1:
      return `${random.pick(TYPES)}/${random.pick(ids)}${random.pick(SUFFIXES)}`;
    case 2:
      return `${random.chance(0.5) ? `${random.pick(TYPES)}/` : ''}${random.pick(PATHS)}`;
    case 3:
      return `${random.pick(TYPES)}/${random.pick(['..', '%00', '%', '%c3%28', 'a'.repeat(3000), '%2f', 'ﬁ', "'", '$', '_'])}`.replace(
        /[^!-~]/g,
        encodeURIComponent,
      );
    default:
      return Array.from({ length: 1 + random.below(12) }, () =>
        random.pick([...TYPES, ...PATHS, '', '.', '..', '%2e']),
      ).join('/');
  }
}

function hostileQuery(random: Random): string {
  const count = random.chance(0.02) ? 1000 : 1 + random.below(4);
  const parameters = Array.from({ length: count }, () => {
    const name = random.pick(PARAMETERS) + random.pick([...MODIFIERS, ...MORE_MODIFIERS]);
    const value = random.pick([...VALUES, ...MORE_VALUES, ...DANGEROUS]);
    const text = value.toWellFormed();
    if (random.chance(0.15))
      return `${name}=%${random.word(1)}${random.pick(['%', '%zz', '%ff%fe', '%00', '+', '%u0041'])}`;
    return `${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
  });
  return parameters.join('&').slice(0, 30_000);
}

/** A cursor that the server gave, changed. */
export function tampered(cursor: string, random: Random): string {
  const at = random.below(cursor.length);
  switch (random.below(4)) {
    case 0:
      return cursor.slice(0, at) + random.word(1) + cursor.slice(at + 1);
    case 1:
      return cursor.slice(0, at);
    case 2:
      return cursor + random.word(4);
    default:
      return random.word(cursor.length);
  }
}
