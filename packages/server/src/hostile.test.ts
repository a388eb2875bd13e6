import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestServer, testServer } from './testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ MERIDIAN_CORS: 'https://app.example' });
});
afterAll(() => server?.close());

/** Sends bytes as they are and gives back all that comes until the server closes or falls silent. */
function wire(bytes: Buffer | string, patience = 2000): Promise<string> {
  const { hostname, port } = new URL(server.running.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const end = () => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(patience, end);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (/\r\n\r\n[\s\S]*\}$/.test(text)) end();
    });
    socket.on('error', end);
    socket.on('close', end);
    socket.write(bytes);
  });
}

const head = (line: string, ...headers: string[]) =>
  `${[line, 'host: x', `authorization: Bearer ${server.token}`, ...headers].join('\r\n')}\r\n\r\n`;

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

async function expectAlive(): Promise<void> {
  expect((await server.raw('GET', '/healthz')).status).toBe(200);
}

describe('refusals', () => {
  test.each([
    ['GET', '/fhir/Nonsense', {}, 404],
    ['GET', '/fhir/Patient/a%00b', {}, 400],
    ['GET', '/fhir/Patient/%E0%A4%A', {}, 400],
    ['GET', '/fhir/Patient/%ff%fe', {}, 400],
    ['GET', '/fhir/Patient?name=%ff', {}, 400],
    ['GET', `/fhir/Patient/${'x'.repeat(65)}`, {}, 400],
    ['GET', `/fhir/Patient?name=${'x'.repeat(17_000)}`, {}, 414],
    ['GET', '/fhir/../etc/passwd', {}, 404],
    ['GET', '/fhir//Patient', {}, 404],
    ['GET', '/elsewhere', {}, 404],
    ['PUT', '/fhir/metadata', {}, 405],
    ['DELETE', '/fhir/Patient/_search', {}, 405],
    ['GET', '/fhir/Patient', { accept: 'application/fhir+xml' }, 406],
    ['GET', '/fhir/Patient?_format=xml', {}, 406],
    ['GET', '/fhir/Patient', { authorization: 'Bearer x.y.z' }, 401],
    ['GET', '/fhir/Patient', { authorization: 'Basic x' }, 401],
    ['GET', '/fhir/Patient?_count=x', {}, 400],
    ['GET', '/fhir/Patient?_cursor=x', {}, 400],
    ['GET', '/fhir/Patient/_history?_since=yesterday', {}, 400],
    ['GET', '/fhir/Patient/$nothing', {}, 404],
    ['GET', '/fhir/__proto__', {}, 404],
    ['GET', '/fhir/Patient/1/_history/0', {}, 404],
    ['GET', `/fhir/Patient?${'a=b&'.repeat(300)}`, {}, 400],
  ] as const)('%s %s', async (method, path, headers, status) => {
    const answer = await server.raw(method, path, undefined, headers);
    expect(answer.status).toBe(status);
    expect(answer.json.resourceType).toBe('OperationOutcome');
    expect(answer.json.issue[0]?.diagnostics).toMatch(/\.$/);
    expect(answer.headers['x-request-id']).toBeTruthy();
    if (status === 405) expect(answer.headers.allow).toBeTruthy();
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  test.each([
    ['', 'application/fhir+json', 400],
    ['{', 'application/fhir+json', 400],
    ['[]', 'application/fhir+json', 400],
    ['{"resourceType":"Patient"}', 'application/xml', 415],
    ['{"resourceType":"Patient"}', 'application/fhir+json; charset=big5', 415],
    ['{"resourceType":"Patient"}', 'nonsense', 415],
    ['{"resourceType":"Observation"}', 'application/fhir+json', 400],
    ['{"resourceType":"Patient","resourceType":"Patient"}', 'application/fhir+json', 400],
    ['{"resourceType":"Patient","__proto__":{"x":1}}', 'application/fhir+json', 400],
    [
      `{"resourceType":"Patient","extension":${'[{"extension":'.repeat(100)}1${'}]'.repeat(100)}}`,
      'application/fhir+json',
      400,
    ],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'application/fhir+json', 400],
  ] as const)('body %#', async (body, type, status) => {
    const answer = await server.raw('POST', '/fhir/Patient', body, { 'content-type': type });
    expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome']);
  });

  test('a body above the limit is refused before it is read, and while it is read', async () => {
    const declared = await wire(
      head('POST /fhir/Patient HTTP/1.1', 'content-type: application/fhir+json', 'content-length: 999999999'),
    );
    expect(declared).toMatch(/^HTTP\/1.1 413 /);
    expect(declared).toMatch(/connection: close/i);
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    async function* endless() {
      for (let i = 0; i < 40; i++) yield chunk;
    }
    const { Readable } = await import('node:stream');
    const answer = await server
      .raw('POST', '/fhir/Patient', Readable.from(endless()), { 'content-type': 'application/fhir+json' })
      .catch(() => undefined);
    // The socket may be closed while undici still writes; then there is no answer to see.
    if (answer) expect(answer.status).toBe(413);
    await expectAlive();
  });

  test('a read-only token cannot write, in a Bundle neither', async () => {
    const token = await server.running.tokens.mint({
      actor: 'a',
      system: true,
      expiresInSeconds: 60,
      scope: 'system/*.rs',
    });
    const headers = { authorization: `Bearer ${token}` };
    expect((await server.call('POST', 'Patient', { resourceType: 'Patient' }, headers)).status).toBe(403);
    expect((await server.call('GET', 'Patient', undefined, headers)).status).toBe(200);
    const entry = [{ resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } }];
    const inBatch = await server.call('POST', '', { resourceType: 'Bundle', type: 'batch', entry }, headers);
    expect(inBatch.json.entry[0]?.response.status).toBe('403');
    expect(
      (await server.call('POST', '', { resourceType: 'Bundle', type: 'transaction', entry }, headers)).status,
    ).toBe(403);
    expect(
      (await server.raw('POST', '/exchange/import', '{}', { ...headers, 'content-type': 'application/json' })).status,
    ).toBe(403);
  });

  test('pages of other origins are refused, allowed ones are not', async () => {
    const preflight = (origin: string) => server.raw('OPTIONS', '/fhir/Patient', undefined, { origin });
    expect((await preflight('https://evil.example')).status).toBe(403);
    const allowed = await preflight('https://app.example');
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([204, 'https://app.example']);
  });
});

