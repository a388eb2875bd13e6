import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertMessage } from '@meridian/convert';
import type { Resource } from '@meridian/fhir';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestServer, testServer } from '../../testing/server.ts';
import { type MessageStore, submitTo } from './submit.ts';

const SAMPLES = join(
  import.meta.dirname,
  ...Array.from({ length: 6 }, () => '..'),
  'shared',
  'data',
  'samples',
  'hl7v2',
);
const AT = new Date('2026-01-01T00:00:00Z');

let server: TestServer;
let merges: string[] = [];
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server?.close());

/** The store over its own FHIR API. */
const store: MessageStore = {
  async patientsWith({ system, value }) {
    const query = encodeURIComponent(`${system}|${value}`);
    const { json } = await server.call('GET', `Patient?identifier=${query}&_count=2`);
    return (json.entry ?? []).map(({ resource }) => resource as Resource);
  },
  async transaction(bundle) {
    const { status, json } = await server.call('POST', '', bundle);
    if (status === 200) return { kind: 'stored' };
    if (status === 409 || (status === 412 && json.issue[0]?.code === 'conflict')) return { kind: 'conflict' };
    return { kind: 'refused', sentence: JSON.stringify(json.issue) };
  },
  async mergePatients(prior, surviving) {
    merges.push(`${prior.value} into ${surviving.value}`);
  },
};

const submit = submitTo(store);
const put = (bytes: Uint8Array): Promise<void> => submit(convertMessage(bytes, { at: AT, zone: '+08:00' }));
const send = (type: string, id: string, ...segments: string[]): Promise<void> =>
  put(Buffer.from([`MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260101||${type}|${id}|P|2.5.1`, ...segments].join('\r')));
const search = async (query: string): Promise<Record<string, unknown>[]> =>
  ((await server.call('GET', query)).json.entry ?? []).map(({ resource }) => resource);

test('messages find the right patient, update it, and change nothing when they come again', async () => {
  const pid = 'PID|1||1001^^^HOSP^MR||Chan^Tai Man||19700203|M|||1 Main St^^Hong Kong||85212345678';
  const results = ['OBR|1|P1^EMR|F1^LAB|24323-8^CMP^LN|||20260101|||||||||||||||20260101100000|||F'];
  const obx = (value: string, status: string): string => `OBX|1|NM|2345-7^Glucose^LN||${value}|mmol/L|||||${status}`;
  await send('ADT^A28', '1', pid);
  await send('ORU^R01', '2', 'PID|1||1001^^^HOSP^MR||Chan', ...results, obx('5.60', 'P'));
  await send('ORU^R01', '2', 'PID|1||1001^^^HOSP^MR||Chan', ...results, obx('5.60', 'P'));
  await send('ORU^R01', '3', 'PID|1||1001^^^HOSP^MR||Chan', ...results, obx('6.50', 'C'));
  await send('ADT^A08', '4', 'PID|1||1001^^^HOSP^MR||Chan^Tai Man Peter||19700203|M');
  const patients = await search('Patient?identifier=1001');
  expect(patients).toHaveLength(1);
  expect(patients[0]).toMatchObject({
    name: [{ family: 'Chan', given: ['Tai Man Peter'] }],
    address: [{ city: 'Hong Kong' }],
    telecom: [{ value: '85212345678' }],
  });
  const observations = await search('Observation?code=2345-7');
  expect(observations).toMatchObject([
    {
      status: 'corrected',
      valueQuantity: { value: 6.5 },
      subject: { reference: `Patient/${String(patients[0]?.id)}` },
    },
  ]);
  expect(await search('DiagnosticReport?code=24323-8')).toHaveLength(1);
  expect(await search('ServiceRequest?identifier=P1')).toHaveLength(1);
  // each message is kept, once
  expect(await search(`DocumentReference?subject=Patient/${String(patients[0]?.id)}`)).toHaveLength(4);
});

test('a merge keeps both patients and says which one lives on', async () => {
  merges = [];
  await send('ADT^A28', '10', 'PID|1||3001^^^HOSP^MR||Lee^A||19800101|F');
  await send('ADT^A28', '11', 'PID|1||3002^^^HOSP^MR||Lee^B||19800101|F');
  await send('ADT^A40^ADT_A39', '12', 'EVN|A40', 'PID|1||3001^^^HOSP^MR||Lee^A||19800101|F', 'MRG|3002^^^HOSP^MR');
  const [surviving] = await search('Patient?identifier=3001');
  const [prior] = await search('Patient?identifier=3002');
  expect(prior).toMatchObject({
    active: false,
    name: [{ given: ['B'] }],
    link: [{ other: { reference: `Patient/${String(surviving?.id)}` }, type: 'replaced-by' }],
  });
  expect(surviving).toMatchObject({ active: true });
  expect(merges).toEqual(['3002 into 3001']);
});

test.skipIf(!existsSync(SAMPLES))(
  'every sample is stored, and stored again without a second copy',
  { timeout: 120_000 },
  async () => {
    const files = readdirSync(SAMPLES).filter((name) => name.endsWith('.hl7'));
    for (const name of files) await put(readFileSync(join(SAMPLES, name)));
    const count = async (type: string): Promise<unknown> =>
      (await server.call('GET', `${type}?_summary=count`)).json.total;
    const types = [
      'Patient',
      'Encounter',
      'Observation',
      'ServiceRequest',
      'DiagnosticReport',
      'Condition',
      'Immunization',
    ];
    const before = await Promise.all(types.map(count));
    for (const name of files) await put(readFileSync(join(SAMPLES, name)));
    expect(await Promise.all(types.map(count))).toEqual(before);
  },
);
