// Compiles a DICOM data dictionary into data/dicom/dictionary.tsv: node packages/convert/tools/generate-dicom-dictionary.ts FILE
// FILE lists the attributes of DICOM PS3.6 as lines `(gggg,eeee) VR keyword VM origin`, as the dicom.dic of DCMTK does.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.argv[2];
if (file === undefined) throw new Error('Name the dictionary.');

/** VRs that depend on other attributes, as they are read where nothing else is known (PS3.5 §A.1). */
const CHOICES: Readonly<Record<string, string>> = {
  xs: 'US',
  ox: 'OW',
  px: 'OW',
  up: 'UL',
  lt: 'OW',
  na: 'UN',
  vs: 'UN',
};

const rows = new Map<string, string>();
for (const line of readFileSync(file, 'utf8').split('\n')) {
  const [, group, repeats, element, vr = '', keyword = ''] =
    /^\(([0-9A-Fa-f]{4})(-[0-9A-Fa-f]{4})?,([0-9A-Fa-f]{4})\)\t(\w+)\t(\w+)\t[^\t]+\tDICOM/.exec(line) ?? [];
  if (group === undefined || element === undefined || group === '0000') continue;
  const tag = `${repeats === undefined ? group : `${group.slice(0, 2)}xx`}${element}`;
  rows.set(
    tag.replace(/[a-f]/g, (digit) => digit.toUpperCase()),
    `${CHOICES[vr] ?? vr}\t${keyword.replace(/^RETIRED_/, '')}`,
  );
}
const out = new URL('../data/dicom/dictionary.tsv', import.meta.url);
writeFileSync(
  out,
  [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tag, row]) => `${tag}\t${row}\n`)
    .join(''),
);
