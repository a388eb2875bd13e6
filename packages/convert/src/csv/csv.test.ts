import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { stringifyJson, validate } from '@meridian/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fidelity } from '../evidence/fidelity.ts';
import { readCsvMapping } from './csv-mapping.ts';
import { csvRows, csvToFhir, previewCsv } from './csv-to-fhir.ts';

const SYNTHEA = new URL('../../../../../shared/data/samples/synthea/csv/', import.meta.url);

const PATIENTS = readCsvMapping(`
source: synthea
resources:
  - resourceType: Patient
    key: [Id]
    fields:
      - { column: Id, path: 'identifier[0].value', required: true }
      - { column: BIRTHDATE, path: birthDate, type: date, required: true }
      - { column: DEATHDATE, path: deceasedDateTime, type: dateTime }
      - { column: LAST, path: 'name[0].family' }
      - { column: FIRST, path: 'name[0].given[0]' }
      - { column: PREFIX, path: 'name[0].prefix[0]' }
      - { column: GENDER, path: gender, codes: { M: male, F: female } }
      - { column: ADDRESS, path: 'address[0].line[0]' }
      - { column: CITY, path: 'address[0].city' }
      - { column: ZIP, path: 'address[0].postalCode' }
    constants:
      - { path: 'identifier[0].system', value: 'https://example.org/synthea' }
`);

const OBSERVATIONS = readCsvMapping(`
source: synthea
resources:
  - resourceType: Observation
    when: { column: TYPE, in: [numeric] }
    fields:
      - { column: DATE, path: effectiveDateTime, type: dateTime, required: true }
      - { column: PATIENT, path: subject, type: reference, to: Patient, required: true }
      - { column: CODE, path: 'code.coding[0].code', type: code, required: true }
      - { column: DESCRIPTION, path: 'code.text' }
      - { column: VALUE, path: valueQuantity.value, type: decimal }
      - { column: UNITS, path: valueQuantity.unit }
    constants:
      - { path: status, value: final }
      - { path: 'code.coding[0].system', value: 'http://loinc.org' }
  - resourceType: Observation
    when: { column: TYPE, in: [text] }
    fields:
      - { column: DATE, path: effectiveDateTime, type: dateTime }
      - { column: PATIENT, path: subject, type: reference, to: Patient }
      - { column: CODE, path: 'code.coding[0].code', type: code }
      - { column: VALUE, path: valueString }
    constants:
      - { path: status, value: final }
`);

describe.skipIf(!existsSync(SYNTHEA))('Synthea CSV (needs the shared samples)', () => {
  const file = (name: string): Buffer => gunzipSync(readFileSync(new URL(`${name}.csv.gz`, SYNTHEA)));
  // none of these files has quoted cells, so that splitting is a reader of its own
  const rows = (name: string): string[][] =>
    file(name)
      .toString()
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .map((line) => line.split(','));

  it('patients go in, valid, with their names and dates', () => {
    const { resources, problems, fidelity } = csvToFhir.convert(file('patients'), { mapping: PATIENTS });
    const [header = [], ...body] = rows('patients');
    expect(problems).toEqual([]);
    expect(resources.length).toBe(body.length);
    expect(resources.flatMap((resource) => validate(resource).filter(({ severity }) => severity === 'error'))).toEqual(
      [],
    );
    body.forEach((cells, index) => {
      const cell = (name: string): string => cells[header.indexOf(name)] ?? '';
      expect(resources[index]).toMatchObject({
        birthDate: cell('BIRTHDATE'),
        name: [{ family: cell('LAST'), given: [cell('FIRST')] }],
        gender: cell('GENDER') === 'F' ? 'female' : 'male',
      });
    });
    expect(fidelity.mapped).toContainEqual({ path: 'column LAST', count: body.length });
    expect(fidelity.kept).toContainEqual({ path: 'column SSN', count: body.length, where: 'the original document' });
  });

  it('observations go in, with values and their digits, and point to the patients', () => {
    const { resources, problems } = csvToFhir.convert(file('observations'), { mapping: OBSERVATIONS });
    const [, ...body] = rows('observations');
    expect(problems).toEqual([]);
    expect(resources.length).toBe(body.length);
    const patients = new Set(
      csvToFhir.convert(file('patients'), { mapping: PATIENTS }).resources.map(({ id }) => `Patient/${id}`),
    );
    body.forEach((cells, index) => {
      const resource = resources[index];
      const subject = resource?.subject as { reference: string } | undefined;
      expect(patients).toContain(subject?.reference);
      if (cells[8] === 'numeric') expect(stringifyJson(resource)).toContain(`"value":${cells[6]},`);
      else expect(resource?.valueString).toBe(cells[6]);
    });
  });

  it('streams the same', async () => {
    const source = file('observations');
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < source.length; at += 1000) yield source.subarray(at, at + 1000);
    }
    const fidelity = new Fidelity();
    const found = [];
    for await (const { resources } of csvRows(chunks(), OBSERVATIONS, fidelity)) found.push(...resources);
    const whole = csvToFhir.convert(source, { mapping: OBSERVATIONS });
    expect(found).toEqual(whole.resources);
    expect(fidelity.report()).toEqual(whole.fidelity);
  });
});

