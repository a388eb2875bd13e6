import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server?.close());

const urn = () => `urn:uuid:${randomUUID()}`;
const post = (resource: { resourceType: string }, fullUrl = urn(), request: object = {}) => ({
  fullUrl,
  resource,
  request: { method: 'POST', url: resource.resourceType, ...request },
});
const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
const organization = (value: string) => ({
  resourceType: 'Organization',
  identifier: [{ system: 'urn:test', value }],
  name: 'Ward',
});
const observation = (subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Pulse' },
  subject: { reference: subject },
  ...more,
});
const countOf = async (query: string) => (await server.call('GET', `${query}&_summary=count`)).json.total;

test('a transaction rewrites references between its entries, in the narrative too', async () => {
  const patient = urn();
  const text = {
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${patient}">p</a></div>`,
  };
  const answer = await server.call(
    'POST',
    '',
    bundle('transaction', post(observation(patient, { text })), post({ resourceType: 'Patient' }, patient)),
  );
  expect(answer.status).toBe(200);
  expect(answer.json.type).toBe('transaction-response');
  expect(answer.json.entry.map((entry) => entry.response.status)).toEqual(['201', '201']);
  const [first, second] = answer.json.entry.map((entry) => entry.response.location.replace(/\/_history.*/, ''));
  const read = await server.call('GET', String(first));
  expect(read.json.subject).toEqual({ reference: second });
  expect(JSON.stringify(read.json.text)).toContain(`href=\\"${second}\\"`);
});

test('a transaction is all or nothing', async () => {
  const answer = await server.call(
    'POST',
    '',
    bundle('transaction', post(organization('atomic')), {
      ...post(organization('x')),
      resource: { resourceType: 'Organization', nonsense: 1 },
    }),
  );
  expect(answer.status).toBe(400);
  expect(answer.json.issue[0]?.expression[0]).toMatch(/^Bundle\.entry\[1\]\.resource/);
  expect(await countOf('Organization?identifier=urn:test|atomic')).toBe(0);
});

test('a conditional create and references to it meet what is there', async () => {
  const reference = 'Organization?identifier=urn:test|shared';
  const one = () =>
    bundle(
      'transaction',
      post(organization('shared'), urn(), { ifNoneExist: 'identifier=urn:test|shared' }),
      post(observation('Patient/p', { performer: [{ reference }] })),
    );
  const first = await server.call('POST', '', one());
  const second = await server.call('POST', '', one());
  expect([first.status, second.status]).toEqual([200, 200]);
  expect([first, second].map((answer) => answer.json.entry[0]?.response.status)).toEqual(['201', '200']);
  const path = second.json.entry[1]?.response.location ?? '';
  const made = first.json.entry[0]?.response.location.replace(/\/_history.*/, '');
  expect((await server.call('GET', path)).json.performer).toEqual([{ reference: made }]);
  expect(await countOf(reference)).toBe(1);
});

test('transactions that race for one conditional create make it once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => {
      const org = urn();
      const create = post(organization('raced'), org, { ifNoneExist: 'identifier=urn:test|raced' });
      return server.call(
        'POST',
        '',
        bundle('transaction', create, post(observation('Patient/p', { performer: [{ reference: org }] }))),
      );
    }),
  );
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  expect(await countOf('Organization?identifier=urn:test|raced')).toBe(1);
  const [found] = (await server.call('GET', 'Organization?identifier=urn:test|raced')).json.entry;
  for (const answer of answers) {
    const read = await server.call('GET', answer.json.entry[1]?.response.location ?? '');
    expect(read.json.performer).toEqual([{ reference: `Organization/${found?.resource.id}` }]);
  }
});

test('a conditional reference that finds nothing fails the transaction', async () => {
  const entry = post(
    observation('Patient/p', { performer: [{ reference: 'Organization?identifier=urn:test|nobody' }] }),
  );
  expect((await server.call('POST', '', bundle('transaction', entry))).status).toBe(412);
});

