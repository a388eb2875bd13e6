import { readFileSync } from 'node:fs';

interface CodeTable {
  system: string;
  /** Codes that are the same on both sides. */
  same?: readonly string[];
  /** By v2 code: FHIR code, display, and its system where it is not the table's. */
  codes?: Readonly<Record<string, readonly string[]>>;
}

/** A v2 code as HL7's v2-to-FHIR tables translate it. */
export interface Translated {
  code: string;
  display?: string;
  system: string;
}

const tables: ReadonlyMap<string, ReadonlyMap<string, Translated>> = load();

function load(): Map<string, Map<string, Translated>> {
  const file = new URL('../../../data/v2/code-tables.json', import.meta.url);
  const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, CodeTable>;
  return new Map(Object.entries(all).map(([name, table]) => [name, rowsOf(table)]));
}

function rowsOf({ system, same = [], codes = {} }: CodeTable): Map<string, Translated> {
  const rows = new Map<string, Translated>();
  for (const code of same) rows.set(code, { code, system });
  for (const [from, [code = '', display = '', own = '']] of Object.entries(codes)) {
    rows.set(from, { code, system: own || system, ...(display !== '' && { display }) });
  }
  return rows;
}

/** The translation of a code; undefined where the table has none. Tables are named as in HL7's guide. */
export function translated(table: string, code: string): Translated | undefined {
  return tables.get(table)?.get(code);
}

/** The same for FHIR elements of type code. */
export function codeFrom(table: string, code: string): string | undefined {
  return code === '' ? undefined : translated(table, code)?.code;
}

const mappable: Readonly<Record<string, readonly number[]>> = JSON.parse(
  readFileSync(new URL('../../../data/v2/mappable-fields.json', import.meta.url), 'utf8'),
);

/** Whether HL7's tables give a field some place in FHIR; undefined for a segment that they do not map. */
export function isMappable(segment: string, field: number): boolean | undefined {
  return mappable[segment]?.includes(field);
}

/** The other way: the first v2 code that is translated to this FHIR code. */
export function sourceOf(table: string, code: string): string | undefined {
  for (const [from, row] of tables.get(table) ?? []) if (row.code === code) return from;
  return undefined;
}
