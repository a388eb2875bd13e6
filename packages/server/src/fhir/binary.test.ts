import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { Agent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
let agent: Agent;
beforeAll(async () => {
  server = await testServer();
  agent = new Agent();
});
afterAll(async () => {
  await agent?.close();
  await server?.close();
});

async function bytes(path: string, headers: Record<string, string> = {}) {
  const response = await agent.request({
    origin: server.running.url,
    path: `/fhir/${path}`,
    method: 'GET',
    headers: { authorization: `Bearer ${server.token}`, ...headers },
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.from(await response.body.arrayBuffer()),
  };
}

async function upload(content: Buffer, headers: Record<string, string> = {}): Promise<string> {
  const type = { 'content-type': 'image/png', ...headers };
  const created = await server.raw('POST', '/fhir/Binary', Readable.from([content]), type);
  expect(created.status).toBe(201);
  return String(created.headers.location).replace(/^.*\/fhir\/(Binary\/[^/]+)\/.*$/, '$1');
}

test.each([0, 1, 65_536, 65_537, 3_000_000])(
  '%i bytes come back as they were, raw, in ranges and as JSON',
  async (size) => {
    const content = randomBytes(size);
    const path = await upload(content);
    const raw = await bytes(path);
    expect([raw.status, raw.headers['content-type'], raw.headers['content-length']]).toEqual([
      200,
      'image/png',
      String(size),
    ]);
    expect(raw.body.equals(content)).toBe(true);
    if (size > 0) {
      const part = await bytes(path, { range: `bytes=${size - 1}-` });
      expect([part.status, part.headers['content-range']]).toEqual([206, `bytes ${size - 1}-${size - 1}/${size}`]);
      expect(part.body.equals(content.subarray(size - 1))).toBe(true);
      const json = await bytes(path, { accept: 'application/fhir+json' });
      const parsed = JSON.parse(json.body.toString()) as { data: string; contentType: string };
      expect(json.headers['content-length']).toBe(String(json.body.length));
      expect(Buffer.from(parsed.data, 'base64').equals(content)).toBe(true);
    }
    expect((await bytes(path, { range: `bytes=${size}-` })).status).toBe(416);
  },
);

test('content of a patient is kept under the patient, and never shown as a page', async () => {
  const { json } = await server.call('POST', 'Patient', { resourceType: 'Patient' });
  const path = await upload(Buffer.from('<script>'), {
    'content-type': 'text/html',
    'x-security-context': `Patient/${json.id}`,
  });
  const raw = await bytes(path);
  expect(raw.body.toString()).toBe('<script>');
  expect(raw.headers['content-disposition']).toBe('attachment');
  expect(raw.headers['x-content-type-options']).toBe('nosniff');
  const resource = JSON.parse((await bytes(path, { accept: 'application/fhir+json' })).body.toString());
  expect(resource.securityContext).toEqual({ reference: `Patient/${json.id}` });
});

test('a Binary sent as FHIR JSON is one, and one that names stored content is refused', async () => {
  const data = Buffer.from('hello').toString('base64');
  const made = await server.call('POST', 'Binary', { resourceType: 'Binary', contentType: 'text/plain', data });
  expect(made.status).toBe(201);
  expect((await bytes(`Binary/${made.json.id}`)).body.toString()).toBe('hello');
  const part = (url: string, value: object) => ({ url, ...value });
  const forged = {
    resourceType: 'Binary',
    contentType: 'text/plain',
    _data: {
      extension: [
        {
          url: 'urn:meridian:binary-content',
          extension: [part('digest', { valueString: '0'.repeat(64) }), part('size', { valueDecimal: 5 })],
        },
      ],
    },
  };
  expect((await server.call('POST', 'Binary', forged)).status).toBe(422);
});

test('a patch keeps the content, and cannot change where it is', async () => {
  const content = randomBytes(70_000);
  const path = await upload(content);
  const type = { 'content-type': 'application/json-patch+json' };
  const language = [{ op: 'add', path: '/language', value: 'en' }];
  expect((await server.call('PATCH', path, language, type)).status).toBe(200);
  expect((await bytes(path)).body.equals(content)).toBe(true);
  const digest = [{ op: 'replace', path: '/_data/extension/0/extension/0/valueString', value: '0'.repeat(64) }];
  expect((await server.call('PATCH', path, digest, type)).status).toBe(422);
});

test('a raw update makes a version', async () => {
  const path = await upload(Buffer.from('one'));
  const changed = await server.raw('PUT', `/fhir/${path}`, 'two', { 'content-type': 'text/plain' });
  expect(changed.status).toBe(200);
  expect((await bytes(path)).body.toString()).toBe('two');
});