describe('broken HTTP', () => {
  test.each([
    'GARBAGE\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /fhir/metadata HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n',
    'GET /fhir/metadata HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    'POST /fhir/Patient HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\nxx',
    'POST /fhir/Patient HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
    `GET /fhir/metadata HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
    'PROPFIND /fhir/Patient HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET http:// HTTP/1.1\r\nhost: x\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001',
  ])('%j gets a 4xx with an OperationOutcome', async (bytes) => {
    const answer = await wire(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toContain('OperationOutcome');
    await expectAlive();
  });

  test('a body that breaks off harms nobody', async () => {
    await wire(
      `${head('POST /fhir/Patient HTTP/1.1', 'content-type: application/fhir+json', 'content-length: 100')}{"res`,
      200,
    );
    await wire(
      head('POST /fhir/Binary HTTP/1.1', 'content-type: image/png', 'content-length: 1000000') + 'x'.repeat(100_000),
      200,
    );
    await expectAlive();
  });
});

test('seeded garbage never gets a 5xx, a hang or a crash', { timeout: 120_000 }, async () => {
  const next = dice(42);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  const valid = JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:0b3c7e1e-0000-4000-8000-000000000001',
        resource: { resourceType: 'Patient', name: [{ family: 'X' }], birthDate: '2000-01-01' },
        request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=a|b' },
      },
    ],
  });
  const garble = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    for (let i = 0; i < 1 + next() * 4; i++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
    return next() < 0.2 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes;
  };
  const word = () =>
    pick([
      'Patient',
      'Observation',
      '_history',
      '_search',
      '$everything',
      '$meta',
      '$export',
      '..',
      '%',
      '%00',
      '%2e',
      "'",
      '1',
      '*',
      'Group',
      '$lastn',
      '_count',
      '\u4e2d',
      ':',
      '|',
      '$expand',
    ]);
  const query = () =>
    Array.from(
      { length: next() * 4 },
      () =>
        `${pick(['_sort', '_include', 'name:exact', '_has:Observation:patient:code', 'date', '_count', '_elements', '_summary', 'subject:Patient.name', '_since', '_at', '_cursor', '_type', 'code:in', 'value-quantity', 'near', 'birthdate:missing'])}=${encodeURIComponent(pick(['', 'x', '-date', 'ge2020', 'Patient:link', 'a|b|c', '1e999', '%', '\\', ',,,', 'true', 'http://x', '9'.repeat(30)]))}`,
    ).join('&');
  const statuses = new Map<number, number>();
  for (let round = 0; round < 600; round++) {
    const method = pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']);
    const path = `/fhir/${Array.from({ length: next() * 4 }, word)
      .map((part) => (next() < 0.5 ? encodeURIComponent(part) : part))
      .join('/')}?${query()}`;
    const body = method === 'GET' || method === 'HEAD' || method === 'DELETE' ? undefined : garble(valid);
    const headers: Record<string, string> = {
      'content-type': pick([
        'application/fhir+json',
        'application/json',
        'application/json-patch+json',
        'text/plain',
        'application/x-www-form-urlencoded',
      ]),
      'if-match': pick(['W/"1"', 'x', '"']),
      'if-none-exist': pick(['', 'name=x', '?', '%']),
      prefer: pick(['return=x', 'handling=strict', ';;;', 'respond-async']),
      range: pick(['bytes=0-', 'bytes=-', 'x']),
    };
    const answer = await server
      .raw(method, encodeURI(path).replaceAll('%25', '%'), body, headers)
      .catch((error: Error) => error);
    if (answer instanceof Error) throw new Error(`${method} ${path}: ${answer.message}`);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status >= 500)
      throw new Error(`${method} ${path} gave ${answer.status}: ${body?.toString('latin1')} ${answer.text}`);
    if (answer.status >= 400 && method !== 'HEAD')
      expect(answer.json.resourceType, `${method} ${path}`).toBe('OperationOutcome');
  }
  expect(statuses.size).toBeGreaterThan(4);
  await expectAlive();
});

