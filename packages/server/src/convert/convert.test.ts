import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_KIND } from '@meridian/records';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestAnswer, type TestServer, testServer } from '../testing/server.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data', 'samples');

let server: TestServer;
let patient: string;
beforeAll(async () => {
  server = await testServer();
  const { json } = await server.call('POST', 'Patient', { resourceType: 'Patient', active: true });
  patient = `Patient/${json.id}`;
});
afterAll(() => server?.close());

const convert = (query: string, body: string | Buffer, contentType = 'application/octet-stream'): Promise<TestAnswer> =>
  server.raw('POST', `/fhir/$convert${query}`, body, { 'content-type': contentType });

interface Parameter {
  name: string;
  valueString?: string;
  valueCode?: string;
  valueBoolean?: boolean;
  valueInteger?: number;
  valueReference?: { reference: string };
  resource?: { resourceType: string; contentType?: string; data?: string };
}
const parameters = ({ json }: TestAnswer): Parameter[] => (json.parameter ?? []) as Parameter[];
const one = (answer: TestAnswer, name: string): Parameter | undefined =>
  parameters(answer).find((parameter) => parameter.name === name);
const where = (answer: TestAnswer, name: string): string => one(answer, name)?.valueReference?.reference ?? '';
const dataOf = (parameter: Parameter | undefined): Buffer => Buffer.from(parameter?.resource?.data ?? '', 'base64');
const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

const ORU = [
  'MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260101100000||ORU^R01|C1|P|2.5.1',
  'PID|1||7007^^^HOSP^MR||Wong^Siu Ming||19800102|F',
  'OBR|1|P1^EMR|F1^LAB|24323-8^CMP^LN|||20260101|||||||||||||||20260101100000|||F',
  'OBX|1|NM|2345-7^Glucose^LN||5.40|mmol/L^^UCUM|3.9-5.6|N|||F',
  'ZXX|1|something of our own',
].join('\r');

test('an HL7 v2 message becomes records, with its evidence and its original', async () => {
  const answer = await convert('?zone=%2B08:00', ORU);
  expect(answer.json).toMatchObject({ resourceType: 'Parameters' });
  expect(one(answer, 'format')?.valueCode).toBe('hl7v2');
  expect(one(answer, 'source-sha256')?.valueString).toBe(sha256(ORU));
  const found = await server.call('GET', 'Observation?code=http://loinc.org|2345-7');
  expect(found.json.entry.map(({ resource }) => resource.valueQuantity)).toMatchObject([{ value: 5.4 }]);
  expect(found.text).toContain('"value":5.40');
  const original = await server.call('GET', where(answer, 'original'));
  const [content] = original.json.content as { attachment: { data: string } }[];
  expect(Buffer.from(content?.attachment.data ?? '', 'base64').toString()).toBe(ORU);
  const provenance = await server.raw('GET', `/fhir/${where(answer, 'provenance')}`);
  expect(provenance.text).toContain(sha256(ORU));
  expect(provenance.text).toContain(one(answer, 'result-sha256')?.valueString);
  const report = JSON.parse(dataOf(one(answer, 'fidelity')).toString()) as Record<string, { path: string }[]>;
  expect(
    Object.values(report)
      .flatMap((list) => list.map(({ path }) => path))
      .some((path) => path.startsWith('ZXX')),
  ).toBe(true);
});

test('a conversion is an event on the chain of its patient', async () => {
  const pool = server.database.pool({ size: 1 });
  const count = async (): Promise<number> => {
    const { rows } = await pool.query<{ n: string }>(
      `SELECT count(*) AS n FROM (SELECT kind, patient, event FROM ledger_outbox UNION SELECT kind, patient, event FROM ledger_event) e
        WHERE kind = $1 AND patient <> 0`,
      [EVENT_KIND.conversion],
    );
    return Number(rows[0]?.n);
  };
  try {
    const before = await count();
    await convert(`?patient=${patient}`, 'words on the chain', 'text/plain');
    expect(await count()).toBe(before + 1);
  } finally {
    await pool.end();
  }
});

test('the same message converted again gives the same digest, and no second patient', async () => {
  const [first, second] = [await convert('', ORU), await convert('', ORU)];
  expect(one(first, 'result-sha256')).toEqual(one(second, 'result-sha256'));
  const { json } = await server.call('GET', 'Patient?identifier=7007');
  expect(json.entry.length).toBe(1);
});

