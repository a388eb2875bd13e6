import { hasErrors, type Resource, stringifyJson, validate } from '@meridian/fhir';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConversionError } from '../evidence/converter.ts';
import { dateTimeOf } from './mapping/dates.ts';
import { offsetsOf } from './mapping/zone.ts';
import { mergedPatient } from './merge.ts';
import { type ConvertedMessage, convertMessage, type V2Options } from './to-fhir.ts';

const OPTIONS: V2Options = { at: new Date('2026-01-01T00:00:00Z'), zone: '+08:00' };

interface Entry {
  fullUrl: string;
  resource: Resource;
  request: { method: string; url: string; ifNoneExist?: string };
}

const msh = (type: string, id = '1'): string => `MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260101120000||${type}|${id}|P|2.5.1`;
const PID = 'PID|1||1001^^^HOSP^MR||陳^大文||19700203|M';

/** A segment of numbered fields. */
function segmentOf(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, at) => fields[at + 1] ?? '')].join('|');
}

function convert(...lines: string[]): ConvertedMessage {
  return convertMessage(Buffer.from(lines.join('\r')), OPTIONS);
}

function entriesOf(converted: ConvertedMessage, type: string): Entry[] {
  return (converted.bundle.entry as Entry[]).filter(({ resource }) => resource.resourceType === type);
}

function only(converted: ConvertedMessage, type: string): Record<string, unknown> {
  const found = entriesOf(converted, type);
  expect(found).toHaveLength(1);
  return found[0]?.resource as Record<string, unknown>;
}

describe('patients', () => {
  const MATCH = 'identifier=urn%3Ameridian%3Ahl7v2%3Aauthority%3AHOSP%7C1001';

  test('an update message replaces the patient that has its identifier; a result only refers to it', () => {
    const [updated] = entriesOf(convert(msh('ADT^A08'), PID), 'Patient');
    expect(updated?.request).toEqual({ method: 'PUT', url: `Patient?${MATCH}` });
    const [referred] = entriesOf(convert(msh('ORU^R01'), PID), 'Patient');
    expect(referred?.request).toEqual({ method: 'POST', url: 'Patient', ifNoneExist: MATCH });
  });

  test('a Han name has its text without a space', () => {
    expect(only(convert(msh('ADT^A28'), PID), 'Patient')).toMatchObject({
      name: [{ family: '陳', given: ['大文'], text: '陳大文' }],
      birthDate: '1970-02-03',
      gender: 'male',
    });
  });

  test('A40: the prior patient is replaced by the surviving one, and the store is told', () => {
    const merged = convert(msh('ADT^A40^ADT_A39'), 'EVN|A40|20260101', PID, 'MRG|2002^^^HOSP^MR');
    const [surviving, prior] = entriesOf(merged, 'Patient');
    expect(prior?.resource).toMatchObject({
      active: false,
      identifier: [{ value: '2002' }],
      link: [{ other: { reference: surviving?.fullUrl }, type: 'replaced-by' }],
    });
    expect(surviving?.resource).toMatchObject({ active: true, link: [{ other: { reference: prior?.fullUrl } }] });
    expect(merged.operations).toMatchObject([
      { kind: 'merge-patients', prior: { value: '2002' }, surviving: { value: '1001' } },
    ]);
  });

  test('equal numbers of two senders are two patients', () => {
    const bare = PID.replace('1001^^^HOSP^MR', '1001');
    const of = (facility: string): string | undefined =>
      entriesOf(convert(msh('ORU^R01').replace('|HOSP|', `|${facility}|`), bare), 'Patient')[0]?.request.ifNoneExist;
    expect(of('EAST')).not.toBe(of('WEST'));
  });

  test('a patient and a visit that are named twice are one each', () => {
    const pv1 = segmentOf('PV1', { 2: 'I', 19: 'V77^^^HOSP^VN' });
    const converted = convert(msh('ORU^R01'), PID, pv1, 'OBX|1|NM|1-8^a^LN||1', PID, pv1, 'OBX|1|NM|2-8^b^LN||2');
    for (const type of ['Patient', 'Encounter']) {
      const [one, second] = entriesOf(converted, type);
      expect(second).toBeUndefined();
      expect(one?.request.ifNoneExist).toMatch(/^identifier=/);
    }
    expect(entriesOf(converted, 'Observation')).toHaveLength(2);
  });

  test('"" asks to remove what stands', () => {
    const { operations } = convert(msh('ADT^A08'), 'PID|1||1001^^^HOSP^MR||陳^大文||""|M');
    expect(operations).toMatchObject([{ kind: 'remove-element', element: 'birthDate' }]);
  });

  test('a merge of update and record keeps what the message does not speak of', () => {
    const stored: Resource = {
      resourceType: 'Patient',
      id: 'a',
      identifier: [
        { system: 's', value: '1' },
        { system: 'other', value: '9' },
      ],
      telecom: [{ system: 'phone', value: '1' }],
      deceasedBoolean: false,
      birthDate: '1970',
    };
    const sent = {
      resourceType: 'Patient',
      identifier: [{ system: 's', value: '1', use: 'usual' }],
      deceasedDateTime: '2026',
    };
    expect(mergedPatient(stored, sent, ['birthDate'])).toEqual({
      resourceType: 'Patient',
      id: 'a',
      identifier: [
        { system: 'other', value: '9' },
        { system: 's', value: '1', use: 'usual' },
      ],
      telecom: [{ system: 'phone', value: '1' }],
      deceasedDateTime: '2026',
    });
  });

  test('a patient without any identifier is refused with the place', () => {
    expect(() => convert(msh('ADT^A08'), 'PID|1||||Doe')).toThrow(/PID-3.*segment 2/);
  });
});