test('logs and metrics hold nothing of requests and records', async () => {
  const planted = 'Wong-Planted-A1234567';
  await server.call(
    'POST',
    'Patient',
    { resourceType: 'Patient', name: [{ family: planted }] },
    { 'x-request-id': planted },
  );
  await server.call('POST', 'Patient', { resourceType: 'Patient', gender: planted });
  await server.call('GET', `Patient?name=${planted}`);
  await server.call('GET', `Patient/${planted}`);
  await server.call('GET', `${planted}/1`);
  await server.raw('GET', `/${planted}`);
  await wire(`GET /fhir/${planted} HTTP/7\r\n${planted}\r\n\r\n`);
  const metrics = await server.raw('GET', '/metrics');
  expect(metrics.text).toContain('route="/fhir/:type"');
  expect(metrics.text).not.toContain('Planted');
  await server.restart();
  const log = await readFile(server.logFile, 'utf8');
  expect(log).toContain('"route":"/fhir/:type"');
  expect(log).not.toContain('Planted');
  const fields = new Set(
    log
      .trim()
      .split('\n')
      .flatMap((line) => Object.keys(JSON.parse(line) as object)),
  );
  expect([...fields].sort()).toEqual(['actor', 'level', 'method', 'ms', 'msg', 'requestId', 'route', 'status', 'time']);
});

test('health, readiness and rate limits', async () => {
  expect((await server.raw('GET', '/readyz')).json).toEqual({
    database: true,
    migrations: true,
    disk: true,
    keys: true,
  });
  const limited = await testServer({ MERIDIAN_RATE: '1', MERIDIAN_BURST: '2' });
  try {
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await limited.call('GET', 'Patient')).status);
    expect(statuses.slice(0, 2)).toEqual([200, 200]);
    expect(statuses).toContain(429);
    expect((await limited.raw('GET', '/healthz')).status).toBe(200);
  } finally {
    await limited.close();
  }
});

test('closing finishes what was accepted', async () => {
  const write = (i: number) =>
    server.call('PUT', `Basic/c-${i}`, { resourceType: 'Basic', id: `c-${i}`, code: { text: 'x' } });
  // Connections that are open and busy when the server is told to close.
  const writes = Promise.allSettled(Array.from({ length: 50 }, (_, i) => write(i)));
  await Promise.race([writes, write(50)]);
  await server.restart();
  const answers = await writes;
  const answered = answers.flatMap((answer, i) =>
    answer.status === 'fulfilled' && answer.value.status === 201 ? [i] : [],
  );
  expect(answered.length).toBeGreaterThan(0);
  for (const i of answered) expect((await server.call('GET', `Basic/c-${i}`)).status).toBe(200);
});
