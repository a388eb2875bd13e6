import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from '@meridian/fhir';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ConversionError } from '../evidence/converter.ts';
import { textDecoder } from './character-set.ts';
import { fhirDate } from './dates.ts';
import { frameExtents, pixelShape } from './frames.ts';
import { imagingFidelity, imagingStudy } from './imaging-study.ts';
import { instanceIndex } from './instance.ts';
import { type JsonDataSet, jsonText, personName, toDicomJson } from './json-model.ts';
import { presentationOf } from './presentation.ts';
import { Renderer } from './renderer.ts';
import { isStructuredReport, structuredReport } from './structured-report.ts';
import { attribute, readAll } from './testing.ts';

const samples = join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data', 'samples', 'dicom');
const files = existsSync(samples)
  ? readdirSync(samples, { recursive: true, encoding: 'utf8' }).filter((name) => /\.dcm$|\/C[RT]\d-/.test(name))
  : [];
const hasDcmtk = ['dcmdump', 'dcmconv', 'dcmcjpeg', 'dcmcjpls', 'dcmcrle'].every((name) =>
  existsSync(`/usr/bin/${name}`),
);

function sample(name: string): Buffer {
  return readFileSync(join(samples, name));
}

async function indexOf(name: string) {
  return instanceIndex(await readAll(sample(name)));
}

/** `gggg,eeee VR [value]` of attributes at the top, as dcmdump tells them. */
function dumped(name: string): Map<string, { vr: string; text: string | undefined }> {
  const out = execFileSync('dcmdump', ['-q', '+L', '-Un', join(samples, name)], { encoding: 'latin1' });
  const found = new Map<string, { vr: string; text: string | undefined }>();
  for (const line of out.split('\n')) {
    const [, group, element, vr = '', text] = /^\(([0-9a-f]{4}),([0-9a-f]{4})\) (\w\w) (?:\[(.*?)\])?/.exec(line) ?? [];
    if (group && group !== '0002' && group !== 'fffe') found.set(`${group}${element}`.toUpperCase(), { vr, text });
  }
  return found;
}

/** dcmdump itself cannot read this one: its meta information says explicit and its data set is implicit. */
const NOT_FOR_DCMTK = 'SC_rgb_jpeg.dcm';

