import { validate } from '@meridian/fhir';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConversionError } from '../evidence/converter.ts';
import { cdaToFhir } from './cda-to-fhir.ts';
import { timestamp } from './read/datatypes.ts';
import { parseXml } from './xml.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const PATIENT = '<recordTarget><patientRole><id root="1.2.3" extension="x"/></patientRole></recordTarget>';
const document = (body: string): Uint8Array =>
  bytes(
    `<ClinicalDocument xmlns="urn:hl7-org:v3">${PATIENT}<component><structuredBody>${body}</structuredBody></component></ClinicalDocument>`,
  );

describe('XML that means harm', () => {
  it('refuses entities that grow, without reading them', () => {
    const lol = '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>';
    expect(() => parseXml(bytes(lol))).toThrow(/DOCTYPE/);
  });

  it('refuses external entities', () => {
    const external = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]><l>&a;</l>';
    expect(() => parseXml(bytes(external))).toThrow(/DOCTYPE/);
    expect(() => parseXml(bytes('<l>&a;</l>'))).toThrow(/well formed/);
  });

  it('refuses too deep, too many, too large', () => {
    expect(() => parseXml(bytes('<a>'.repeat(101) + '</a>'.repeat(101)))).toThrow(/deeper/);
    const limits = { bytes: 1000, depth: 10, elements: 10 };
    expect(() => parseXml(bytes(`<a>${'<b/>'.repeat(10)}</a>`), limits)).toThrow(/more than 10/);
    expect(() => parseXml(bytes(`<a>${' '.repeat(1000)}</a>`), limits)).toThrow(/larger/);
  });

  it('keeps text references from growing the result', () => {
    const long = 'word '.repeat(40_000);
    const entry =
      '<entry><observation moodCode="EVN"><code><originalText><reference value="#t"/></originalText></code></observation></entry>';
    const source = document(
      `<component><section><text><content ID="t">${long}</content></text>${entry.repeat(500)}</section></component>`,
    );
    const result = cdaToFhir.convert(source, {});
    expect(JSON.stringify(result).length).toBeLessThan(20 * source.length);
  });

  it('leaves out of narratives what runs or loads', () => {
    const html =
      '<text><script>x()</script><linkHtml href="javascript:x()">a</linkHtml><img src="http://e/x.png"/><b onclick="x()">b</b></text>';
    const { resources } = cdaToFhir.convert(document(`<component><section>${html}</section></component>`), {});
    const narrative = JSON.stringify(resources?.find(({ resourceType }) => resourceType === 'Composition')?.section);
    expect(narrative).not.toMatch(/<script|javascript|<img|onclick/);
  });

  it('tells what is no CDA document, without repeating it', () => {
    expect(() => cdaToFhir.convert(bytes('<Secret/>'), {})).toThrow(/not a CDA document/);
    expect(() => cdaToFhir.convert(bytes('<ClinicalDocument/>'), {})).toThrow(/recordTarget/);
    expect(() => cdaToFhir.convert(bytes('<ClinicalDocument><Wong></ClinicalDocument>'), {})).not.toThrow(/Wong/);
  });

  it('reads the encoding that the document declares', () => {
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>Zo\xeb</a>', 'latin1');
    expect(parseXml(latin).text()).toBe('Zoë');
    expect(() => parseXml(Buffer.from('<a>Zo\xeb</a>', 'latin1'))).toThrow(/not text in utf-8/);
  });
});