describe('visits', () => {
  test.each([
    ['A01', 'in-progress'],
    ['A03', 'finished'],
    ['A05', 'planned'],
    ['A11', 'cancelled'],
    ['A13', 'in-progress'],
  ])('%s makes a visit %s', (event, status) => {
    const pv1 = segmentOf('PV1', { 2: 'I', 3: 'W1^2^B', 19: 'V77^^^HOSP^VN' });
    const converted = convert(msh(`ADT^${event}`), PID, pv1);
    expect(only(converted, 'Encounter')).toMatchObject({ status, class: { code: 'IMP' } });
    expect(entriesOf(converted, 'Encounter')[0]?.request.url).toMatch(/^Encounter\?identifier=.*V77$/);
  });
});

describe('results', () => {
  const OBR = segmentOf('OBR', {
    2: 'P1^EMR',
    3: 'F1^LAB',
    4: '24323-8^CMP^LN',
    7: '20260101083000',
    22: '20260101100000',
    25: 'F',
  });
  const results = (...obx: string[]): ConvertedMessage => convert(msh('ORU^R01'), PID, OBR, ...obx);
  const resultOf = (type: string, value: string, unit = ''): Record<string, unknown> =>
    only(results(`OBX|1|${type}|2345-7^Glucose^LN||${value}|${unit}||||||F`), 'Observation');

  test.each([
    [
      'NM',
      '5.60',
      { valueQuantity: { value: 5.6, unit: 'mmol/L', code: 'mmol/L', system: 'http://unitsofmeasure.org' } },
    ],
    ['NM', '<0.5', { valueQuantity: { value: 0.5, comparator: '<' } }],
    ['SN', '>^100', { valueQuantity: { value: 100, comparator: '>' } }],
    ['SN', '^1^:^128', { valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } }],
    ['SN', '^3^-^5', { valueRange: { low: { value: 3 }, high: { value: 5 } } }],
    ['NM', 'hemolysed', { valueString: 'hemolysed' }],
    ['ST', 'clear', { valueString: 'clear' }],
    ['TX', 'line one~line two', { valueString: 'line one\nline two' }],
    [
      'CWE',
      '10828004^Positive^SCT',
      { valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '10828004' }] } },
    ],
    ['DT', '202601', { valueDateTime: '2026-01' }],
    ['TM', '0815', { valueTime: '08:15:00' }],
  ])('%s %s', (type, value, expected) => {
    expect(resultOf(type, value, 'mmol/L')).toMatchObject(expected);
  });

  test('a number keeps the precision it was sent with', () => {
    expect(stringifyJson(resultOf('NM', '5.60', 'mmol/L'))).toContain('"value":5.60');
  });

  test('a corrected result has the identity of the first', () => {
    const id = (value: string, status: string): unknown =>
      only(results(`OBX|1|NM|2345-7^Glucose^LN||${value}|mmol/L|||||${status}`), 'Observation').id;
    expect(id('5.6', 'P')).toBe(id('6.5', 'C'));
  });

  test('orders of one message that share a number stay apart', () => {
    const other = OBR.replace('24323-8^CMP', '57021-8^CBC');
    const converted = convert(msh('ORU^R01'), PID, OBR, 'OBX|1|NM|1-8^a^LN||1', other, 'OBX|1|NM|1-8^a^LN||2');
    for (const type of ['ServiceRequest', 'DiagnosticReport', 'Observation']) {
      expect(new Set(entriesOf(converted, type).map(({ fullUrl }) => fullUrl)).size, type).toBe(2);
    }
  });

  test('a PDF among the results is the presented form of the report', () => {
    const data = Buffer.from('%PDF-1.7').toString('base64');
    const report = only(results(`OBX|1|ED|PDF^Report^L||^application^pdf^Base64^${data}||||||F`), 'DiagnosticReport');
    expect(report).toMatchObject({ status: 'final', presentedForm: [{ contentType: 'application/pdf', data }] });
  });

  test('Z segments are kept, and every other field is mapped or dropped with a reason', () => {
    const { fidelity } = results('OBX|1|NM|2345-7^Glucose^LN||5.6', 'ZXX|own|words');
    expect(fidelity.kept).toEqual([{ path: 'ZXX', where: 'the original message', count: 1 }]);
    expect(fidelity.mapped).toContainEqual({ path: 'OBX-5', count: 1 });
  });
});

