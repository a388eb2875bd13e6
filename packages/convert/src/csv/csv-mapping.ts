import { isResourceType } from '@meridian/fhir';
import { parse } from 'yaml';
import { ConversionError } from '../evidence/converter.ts';

/** What becomes of one column. */
export interface CsvField {
  column: string;
  /** Where the value goes, such as `name[0].family` or `valueQuantity.value`. */
  path: string;
  type: 'string' | 'code' | 'date' | 'dateTime' | 'decimal' | 'integer' | 'boolean' | 'reference';
  /** Of dates, by the letters yyyy, MM, dd, HH, mm and ss (also M, d, H); ISO 8601 without it. */
  format?: string;
  /** Of times that name no zone, such as `+08:00`. */
  zone?: string;
  /** What stands in the file, and what it is in FHIR; other values are errors. */
  codes?: Readonly<Record<string, string>>;
  /** Of references: the type; the value is the key by which the rows of that type are identified. */
  to?: string;
  /** The row is an error without a value. */
  required?: boolean;
}

/** A value that every resource gets. */
export interface CsvConstant {
  path: string;
  value: string | number | boolean;
}

/** One resource for each row that it applies to. */
export interface CsvResource {
  resourceType: string;
  /** Columns that identify the row; the id of the resource follows from them. Without any, from the number of the row. */
  key: readonly string[];
  /** Only rows with one of these values in the column. */
  when?: { column: string; in: readonly string[] };
  fields: readonly CsvField[];
  constants: readonly CsvConstant[];
}

export interface CsvMapping {
  /** Of the ids: the same name in all files of one export, so that references between them meet. */
  source: string;
  delimiter: string;
  encoding: string;
  resources: readonly CsvResource[];
}

const TYPES = ['string', 'code', 'date', 'dateTime', 'decimal', 'integer', 'boolean', 'reference'] as const;
const STEP = /^[a-z][A-Za-z0-9]{0,63}(?:\[(?:[0-9]|1[0-9])\])?$/;
const LARGEST = 1024 * 1024;

/**
 * Reads a mapping file in JSON or YAML.
 *
 * @throws ConversionError with the place of the first thing that is wrong
 */
export function readCsvMapping(text: string): CsvMapping {
  if (text.length > LARGEST) throw new ConversionError('The mapping is larger than 1 MB.');
  let parsed: unknown;
  try {
    parsed = parse(text, { maxAliasCount: 0, schema: 'core' });
  } catch {
    throw new ConversionError('The mapping is neither JSON nor YAML. Correct its form.');
  }
  const root = object(parsed, 'mapping');
  return {
    source: words(root.source, 'source'),
    delimiter: optional(root.delimiter, 'delimiter') ?? ',',
    encoding: optional(root.encoding, 'encoding') ?? 'utf-8',
    resources: array(root.resources, 'resources').map((each, index) => resource(each, `resources[${index}]`)),
  };
}

function resource(value: unknown, place: string): CsvResource {
  const from = object(value, place);
  const resourceType = words(from.resourceType, `${place}.resourceType`);
  if (!isResourceType(resourceType)) throw wrong(`${place}.resourceType`, 'a FHIR R4 resource type');
  const when = from.when === undefined ? undefined : object(from.when, `${place}.when`);
  return {
    resourceType,
    key: array(from.key ?? [], `${place}.key`).map((each) => words(each, `${place}.key`)),
    ...(when && {
      when: {
        column: words(when.column, `${place}.when.column`),
        in: array(when.in, `${place}.when.in`).map(String),
      },
    }),
    fields: array(from.fields, `${place}.fields`).map((each, index) => field(each, `${place}.fields[${index}]`)),
    constants: array(from.constants ?? [], `${place}.constants`).map((each, index) =>
      constant(each, `${place}.constants[${index}]`),
    ),
  };
}

function field(value: unknown, place: string): CsvField {
  const from = object(value, place);
  const type = TYPES.find((each) => each === (from.type ?? 'string'));
  if (!type) throw wrong(`${place}.type`, `one of ${TYPES.join(', ')}`);
  const codes = from.codes === undefined ? undefined : object(from.codes, `${place}.codes`);
  const [format, zone, to] = (['format', 'zone', 'to'] as const).map((name) =>
    optional(from[name], `${place}.${name}`),
  );
  if (zone !== undefined && !/^(?:Z|[+-]\d{2}:\d{2})$/.test(zone))
    throw wrong(`${place}.zone`, 'a zone such as +08:00');
  if (type === 'reference' && (to === undefined || !isResourceType(to)))
    throw wrong(`${place}.to`, 'a FHIR R4 resource type');
  return {
    column: words(from.column, `${place}.column`),
    path: path(from.path, `${place}.path`),
    type,
    ...(format !== undefined && { format }),
    ...(zone !== undefined && { zone }),
    ...(to !== undefined && { to }),
    ...(codes && { codes: Object.fromEntries(Object.entries(codes).map(([key, code]) => [key, String(code)])) }),
    ...(from.required === true && { required: true }),
  };
}

function constant(value: unknown, place: string): CsvConstant {
  const from = object(value, place);
  const set = from.value;
  if (typeof set !== 'string' && typeof set !== 'number' && typeof set !== 'boolean')
    throw wrong(`${place}.value`, 'a text, a number, true or false');
  return { path: path(from.path, `${place}.path`), value: set };
}

function path(value: unknown, place: string): string {
  const written = words(value, place);
  const steps = written.split('.');
  if (steps.length > 10 || !steps.every((step) => STEP.test(step)))
    throw wrong(place, 'a path such as name[0].family, of at most 10 steps and 20 repetitions');
  return written;
}

function object(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(place, 'an object');
  return value as Record<string, unknown>;
}

function array(value: unknown, place: string): unknown[] {
  if (!Array.isArray(value) || value.length > 500) throw wrong(place, 'a list of at most 500');
  return value;
}

function words(value: unknown, place: string): string {
  if (typeof value !== 'string' || value === '') throw wrong(place, 'a text');
  return value;
}

function optional(value: unknown, place: string): string | undefined {
  return value === undefined ? undefined : words(value, place);
}

function wrong(place: string, expected: string): ConversionError {
  return new ConversionError(`The mapping needs ${expected} here.`, place);
}