describe.skipIf(files.length === 0)('the samples', () => {
  test.skipIf(!hasDcmtk).each(files.filter((name) => name !== NOT_FOR_DCMTK))(
    'of %s the same attributes are read as dcmdump reads',
    async (name) => {
      const json = toDicomJson((await readAll(sample(name), 777)).file.dataSet, () => 'bulk');
      const other = dumped(name);
      const own = Object.keys(json).sort();
      expect(own).toEqual([...other.keys()].filter((tag) => !tag.endsWith('0000')).sort());
      for (const [tag, { vr, text }] of other) {
        const attributeHere = json[tag];
        if (attributeHere === undefined || !['UI', 'CS', 'LO', 'SH', 'DA', 'TM', 'AE'].includes(vr)) continue;
        const values = (attributeHere.Value ?? []).map((value) => value ?? '').join('\\');
        expect([tag, values.replace(/[\\ ]+$/, '')]).toEqual([tag, (text ?? '').replace(/[\\ ]+$/, '')]);
      }
    },
  );

  test('names in Chinese and Japanese', async () => {
    const nameIn = async (name: string) => (await indexOf(name)).dataSet['00100010']?.Value?.[0];
    expect(await nameIn('chrX1.dcm')).toEqual({ Alphabetic: 'Wang^XiaoDong', Ideographic: '王^小東' });
    expect(await nameIn('chrH31.dcm')).toEqual({
      Alphabetic: 'Yamada^Tarou',
      Ideographic: '山田^太郎',
      Phonetic: 'やまだ^たろう',
    });
  });

  test('however the bytes are cut, the same is read', async () => {
    const whole = JSON.stringify(await indexOf('JPEG2000.dcm'));
    for (const chunk of [1, 7, 4096]) {
      expect(JSON.stringify(instanceIndex(await readAll(sample('JPEG2000.dcm'), chunk)))).toBe(whole);
    }
  });

  test('every instance with a picture is shown', async () => {
    const renderer = new Renderer(1);
    let shown = 0;
    for (const name of files) {
      const reader = await readAll(sample(name));
      if (!reader.file.dataSet.elements.has('7FE00010') || !reader.file.dataSet.text('0020000D')) continue;
      const index = instanceIndex(reader);
      const bytes = Buffer.concat(frameExtents(index, 1).map(({ start, end }) => sample(name).subarray(start, end)));
      const png = await renderer.render({
        bytes,
        shape: pixelShape(index),
        transferSyntax: index.transferSyntax,
        picture: { presentation: presentationOf(index.dataSet), format: 'png', quality: 90 },
      });
      const { columns, rows } = pixelShape(index);
      expect([name, png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([name, columns, rows]);
      shown++;
    }
    await renderer.close();
    expect(shown).toBeGreaterThanOrEqual(11);
  }, 60_000);

  test('one study of many instances, in any order of arrival', async () => {
    const names = files.filter((name) => name.startsWith('study-'));
    const dataSets = await Promise.all(names.map(async (name) => (await indexOf(name)).dataSet));
    const byStudy = Map.groupBy(dataSets, (dataSet) => jsonText(dataSet, '0020000D'));
    for (const group of byStudy.values()) {
      const there = group.reduce<ReturnType<typeof imagingStudy> | undefined>(
        (study, dataSet) => imagingStudy(study, [dataSet], 'Patient/1'),
        undefined,
      );
      const back = imagingStudy(undefined, [...group].reverse(), 'Patient/1');
      expect(there?.series).toEqual(back.series);
      expect(there?.numberOfInstances).toBe(group.length);
      expect(validate(back).filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(imagingStudy(there, group, 'Patient/1')).toEqual(there);
    }
  });

  test('the report accounts for every attribute', async () => {
    const { dataSet } = await indexOf('CT_small.dcm');
    const { mapped, kept, dropped } = imagingFidelity([dataSet]);
    const accounted = [...mapped, ...kept, ...dropped].map(({ path }) => path).sort();
    expect(accounted).toEqual(Object.keys(dataSet).sort());
  });

  test('a structured report becomes a DiagnosticReport that is valid', async () => {
    const { dataSet } = await indexOf('test-SR.dcm');
    expect(isStructuredReport(dataSet)).toBe(true);
    const { resources, fidelity } = structuredReport(dataSet, {
      subject: 'Patient/1',
      study: 'ImagingStudy/1',
      idFor: (at) => `r${at}`,
    });
    for (const resource of resources) {
      expect(validate(resource).filter(({ severity }) => severity === 'error')).toEqual([]);
    }
    expect(resources[0]?.resourceType).toBe('DiagnosticReport');
    const items = [...fidelity.mapped, ...fidelity.kept].filter(({ path }) => path.startsWith('0040A730'));
    const count = (json: JsonDataSet): number =>
      ((json['0040A730']?.Value ?? []) as JsonDataSet[]).reduce((sum, item) => sum + 1 + count(item), 0);
    expect(items.reduce((sum, item) => sum + item.count, 0)).toBe(count(dataSet));
  });
});

describe.skipIf(files.length === 0 || !hasDcmtk)('transfer syntaxes made by dcmtk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-dicom-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const cases: [string, string, string[], string][] = [
    ['implicit', 'dcmconv', ['+ti'], '1.2.840.10008.1.2'],
    ['big endian', 'dcmconv', ['+tb'], '1.2.840.10008.1.2.2'],
    ['deflated', 'dcmconv', ['+td'], '1.2.840.10008.1.2.1.99'],
    ['RLE', 'dcmcrle', [], '1.2.840.10008.1.2.5'],
    ['JPEG lossless', 'dcmcjpeg', ['+e1'], '1.2.840.10008.1.2.4.70'],
    ['JPEG-LS', 'dcmcjpls', ['+el'], '1.2.840.10008.1.2.4.80'],
  ];

  test.each(cases)(
    '%s holds the same attributes and pixels',
    async (name, program, options, uid) => {
      const path = join(folder, `${name}.dcm`);
      execFileSync(program, [...options, join(samples, 'CT_small.dcm'), path]);
      const reader = await readAll(readFileSync(path), 333);
      const index = instanceIndex(reader);
      expect(index.transferSyntax).toBe(uid);
      const plain = await indexOf('CT_small.dcm');
      for (const tag of ['00100010', '00280010', '00280106', '00181151', '00080018', '00281053']) {
        // a compression makes a new instance where it is not exact; all of these are
        expect([tag, index.dataSet[tag]]).toEqual([tag, plain.dataSet[tag]]);
      }
      if (index.deflatedFrom !== undefined) return;
      const bytes = Buffer.concat(
        frameExtents(index, 1).map(({ start, end }) => readFileSync(path).subarray(start, end)),
      );
      const renderer = new Renderer(1);
      const samplesOf = await renderer.render({ bytes, shape: pixelShape(index), transferSyntax: uid });
      await renderer.close();
      expect(samplesOf.equals(sample('CT_small.dcm').subarray(6300, 39_068))).toBe(true);
    },
    30_000,
  );
});

test('character sets: Japanese, Korean, Chinese, in one byte and several', () => {
  const decode = (terms: string[], bytes: string) => textDecoder(terms, '\\^=').decode(Buffer.from(bytes, 'latin1'));
  // the examples of PS3.5 annexes H.3.1, I.2, J.3 and K.2
  expect(decode(['', 'ISO 2022 IR 87'], 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B')).toBe(
    'Yamada^Tarou=山田^太郎',
  );
  expect(decode(['ISO 2022 IR 13', 'ISO 2022 IR 87'], '\xd4\xcf\xc0\xde^\xc0\xdb\xb3')).toBe('ﾔﾏﾀﾞ^ﾀﾛｳ');
  expect(decode(['', 'ISO 2022 IR 149'], 'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7')).toBe(
    'Hong^Gildong=洪^吉洞',
  );
  expect(decode(['', 'ISO 2022 IR 58'], '\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab')).toBe('张^小东');
  expect(decode(['GB18030'], 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=')).toBe('Wang^XiaoDong=王^小东=');
  expect(decode(['ISO_IR 192'], Buffer.from('王^小東').toString('latin1'))).toBe('王^小東');
  expect(decode(['ISO_IR 144'], '\xbb\xee\xda')).toBe('Люк');
  expect(decode([''], 'M\xfcller')).toBe('M\ufffdller');
});

test('names and dates', () => {
  expect(personName('A^B==')).toEqual({ Alphabetic: 'A^B' });
  expect(fhirDate('20240229')).toBe('2024-02-29');
  expect(fhirDate('2024.02.29')).toBe('2024-02-29');
  expect(fhirDate('20230229')).toBeUndefined();
});

describe('hostile input', () => {
  const head = Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    attribute('00020010', 'UI', '1.2.840.10008.1.2.1\0'),
  ]);
  const refused = async (...parts: Buffer[]) => {
    await expect(readAll(Buffer.concat([head, ...parts]))).rejects.toThrow(ConversionError);
  };

  test('lengths beyond the end, and nesting without one', async () => {
    const long = Buffer.from('08001800554efeffffff0000', 'hex');
    await refused(long);
    const nested = Buffer.from('0800401153510000fffffffffeff00e0ffffffff', 'hex');
    await refused(Buffer.concat(Array.from({ length: 50 }, () => nested)));
    await refused(Buffer.from('feff0de000000000', 'hex'));
    await refused(Buffer.from('08001800555500ff', 'hex'), Buffer.alloc(10));
  });

  test('an item cannot reach beyond its sequence', async () => {
    const inner = attribute('00080060', 'CS', 'CT'.repeat(20));
    const item = Buffer.from('feff00e00a000000', 'hex');
    const sequence = Buffer.from('080040115351000012000000', 'hex');
    await refused(Buffer.concat([sequence, item, inner]));
  });

  test('a deflated data set that is no such thing', async () => {
    const deflated = Buffer.concat([
      head.subarray(0, 132),
      attribute('00020010', 'UI', '1.2.840.10008.1.2.1.99'),
      Buffer.from('not deflated at all'),
    ]);
    await expect(readAll(deflated)).rejects.toThrow(ConversionError);
  });

  test.skipIf(files.length === 0)(
    'damage anywhere is read or refused, never more than that',
    async () => {
      const sound = ['MR_small.dcm', 'test-SR.dcm', 'rtplan.dcm', 'chrH31.dcm', 'SC_rgb_jpeg.dcm'].map(sample);
      const damage = fc.record({
        file: fc.constantFrom(...sound),
        changes: fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        cut: fc.option(fc.nat(9000), { freq: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(damage, async ({ file, changes, cut }) => {
          const bytes = Buffer.from(cut === null ? file : file.subarray(0, cut));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          try {
            const reader = await readAll(bytes, 512);
            instanceIndex(reader);
          } catch (error) {
            expect(error).toBeInstanceOf(ConversionError);
          }
        }),
        { numRuns: 400 },
      );
    },
    60_000,
  );
});
