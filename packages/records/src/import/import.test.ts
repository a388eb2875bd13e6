import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keptContentOf } from '../content/binary-content.ts';
import { openRecords, type Records } from '../open-records.ts';
import type { Database } from '../postgres/index.ts';
import type { ImportUnit, ViewContext } from '../store.ts';
import { testDatabase } from '../testing/database.ts';
import { EVERYTHING } from '../visibility.ts';

const context: ViewContext = { actor: 'system', purpose: 'HOPERAT', requestId: 'import', visibility: EVERYTHING };

let database: Database;
let folder: string;
let records: Records;

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'meridian-import-'));
  records = await openRecords({ database, dataFolder: folder });
});

afterAll(async () => {
  await records?.close();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

function bundle(...entries: [fullUrl: string, resource: object][]): ImportUnit {
  const entry = entries.map(([fullUrl, resource]) => ({ fullUrl, resource, request: { method: 'POST', url: 'X' } }));
  return {
    format: 'bundle',
    body: Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })),
  };
}

const PATIENT = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const VISIT = 'urn:uuid:22222222-2222-4222-8222-222222222222';
const unit = bundle(
  [PATIENT, { resourceType: 'Patient', name: [{ family: '陳', given: ['大文'] }] }],
  [
    VISIT,
    {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: PATIENT },
    },
  ],
  ['urn:uuid:33333333-3333-4333-8333-333333333333', { resourceType: 'Encounter', status: 'nonsense' }],
);

it('takes in what is valid, with references between the entries, and says why not the rest', async () => {
  const report = await records.bulk.run(unit, context);
  expect(report.total).toEqual({ read: 3, created: 2, updated: 0, unchanged: 0, rejected: 1 });
  expect(report.byType.Encounter).toMatchObject({ created: 1, rejected: 1 });
  expect(report.rejected[0]).toMatchObject({ index: 2, type: 'Encounter' });
  expect(report.rejected[0]?.issues.length).toBeGreaterThan(0);
  const visit = await records.store.read('Encounter', VISIT.slice(9), context);
  expect(JSON.parse(visit?.json?.toString() ?? '').subject.reference).toBe(`Patient/${PATIENT.slice(9)}`);
});

it('stores nothing twice', async () => {
  const report = await records.bulk.run(unit, context);
  expect(report.total).toEqual({ read: 3, created: 0, updated: 0, unchanged: 2, rejected: 1 });
});

it('makes a new version of what changed', async () => {
  const changed = bundle([PATIENT, { resourceType: 'Patient', name: [{ family: '陳', given: ['小文'] }] }]);
  expect((await records.bulk.run(changed, context)).total).toMatchObject({ updated: 1 });
  const patient = await records.store.read('Patient', PATIENT.slice(9), context);
  expect(patient?.version).toBe(2);
});

it('resolves conditional references to what is stored, and refuses those that find nothing', async () => {
  const system = 'urn:test:organisations';
  const organization = { resourceType: 'Organization', identifier: [{ system, value: 'A1' }], name: 'Clinic' };
  await records.bulk.run(bundle(['urn:uuid:44444444-4444-4444-8444-444444444444', organization]), context);
  const patientAt = (value: string): object => ({
    resourceType: 'Patient',
    managingOrganization: { reference: `Organization?identifier=${system}|${value}` },
  });
  const report = await records.bulk.run(
    bundle(
      ['urn:uuid:55555555-5555-4555-8555-555555555555', patientAt('A1')],
      ['urn:uuid:66666666-6666-4666-8666-666666666666', patientAt('none')],
    ),
    context,
  );
  expect(report.total).toMatchObject({ created: 1, rejected: 1 });
  expect(report.rejected[0]?.issues[0]?.code).toBe('not-found');
  const patient = await records.store.read('Patient', '55555555-5555-4555-8555-555555555555', context);
  expect(JSON.parse(patient?.json?.toString() ?? '').managingOrganization.reference).toBe(
    'Organization/44444444-4444-4444-8444-444444444444',
  );
});

it('moves large attachments to Binaries of the same patient, the same ones each time', async () => {
  const content = Buffer.alloc(100_000, 'x');
  const note = {
    resourceType: 'DocumentReference',
    status: 'current',
    subject: { reference: `Patient/${PATIENT.slice(9)}` },
    content: [{ attachment: { contentType: 'text/plain', data: content.toString('base64') } }],
  };
  const large = bundle(['urn:uuid:77777777-7777-4777-8777-777777777777', note]);
  expect((await records.bulk.run(large, context)).total).toMatchObject({ read: 1, created: 1 });
  expect((await records.bulk.run(large, context)).total).toMatchObject({ read: 1, unchanged: 1 });
  const stored = await records.store.read('DocumentReference', '77777777-7777-4777-8777-777777777777', context);
  const { attachment } = JSON.parse(stored?.json?.toString() ?? '').content[0];
  expect(attachment.size).toBe(content.length);
  const binary = await records.store.read('Binary', attachment.url.slice('Binary/'.length), context);
  const kept = keptContentOf(JSON.parse(binary?.json?.toString() ?? ''));
  const blob = kept && (await records.store.blobs.get({ patientId: PATIENT.slice(9) }, kept.digest));
  expect(blob && (await buffer(blob.content))).toEqual(content);
});

it('refuses a Binary that names content it does not bring', async () => {
  const forged = {
    resourceType: 'Binary',
    id: 'forged',
    contentType: 'text/plain',
    _data: { extension: [{ url: 'urn:meridian:binary-content', extension: [{ url: 'digest', valueString: '00' }] }] },
  };
  const body = Buffer.from(JSON.stringify(forged));
  expect((await records.bulk.run({ format: 'ndjson', body }, context)).total).toMatchObject({ rejected: 1 });
});

it('survives lines that are no resources', async () => {
  const body = Buffer.from('{"resourceType":"Patient"}\n{broken\n[]\n\n{"resourceType":"Nonsense","id":"x"}\n');
  const report = await records.bulk.run({ format: 'ndjson', body }, context);
  expect(report.total).toEqual({ read: 4, created: 1, updated: 0, unchanged: 0, rejected: 3 });
});