describe('documents', () => {
  test('are filed under their patient: original byte for byte, form for reading, Provenance, event', async () => {
    const source = Buffer.from('a7dabbddbca2a141b1b5a455', 'hex');
    const answer = await convert(`?patient=${patient}&title=Note`, source, 'text/plain');
    expect(answer.status).toBe(200);
    expect(dataOf(one(answer, 'result')).toString()).toContain('我需慰');
    const original = await server.call('GET', where(answer, 'original'), undefined, {
      accept: 'application/fhir+json',
    });
    expect(original.json.data).toBe(source.toString('base64'));
    const { json } = await server.call('GET', `DocumentReference?patient=${patient}`);
    expect(json.entry.map(({ resource }) => resource.description)).toContain('Note');
    const provenance = await server.call('GET', where(answer, 'provenance'));
    expect(provenance.text).toContain(sha256(source));
    expect(provenance.text).toContain('document-to-html 1.0.0');
    const again = await convert(`?patient=${patient}&title=Note`, source, 'text/plain');
    expect(where(again, 'original')).toBe(where(answer, 'original'));
    const { json: after } = await server.call('GET', `DocumentReference?patient=${patient}`);
    expect(after.entry.length).toBe(json.entry.length);
  });

  test('need a patient to be filed, and nothing is stored in a preview', async () => {
    expect((await convert('', 'plain words', 'text/plain')).status).toBe(400);
    expect((await convert('?patient=Patient/nobody', 'plain words', 'text/plain')).status).toBe(404);
    const before = (await server.call('GET', 'Binary?_summary=count')).json.total;
    const answer = await convert(`?preview=true&patient=${patient}`, 'plain words of a preview', 'text/plain');
    expect(one(answer, 'filed')?.valueBoolean).toBe(false);
    expect((await server.call('GET', 'Binary?_summary=count')).json.total).toBe(before);
  });

  test('what cannot be read is kept, and a form that cannot be made is refused with a sentence', async () => {
    const ole = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
    const kept = await convert(`?patient=${patient}`, ole);
    expect(kept.status).toBe(200);
    expect(one(kept, 'converter')?.valueString).toBe('original-only');
    const refused = await convert('?to=html', ole);
    expect(refused.status).toBe(422);
    expect(refused.json.issue[0]?.diagnostics).toMatch(/PDF or DOCX/);
    expect((await convert('?to=docx', 'x')).status).toBe(400);
  });
});

/** A picture of one pixel, and the segment in which cameras write where they were (Exif 2.32, §4.7). */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const EXIF = Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0', 'latin1');

test('a photograph is shown without where it was taken, and kept with it', async () => {
  const picture = dataOf(one(await convert('?to=jpeg', PIXEL), 'result'));
  const length = Buffer.from([0, EXIF.length + 2]);
  const source = Buffer.concat([picture.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, EXIF, picture.subarray(2)]);
  const answer = await convert(`?patient=${patient}`, source);
  expect(one(answer, 'format')?.valueCode).toBe('image');
  expect(dataOf(one(answer, 'result')).length).toBeGreaterThan(100);
  expect(dataOf(one(answer, 'result')).includes('Exif')).toBe(false);
  const original = await server.call('GET', where(answer, 'original'), undefined, { accept: 'application/fhir+json' });
  expect(original.json.data).toBe(source.toString('base64'));
});

test('FHIR goes out as R5 and as C-CDA', async () => {
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      {
        resource: {
          resourceType: 'Patient',
          id: 'p',
          name: [{ family: '陳', given: ['大文'] }],
          gender: 'male',
          birthDate: '1970-01-02',
        },
      },
    ],
  };
  const body = JSON.stringify(bundle);
  expect((await convert('?to=r5', body)).status).toBe(200);
  const ccda = await convert('?to=ccda', body);
  expect(dataOf(one(ccda, 'result')).toString()).toContain('陳');
  expect((await convert('', body)).status).toBe(422);
});

test.skipIf(!existsSync(SAMPLES))(
  'C-CDA documents of the samples are filed with their originals',
  async () => {
    const folder = join(SAMPLES, 'ccda', 'documents');
    for (const name of readdirSync(folder)
      .filter((each) => each.endsWith('.xml'))
      .slice(0, 6)) {
      const answer = await convert('', readFileSync(join(folder, name)));
      expect([name, answer.status, answer.status === 200 ? '' : answer.text.slice(0, 500)]).toEqual([name, 200, '']);
      expect(where(answer, 'original')).toMatch(/^DocumentReference\//);
    }
  },
  60_000,
);
