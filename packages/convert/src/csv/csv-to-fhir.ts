import { Readable } from 'node:stream';
import { parseJson, type Resource } from '@meridian/fhir';
import { CsvError, type Options, parse } from 'csv-parse';
import { parse as parseAll } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { ConversionError, type ConversionResult, type Converter } from '../evidence/converter.ts';
import { Fidelity } from '../evidence/fidelity.ts';
import { idOf, readCell } from './cell.ts';
import type { CsvMapping, CsvResource } from './csv-mapping.ts';

/** What is wrong in one cell. `row` counts from 1, without the header line. */
export interface CsvProblem {
  row: number;
  column: string;
  sentence: string;
}

/** A row and what becomes of it. With problems nothing of the row is taken, so that no half of it stands for the whole. */
export interface CsvRow {
  row: number;
  resources: Resource[];
  problems: CsvProblem[];
}

export interface CsvResult extends ConversionResult {
  resources: readonly Resource[];
  problems: readonly CsvProblem[];
}

export interface CsvOptions {
  mapping: CsvMapping;
  /** Rows to read: for a preview. */
  rows?: number;
}

const MOST_BYTES = 64 * 1024 * 1024;
const LONGEST_ROW = 1024 * 1024;

/**
 * A CSV file (RFC 4180, with a header line) to FHIR by a mapping. A row with an error gives nothing but its problems;
 * the others go on. For files of more than 64 MB use `csvRows`, which streams.
 *
 * @throws ConversionError where the file is no CSV, or lacks a column that the mapping names
 */
export const csvToFhir = {
  name: 'csv-to-fhir',
  version: '1.0.0',
  from: 'text/csv',
  to: 'application/fhir+json',
  convert(source: Uint8Array, { mapping, rows }: CsvOptions): CsvResult {
    if (source.length > MOST_BYTES) throw new ConversionError('The file is larger than 64 MB. Import it as a stream.');
    const fidelity = new Fidelity();
    const found = records(source, mapping, rows);
    checkColumns(Object.keys(found[0] ?? {}), mapping, found.length > 0);
    const read = found.map((record, index) => mapRow(record, index + 1, mapping, fidelity));
    return {
      resources: read.flatMap(({ resources }) => resources),
      problems: read.flatMap(({ problems }) => problems),
      fidelity: fidelity.report(),
    };
  },
} satisfies Converter<CsvOptions>;

/** The first rows, to look at before the whole file is taken. */
export function previewCsv(source: Uint8Array, mapping: CsvMapping, rows = 20): CsvResult {
  return csvToFhir.convert(source.subarray(0, MOST_BYTES), { mapping, rows });
}

/** The rows of a file of any size, one after the other, in bounded memory; the counts go into `fidelity`. */
export async function* csvRows(
  source: AsyncIterable<Uint8Array>,
  mapping: CsvMapping,
  fidelity: Fidelity,
): AsyncGenerator<CsvRow> {
  const decoder = iconv.decodeStream(encodingOf(mapping));
  const input = Readable.from(source);
  const parser = input.pipe(decoder).pipe(parse(parserOptions(mapping)));
  input.on('error', (error) => parser.destroy(error));
  let row = 0;
  try {
    for await (const record of parser as AsyncIterable<Record<string, string>>) {
      row += 1;
      if (row === 1) checkColumns(Object.keys(record), mapping, true);
      yield mapRow(record, row, mapping, fidelity);
    }
  } catch (error) {
    throw readable(error);
  } finally {
    input.destroy();
    parser.destroy();
  }
}

function records(source: Uint8Array, mapping: CsvMapping, rows: number | undefined): Record<string, string>[] {
  const text = iconv.decode(Buffer.from(source), encodingOf(mapping));
  try {
    const found: unknown = parseAll(text, { ...parserOptions(mapping), ...(rows !== undefined && { to: rows }) });
    return found as Record<string, string>[];
  } catch (error) {
    throw readable(error);
  }
}

function encodingOf({ encoding }: CsvMapping): string {
  if (!iconv.encodingExists(encoding)) throw new ConversionError('The mapping names an encoding that is not known.');
  return encoding;
}

function parserOptions({ delimiter }: CsvMapping): Options {
  const columns = (header: string[]): string[] => header.map((name) => name.trim());
  return { bom: true, columns, delimiter, skip_empty_lines: true, trim: true, max_record_size: LONGEST_ROW };
}

