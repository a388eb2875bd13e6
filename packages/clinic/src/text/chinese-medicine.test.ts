import { expect, it } from 'vitest';
import { ICD11_SYSTEM, loadIcd11Table } from '../tcm/icd11.ts';
import { readReport } from './read-report.ts';

const said = (text: string) =>
  readReport(text).chineseMedicine.map(({ kind, coding, negated, position, start, end }) =>
    [text.slice(start, end), kind, coding.code, negated && 'absent', position].filter((part) => part).join(' '),
  );

it.each([
  ['舌淡紅,苔薄白', ['淡紅 tongue-colour pale-red', '薄 coating-quality thin', '白 coating-colour white']],
  [
    '舌淡紅苔薄白脈弦',
    ['淡紅 tongue-colour pale-red', '薄 coating-quality thin', '白 coating-colour white', '弦 pulse wiry'],
  ],
  ['舌有齒痕,無裂紋', ['齒痕 tongue-shape tooth-marked', '裂紋 tongue-shape cracked absent']],
  ['舌紅無苔', ['紅 tongue-colour red', '無苔 coating-quality none']],
  ['脈左關弦,右尺沉弱', ['弦 pulse wiry left-guan', '沉 pulse deep right-chi', '弱 pulse weak right-chi']],
  ['頸動脈細,脈搏數', []],
  ['the pulse is rapid and weak', []],
  ['Tongue red, pulse rapid', ['red tongue-colour red', 'rapid pulse rapid']],
  ['肝氣鬱結', ['肝氣鬱結 pattern SF57']],
  ['肝气郁结证', ['肝气郁结证 pattern SF57']],
  ['多飲水分次服', []],
  ['針足三里', ['足三里 point ST36']],
  ['歸脾湯加黃芪', ['歸脾湯 formula guipitang', '黃芪 herb huangqi']],
])('%s', (text, expected) => expect(said(text)).toEqual(expected));

it('finds the patterns of a table that is given, and no sites inside them', () => {
  const patterns = loadIcd11Table('Code\tTitle\nSF56\tLiver heat pattern (TM1)');
  const named = new Map([...patterns].map(([code, row]) => [code, { ...row, zhHant: '肝熱證' }]));
  const report = readReport('證屬肝熱', { patterns: named });
  expect(report.chineseMedicine.map(({ coding }) => coding)).toEqual([
    { system: ICD11_SYSTEM, code: 'SF56', display: 'Liver heat pattern (TM1)' },
  ]);
  expect(report.sites).toEqual([]);
});