describe('other messages', () => {
  test('a drug order has its dose, route and amount', () => {
    const converted = convert(
      msh('RDE^O11'),
      PID,
      'ORC|NW|RX1^EMR|||||||20260101090000',
      'RXE||6809^Metformin^RXNORM|500||mg|||||60|{tbl}|2',
      'RXR|PO^Oral^HL70162',
    );
    expect(only(converted, 'MedicationRequest')).toMatchObject({
      status: 'active',
      authoredOn: '2026-01-01T09:00:00+08:00',
      medicationCodeableConcept: { coding: [{ code: '6809' }] },
      dosageInstruction: [{ doseAndRate: [{ doseQuantity: { value: 500, code: 'mg' } }], route: { coding: [{}, {}] } }],
      dispenseRequest: { quantity: { value: 60 }, numberOfRepeatsAllowed: 2 },
    });
  });

  test('a document holds its lines and its attachments', () => {
    const converted = convert(
      msh('MDM^T02'),
      PID,
      segmentOf('TXA', { 2: 'CN', 4: '202601011000+0800', 12: 'DOC7^HOSP', 17: 'AU' }),
      'OBX|1|TX|^Note||first line',
      'OBX|2|TX|^Note||第二行',
    );
    const [document] = entriesOf(converted, 'DocumentReference');
    const { content, docStatus } = (document as Entry).resource as unknown as {
      docStatus: string;
      content: { attachment: { data: string } }[];
    };
    expect(docStatus).toBe('final');
    expect(Buffer.from(content[0]?.attachment.data ?? '', 'base64').toString()).toBe('first line\n第二行');
  });

  test('an appointment has its time, and its end from the duration', () => {
    const converted = convert(
      msh('SIU^S12'),
      segmentOf('SCH', { 1: 'A1', 2: 'F1', 9: '30', 10: 'min', 11: '^^^20260301090000+0800' }),
      PID,
      'AIP|1||77^Wong^Ka Yan||||||||||',
    );
    const appointment = only(converted, 'Appointment');
    expect(appointment).toMatchObject({ status: 'booked', start: '2026-03-01T09:00:00+08:00' });
    expect(Date.parse(String(appointment.end)) - Date.parse(String(appointment.start))).toBe(30 * 60_000);
    expect(appointment.participant).toHaveLength(2);
  });
});