/** Sentences of the parser quote the file; ours name the line. */
function readable(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = typeof error.lines === 'number' ? `line ${error.lines}` : undefined;
  return new ConversionError('The file is not CSV as the mapping says. Check its delimiter, quotes and columns.', line);
}

function checkColumns(columns: readonly string[], { resources }: CsvMapping, hasRows: boolean): void {
  if (!hasRows) return;
  const known = new Set(columns);
  const named = resources.flatMap(({ fields, key, when }) => [
    ...fields.map(({ column }) => column),
    ...key,
    ...(when ? [when.column] : []),
  ]);
  const missing = named.filter((column) => !known.has(column));
  if (missing.length > 0)
    throw new ConversionError(`The file has no column ${missing[0]}. Correct the mapping or the file.`);
}

function mapRow(
  record: Readonly<Record<string, string>>,
  row: number,
  mapping: CsvMapping,
  fidelity: Fidelity,
): CsvRow {
  const problems: CsvProblem[] = [];
  const used = new Set<string>();
  const resources = mapping.resources
    .filter(({ when }) => when === undefined || when.in.includes(record[when.column] ?? ''))
    .map((rule) => resourceOf(record, row, rule, mapping, used, problems));
  account(record, used, problems, fidelity);
  return { row, resources: problems.length > 0 ? [] : resources, problems };
}

function resourceOf(
  record: Readonly<Record<string, string>>,
  row: number,
  rule: CsvResource,
  mapping: CsvMapping,
  used: Set<string>,
  problems: CsvProblem[],
): Resource {
  const key = rule.key.length > 0 ? rule.key.map((column) => record[column] ?? '') : [String(row)];
  for (const column of [...rule.key, ...(rule.when ? [rule.when.column] : [])]) used.add(column);
  const resource: Resource = { resourceType: rule.resourceType, id: idOf(mapping.source, rule.resourceType, key) };
  for (const { path, value } of rule.constants) set(resource, path, value);
  for (const field of rule.fields) {
    const text = record[field.column] ?? '';
    used.add(field.column);
    if (text === '') {
      if (field.required) problems.push({ row, column: field.column, sentence: 'The cell is empty, and must not be.' });
      continue;
    }
    const result = readCell(text, field, mapping.source);
    if ('problem' in result) problems.push({ row, column: field.column, sentence: result.problem });
    else set(resource, field.path, result.value);
  }
  return finished(resource);
}

/** Cells are taken, or left to the original, or dropped with their row. */
function account(
  record: Readonly<Record<string, string>>,
  used: ReadonlySet<string>,
  problems: readonly CsvProblem[],
  fidelity: Fidelity,
): void {
  for (const [column, text] of Object.entries(record)) {
    if (text === '') continue;
    const path = `column ${column}`;
    const own = problems.find((problem) => problem.column === column);
    if (own) fidelity.dropped(path, own.sentence);
    else if (problems.length > 0) fidelity.dropped(path, 'another cell of the row has an error');
    else if (used.has(column)) fidelity.mapped(path);
    else fidelity.kept(path, 'the original document');
  }
}

/** Puts a value at a path; lists grow as far as the path says. */
function set(resource: Resource, path: string, value: unknown): void {
  const steps = path.split('.').flatMap((step) => {
    const [, name = '', index] = /^(\w+)(?:\[(\d+)\])?$/.exec(step) ?? [];
    return index === undefined ? [name] : [name, Number(index)];
  });
  let holder: unknown = resource;
  steps.forEach((step, place) => {
    const parent = holder as Record<string | number, unknown>;
    if (place === steps.length - 1) parent[step] = value;
    else if (!Object.hasOwn(parent, step)) parent[step] = typeof steps[place + 1] === 'number' ? [] : {};
    holder = parent[step];
    if (place < steps.length - 1 && (typeof holder !== 'object' || holder === null))
      throw new ConversionError(`The mapping sets ${path} below a value.`);
  });
}

/** Takes the gaps out of lists of which only later places were set, and keeps decimals as the cells wrote them. */
function finished(resource: Resource): Resource {
  const text = JSON.stringify(resource, (_name, value: unknown) =>
    Array.isArray(value) ? value.filter((each) => each !== undefined && each !== null) : value,
  );
  return parseJson(text, { depth: 20 }) as Resource;
}
