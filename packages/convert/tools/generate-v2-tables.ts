// Compiles HL7's v2-to-FHIR mapping tables into data/v2: node packages/convert/tools/generate-v2-tables.ts FOLDER
// FOLDER is `mappings` of HL7's v2-to-FHIR implementation guide (Apache-2.0; data/v2/NOTICE.md).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Name the folder of the mappings.');
const out = new URL('../data/v2/', import.meta.url);

/** RFC 4180: rows of cells; the first two rows are headings. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  const body = text.replace(/^\ufeff/, '');
  for (let at = 0; at < body.length; at++) {
    const character = body.charAt(at);
    if (quoted && character === '"' && body.charAt(at + 1) === '"') {
      cell += '"';
      at++;
    } else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ',' || character === '\n')) {
      rows.at(-1)?.push(cell.trim());
      cell = '';
      if (character === '\n') rows.push([]);
    } else if (character !== '\r') cell += character;
  }
  rows.at(-1)?.push(cell.trim());
  return rows.slice(2);
}

function filesIn(name: string): { name: string; rows: string[][] }[] {
  const path = join(folder as string, name);
  return readdirSync(path)
    .sort()
    .map((file) => ({
      name: /(?:Map_|R4_) (.*?) - /.exec(file)?.[1] ?? file,
      rows: rowsOf(readFileSync(join(path, file), 'utf8')),
    }));
}

/** Tables whose target is the same code need no rows: the codes are listed, and the system is said once. */
function codeTable(rows: readonly string[][]): object | undefined {
  const mapped = rows
    .map(([code = '', , , condition = '', , , target = '', , display = '', system = '']) => ({
      code,
      condition,
      target,
      display: system === '' ? '' : display,
      system: system === '' && display.startsWith('http') ? display : system,
    }))
    .filter(({ code, target, condition }) => code !== '' && target !== '' && condition === '');
  if (mapped.length === 0) return undefined;
  const system = mapped[0]?.system ?? '';
  const sameSystem = mapped.every((row) => row.system === system);
  if (sameSystem && mapped.every(({ code, target }) => code === target)) {
    return { system, same: [...new Set(mapped.map(({ code }) => code))] };
  }
  const codes = mapped.map(({ code, target, display, system: own }): [string, string[]] => {
    const row = [target, display, own === system ? '' : own];
    while (row.at(-1) === '') row.pop();
    return [code, row];
  });
  return { system, codes: Object.fromEntries(codes) };
}

const tables: Record<string, object> = {};
for (const { name, rows } of filesIn('codesystems')) {
  const table = codeTable(rows);
  if (table) tables[name] = table;
}

/** By segment: fields to which some table gives a place in FHIR. */
const fields: Record<string, Set<number>> = {};
for (const { rows } of filesIn('segments')) {
  for (const [, identifier = '', , , , , , , , attribute = ''] of rows) {
    const [, segment, number] = /^([A-Z][A-Z0-9]{2})-(\d+)$/.exec(identifier) ?? [];
    if (segment === undefined) continue;
    fields[segment] ??= new Set();
    if (attribute !== '' && !attribute.startsWith('local')) fields[segment]?.add(Number(number));
  }
}
const mappable = Object.fromEntries(
  Object.entries(fields).map(([segment, numbers]) => [segment, [...numbers].sort((a, b) => a - b)]),
);

const lines = (value: object): string =>
  `{\n${Object.entries(value)
    .map(([key, inner]) => `  ${JSON.stringify(key)}: ${JSON.stringify(inner)}`)
    .join(',\n')}\n}\n`;
writeFileSync(new URL('code-tables.json', out), lines(tables));
writeFileSync(new URL('mappable-fields.json', out), lines(mappable));
console.log(
  `Wrote ${Object.keys(tables).length} code tables and the fields of ${Object.keys(mappable).length} segments.`,
);