describe('codes that are names of JavaScript', () => {
  it.each(['constructor', '__proto__', 'toString'])('%s finds nothing in a table', (code) => {
    const said = (element: string): string => `<${element} code="${code}"/>`;
    const problem = `<act><templateId root="2.16.840.1.113883.10.20.22.4.3"/>${said('statusCode')}<entryRelationship><observation><templateId root="2.16.840.1.113883.10.20.22.4.4"/>${said('value')}</observation></entryRelationship></act>`;
    const result = `<observation moodCode="EVN">${said('code')}${said('statusCode')}<value xsi:type="${code}" value="1" nullFlavor="${code}"/></observation>`;
    const drug = `<substanceAdministration moodCode="EVN">${said('statusCode')}</substanceAdministration>`;
    const encounter = `<encounter moodCode="EVN">${said('statusCode')}</encounter>`;
    const entries = [problem, result, drug, encounter].map((each) => `<entry>${each}</entry>`).join('');
    const { resources = [] } = cdaToFhir.convert(
      document(`<component><section>${said('code')}${entries}</section></component>`),
      {},
    );
    expect(resources.length).toBe(8);
    for (const resource of resources)
      expect(validate(JSON.parse(JSON.stringify(resource))).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('times', () => {
  it.each([
    ['2015', '2015'],
    ['201502', '2015-02'],
    ['20150203', '2015-02-03'],
    ['201502030915', '2015-02-03'],
    ['201502030915-0500', '2015-02-03T09:15:00-05:00'],
    ['20150203091545.123+0800', '2015-02-03T09:15:45.123+08:00'],
    ['20150231', undefined],
    ['00000000', undefined],
    ['2015-02-03', undefined],
  ])('%s is %s', (written, expected) => {
    expect(timestamp(written, undefined)).toBe(expected);
  });
});

/** Documents of C-CDA's own words in wrong places: what a fuzzer of bytes would hardly reach. */
const NAMES = [
  'entry',
  'act',
  'observation',
  'organizer',
  'procedure',
  'substanceAdministration',
  'supply',
  'encounter',
  'component',
  'section',
  'entryRelationship',
  'templateId',
  'id',
  'code',
  'value',
  'effectiveTime',
  'low',
  'high',
  'period',
  'statusCode',
  'text',
  'originalText',
  'reference',
  'translation',
  'participant',
  'participantRole',
  'playingEntity',
  'consumable',
  'manufacturedProduct',
  'manufacturedMaterial',
  'author',
  'assignedAuthor',
  'assignedPerson',
  'name',
  'given',
  'table',
  'tr',
  'td',
  'list',
  'item',
  'doseQuantity',
  'referenceRange',
  'observationRange',
];
const VALUES = ['22.4.7', '22.4.4', '22.4.1', '22.4.2', '22.4.16', '22.4.52', '22.4.45', '22.4.60', '22.4.202']
  .map((each) => `2.16.840.1.113883.10.20.${each}`)
  .concat([
    '',
    '1',
    'EVN',
    'INT',
    'GOL',
    '48765-2',
    '30954-2',
    '20150101',
    '201513',
    '1e9',
    '-.5',
    'PQ',
    'CD',
    'IVL_PQ',
    'UNK',
    '#a',
    'a',
    'true',
    '\u4e2d\u6587',
    '  x  y ',
  ]);
const ATTRIBUTES = [
  'root',
  'extension',
  'code',
  'codeSystem',
  'displayName',
  'value',
  'unit',
  'xsi:type',
  'nullFlavor',
  'moodCode',
  'negationInd',
  'ID',
  'typeCode',
  'use',
];

const tree: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc
    .tuple(
      fc.constantFrom(...NAMES),
      fc.dictionary(fc.constantFrom(...ATTRIBUTES), fc.constantFrom(...VALUES), { maxKeys: 4 }),
      fc.oneof(
        { maxDepth: 8, withCrossShrink: true },
        fc.constantFrom('', 'some text'),
        fc.array(tie('node'), { maxLength: 5 }).map((inner) => inner.join('')),
      ),
    )
    .map(([name, attributes, inner]) => {
      const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
      return `<${name}${written.join('')}>${inner}</${name}>`;
    }),
})).node;

describe('any document of known words', () => {
  it('is converted without a crash, and within bounds', () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 6 }), (nodes) => {
        const source = document(
          `<component><section><code code="30954-2"/>${nodes.map((node) => `<entry>${node}</entry>`).join('')}</section></component>${nodes.join('')}`,
        );
        const result = cdaToFhir.convert(source, {});
        expect(JSON.stringify(result).length).toBeLessThan(100_000 + 60 * source.length);
      }),
      { numRuns: 300 },
    );
  });

  it('answers broken bytes with a ConversionError and nothing else', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.integer({ min: 0, max: 255 }), (node, at, value) => {
        const source = Uint8Array.from(document(node));
        source[at % source.length] = value;
        try {
          cdaToFhir.convert(source, {});
        } catch (error) {
          expect(error).toBeInstanceOf(ConversionError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
