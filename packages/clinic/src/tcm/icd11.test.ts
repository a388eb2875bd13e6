import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ICD11_BUILT_IN, Icd11TableError, icd11Kind, loadIcd11Table } from './icd11.ts';

const reference = new URL('../../../../../shared/data/reference/tcm/icd11/icd11-ch26-module1.tsv', import.meta.url);

describe("WHO's table", () => {
  test.skipIf(!existsSync(reference))(
    'has the 472 codes of module I, and what is built in is verbatim (shared reference data)',
    () => {
      const codes = loadIcd11Table(readFileSync(reference, 'utf8'));
      expect(codes.size).toBe(472);
      for (const { code, title } of ICD11_BUILT_IN.values()) expect(codes.get(code)?.title).toBe(title);
      expect(codes.get('SA60')).toMatchObject({
        title: 'Common cold disorder (TM1)',
        kind: 'disorder',
        zhHant: '感冒',
      });
      expect(codes.get('SF57')?.kind).toBe('pattern');
    },
  );

  test('the simple tabulation: quoted cells, level marks, other chapters', () => {
    const text =
      'Linearization URI\tCode\tBlockId\tTitle\n' +
      'u1\t"SA60"\t\t"- - - - Common cold disorder (TM1)"\r\n' +
      'u2\t1A00\t\t- - Cholera\n' +
      'u3\t\tBlockL1-SA0\t- Module I\n';
    expect([...loadIcd11Table(text)].map(([code, { title }]) => [code, title])).toEqual([
      ['SA60', 'Common cold disorder (TM1)'],
    ]);
  });

  test('what is not the table is refused', () => {
    expect(() => loadIcd11Table('a,b\n1,2')).toThrow(Icd11TableError);
    expect(() => loadIcd11Table('code\ttitle\n'.repeat(100_001))).toThrow(/lines/);
  });

  test('disorders end and patterns begin at SE7', () => {
    expect(['SE5Z', 'SE70', 'SJ1Z', 'SK00', '1A00', 'sa60'].map(icd11Kind)).toEqual([
      ...['disorder', 'pattern', 'pattern'],
      ...[undefined, undefined, undefined],
    ]);
  });
});