describe('dates', () => {
  const source = { offsetAt: offsetsOf('Europe/Berlin') };
  test.each([
    ['2026', '2026'],
    ['202602', '2026-02'],
    ['20260228', '2026-02-28'],
    ['2026022813', '2026-02-28'],
    ['202602281330', '2026-02-28T13:30:00+01:00'],
    ['202607011330', '2026-07-01T13:30:00+02:00'],
    ['20260228133015.25-0330', '2026-02-28T13:30:15.25-03:30'],
    ['20260230', undefined],
    ['2026022825', undefined],
    ['2004062916460000', undefined],
    ['yesterday', undefined],
  ])('%s', (sent, expected) => {
    expect(dateTimeOf(sent, source)).toBe(expected);
  });

  test('a zone that is none is refused', () => {
    expect(() => offsetsOf('Mars/Olympus')).toThrow(ConversionError);
  });
});

test('messages of any structure come to valid FHIR or to a sentence', { timeout: 60_000 }, () => {
  const NAMES =
    'PID PD1 NK1 PV1 PV2 ORC OBR OBX NTE SPM AL1 IAM DG1 PR1 IN1 GT1 FT1 TXA SCH AIS AIG AIL AIP RXA RXO RXE RXR RXD MRG RF1 PRD PRB TQ1 EVN ARV ZZZ';
  const atom = fc.oneof(
    fc.constantFrom(
      '',
      '',
      'A',
      'NM',
      'SN',
      'ED',
      'CWE',
      'F',
      'MR',
      '20260101',
      '20261399',
      '""',
      '-1',
      '1.50',
      '大文',
      '\\T\\',
      '\\X00\\',
      '\\X0A\\',
      'mg  dL',
      'http://a b/c',
      '\\X41\\',
      'Base64',
      'LN',
    ),
    fc.string({ maxLength: 6 }),
  );
  const joined = (inner: fc.Arbitrary<string>, mark: string, maxLength: number): fc.Arbitrary<string> =>
    fc.array(inner, { minLength: 1, maxLength }).map((parts) => parts.join(mark));
  const field = joined(joined(joined(atom, '&', 2), '^', 5), '~', 2);
  const segment = fc
    .tuple(fc.constantFrom(...NAMES.split(' ')), fc.array(field, { maxLength: 30 }))
    .map(([name, fields]) => `${name}|${fields.join('|')}`.replaceAll(/[\r\n]/g, ' '));
  const type = fc.constantFrom(
    'ADT^A08',
    'ADT^A40',
    'ORU^R01',
    'OUL^R22',
    'ORM^O01',
    'MDM^T02',
    'VXU^V04',
    'SIU^S12',
    'RDE^O11',
    'RDS^O13',
    'RAS^O17',
    'REF^I12',
    'PPR^PC1',
    'DFT^P03',
  );
  fc.assert(
    fc.property(type, fc.array(segment, { maxLength: 12 }), (kind, segments) => {
      let converted: ConvertedMessage;
      try {
        converted = convert(msh(kind), PID, ...segments);
      } catch (error) {
        expect(error).toBeInstanceOf(ConversionError);
        return;
      }
      for (const { resource } of converted.bundle.entry as Entry[]) {
        const issues = validate(resource);
        if (hasErrors(issues)) expect([resource, issues.filter(({ severity }) => severity === 'error')]).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});