test('entries are carried out as DELETE, POST, PUT, PATCH, GET', async () => {
  const { json: doomed } = await server.call('POST', 'Organization', organization('order'));
  const { json: kept } = await server.call('POST', 'Organization', organization('kept'));
  const patch = Buffer.from(JSON.stringify([{ op: 'replace', path: '/name', value: 'Patched' }])).toString('base64');
  const answer = await server.call(
    'POST',
    '',
    bundle(
      'transaction',
      { request: { method: 'GET', url: 'Organization?identifier=urn:test|order' } },
      {
        resource: { resourceType: 'Organization', id: 'put-1', name: 'Put' },
        request: { method: 'PUT', url: 'Organization/put-1' },
      },
      {
        resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: patch },
        request: { method: 'PATCH', url: `Organization/${kept.id}` },
      },
      post(organization('order'), urn(), { ifNoneExist: 'identifier=urn:test|never' }),
      { request: { method: 'DELETE', url: `Organization/${doomed.id}` } },
    ),
  );
  expect(answer.status).toBe(200);
  expect(answer.json.entry.map((entry) => entry.response.status)).toEqual(['200', '201', '200', '201', '204']);
  const [search] = answer.json.entry;
  expect(search?.resource.entry.map((entry) => entry.resource.id)).not.toContain(doomed.id);
  expect(search?.resource.entry.length).toBe(1);
  expect((await server.call('GET', `Organization/${kept.id}`)).json.name).toBe('Patched');
});

test('two entries for one resource, or with one fullUrl, are refused', async () => {
  const put = {
    resource: { resourceType: 'Basic', id: 'twice', code: { text: 'x' } },
    request: { method: 'PUT', url: 'Basic/twice' },
  };
  expect((await server.call('POST', '', bundle('transaction', put, put))).json.issue[0]?.code).toBe('duplicate');
  const same = urn();
  const doubled = bundle('transaction', post(organization('a'), same), post(organization('b'), same));
  expect((await server.call('POST', '', doubled)).status).toBe(400);
});

test('a batch carries out each entry for itself', async () => {
  const answer = await server.call(
    'POST',
    '',
    bundle(
      'batch',
      post(organization('batch')),
      { request: { method: 'GET', url: 'Organization/never-was' } },
      { request: { method: 'GET', url: 'metadata' } },
      { request: { method: 'JUMP', url: 'Organization' } },
      'not an entry' as unknown as object,
      post({ resourceType: 'Observation' }),
    ),
  );
  expect(answer.json.entry.map((entry) => entry.response.status)).toEqual(['201', '404', '200', '405', '400', '400']);
  expect(answer.json.entry[1]?.response.outcome.issue[0]?.code).toBe('not-found');
  expect(answer.json.entry[2]?.resource.resourceType).toBe('CapabilityStatement');
});

test('5,000 entries are one transaction', async () => {
  const patient = urn();
  const entries = Array.from({ length: 4999 }, () => post(observation(patient)));
  const answer = await server.call(
    'POST',
    '',
    bundle('transaction', post({ resourceType: 'Patient' }, patient), ...entries),
  );
  expect(answer.status).toBe(200);
  const id = answer.json.entry[0]?.response.location.split('/')[1];
  expect(await countOf(`Observation?patient=Patient/${id}`)).toBe(4999);
});

test('a large attachment in a transaction becomes a Binary of the same patient', async () => {
  const content = Buffer.alloc(100_000, 'scan ');
  const document = {
    resourceType: 'DocumentReference',
    status: 'current',
    subject: { reference: 'Patient/p' },
    content: [{ attachment: { contentType: 'text/plain', data: content.toString('base64') } }],
  };
  const answer = await server.call('POST', '', bundle('transaction', post(document)));
  expect(answer.status).toBe(200);
  expect(answer.json.entry.length).toBe(1);
  const stored = await server.call('GET', answer.json.entry[0]?.response.location ?? '');
  const [{ attachment }] = stored.json.content as [{ attachment: { url: string; size: number; data?: string } }];
  expect([attachment.size, attachment.data]).toEqual([100_000, undefined]);
  const raw = await server.call('GET', attachment.url);
  expect([raw.headers['content-type'], raw.text.length]).toEqual(['text/plain', 100_000]);
});