const SMALL = (field: string) =>
  readCsvMapping(
    `source: s\nresources:\n  - resourceType: Patient\n    fields:\n      - { column: a, path: birthDate, ${field} }\n`,
  );
const convert = (text: string, field: string) => csvToFhir.convert(Buffer.from(text), { mapping: SMALL(field) });

describe('cells', () => {
  it.each([
    ['3/4/1999', "type: date, format: 'd/M/yyyy'", '1999-04-03'],
    ['19990403', "type: date, format: 'yyyyMMdd'", '1999-04-03'],
    ['1999', 'type: date', '1999'],
    ['1999-04-03 10:20:30', "type: dateTime, zone: '+08:00'", '1999-04-03T10:20:30+08:00'],
  ])('%s by %s', (cell, field, expected) => {
    expect(convert(`a\n${cell}\n`, field).resources[0]?.birthDate).toBe(expected);
  });

  it.each([
    ['1999-02-31', 'type: date', 'There is no such date.'],
    ['yesterday', 'type: date', 'The date is not of the format that the mapping says.'],
    ['1999-04-03 10:20', 'type: dateTime', 'The time has no zone. Name one in the mapping.'],
    ['x', 'codes: { y: z }', 'The code is not in the mapping. Add it, or correct the cell.'],
    ['1.5.2', 'type: decimal', 'This is no decimal number.'],
  ])('%s by %s is an error of its row', (cell, field, sentence) => {
    const { resources, problems, fidelity } = convert(`a,b\n${cell},\n`, field);
    expect(resources).toEqual([]);
    expect(problems).toEqual([{ row: 1, column: 'a', sentence }]);
    expect(fidelity.dropped).toEqual([{ path: 'column a', count: 1, reason: sentence }]);
  });

  it('previews the first rows', () => {
    const mapping = SMALL('type: date');
    expect(previewCsv(Buffer.from('a\n1999\n2000\n2001\n'), mapping, 2).resources).toHaveLength(2);
  });

  it('reads other encodings and quotes', () => {
    const mapping = { ...SMALL('type: string'), encoding: 'big5', delimiter: ';' };
    const source = Buffer.concat([Buffer.from('a;b\n"'), Buffer.from([0xb3, 0xaf]), Buffer.from(';""x""";1\n')]);
    expect(csvToFhir.convert(source, { mapping }).resources[0]?.birthDate).toBe('陳;"x"');
  });
});

describe('what is wrong is said with its place, and without what the cells hold', () => {
  it.each([
    ['[', /neither JSON nor YAML/],
    ['source: s\nresources:\n  - resourceType: Secret\n    fields: []', /resources\[0\]\.resourceType/],
    [
      'source: s\nresources:\n  - resourceType: Patient\n    fields: [{ column: a, path: __proto__.x }]',
      /fields\[0\]\.path/,
    ],
    ['a: &a [x]\nsource: s\nresources: [*a, *a]', /neither JSON nor YAML/],
  ])('mapping %j', (text, message) => {
    expect(() => readCsvMapping(text)).toThrow(message);
  });

  it('a path cannot reach what all objects share', () => {
    const mapping = readCsvMapping(
      'source: s\nresources: [{ resourceType: Patient, fields: [{ column: a, path: constructor.prototype.reached }] }]',
    );
    csvToFhir.convert(Buffer.from('a\n1\n'), { mapping });
    expect(({} as Record<string, unknown>).reached).toBeUndefined();
  });

  it('a file', () => {
    expect(() => convert('b\n1\n', 'type: date')).toThrow(/no column a/);
    expect(() => convert('a,b\n"Wong\n', 'type: date')).toThrow(/not CSV/);
    expect(() => convert('a,b\n"Wong\n', 'type: date')).not.toThrow(/Wong/);
  });

  it('no file makes it fail otherwise', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '"', ',', '\n', '1999', '\r', '\0', '陳')), (pieces) => {
        try {
          convert(`a\n${pieces.join('')}`, 'type: date');
        } catch (error) {
          expect((error as Error).name).toBe('ConversionError');
        }
      }),
    );
  });
});
