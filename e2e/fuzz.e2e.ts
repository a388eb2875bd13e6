import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { hostilePatches, mutated, notorious, validPatient } from './fuzz-bodies.ts';
import { hostileRequest, tampered } from './fuzz-requests.ts';
import { linkOf } from './json.ts';
import { seeded } from './random.ts';
import { brokenHttp, exchange } from './raw-http.ts';
import { type Answer, Server } from './server.ts';

/** Hostile input is normal input: it gets a refusal in words, and never a fault, a hang or a crash. */
const LONG = process.env.MERIDIAN_LONG === '1';
const BODIES = LONG ? 20_000 : 800;
const REQUESTS = LONG ? 60_000 : 3000;
const SEED = Number(process.env.MERIDIAN_SEED ?? 4711);
/** Resident megabytes after all of this; a server that has just started takes about 200. */
const SANE_MEGABYTES = 1500;
/** Milliseconds after which an answer counts as a hang. Generous: what is tested is that there is a bound. */
const SLOWEST = 30_000;

let server: Server;
let ids: string[];

beforeAll(async () => {
  server = await Server.start({ MERIDIAN_LOG: 'warn' });
  const random = seeded(SEED);
  ids = await Promise.all(
    Array.from({ length: 30 }, async () =>
      String((await server.must('POST', 'Patient', validPatient(random))).json.id),
    ),
  );
}, 120_000);

afterAll(() => server?.close());

afterEach(async () => {
  expect(server.running).toBe(true);
  expect((await server.must('GET', `Patient/${ids[0]}`)).json.id).toBe(ids[0]);
});

/** Why an answer is not one that a caller can act on; undefined where it is. */
function wrongWith(answer: Answer | undefined, method = 'POST'): string | undefined {
  if (!answer) return 'no answer';
  const { status, json, bytes } = answer;
  if (status >= 500) return `${status} ${bytes.toString('utf8', 0, 200)} ${server.faults().at(-1) ?? ''}`;
  if (status < 400 || method === 'HEAD') return undefined;
  const said = json.issue?.[0]?.diagnostics ?? '';
  if (json.resourceType !== 'OperationOutcome') return `${status} without an OperationOutcome`;
  if (said === '') return `${status} without a sentence`;
  return /\bat \S+:\d+:\d+|node_modules|SELECT |relation "/.test(said)
    ? `${status} tells of its inside: ${said}`
    : undefined;
}

test('bodies that are known to hurt', async () => {
  const wrong: string[] = [];
  for (const { what, bytes, contentType } of notorious()) {
    const type = { 'content-type': contentType ?? 'application/fhir+json' };
    const targets = ['', 'Patient', 'Patient/$validate', 'Binary', 'Bundle', '$import'].map((path) => `/fhir/${path}`);
    for (const path of [...targets, '/exchange/import']) {
      const begun = performance.now();
      const answer = await server.send('POST', path.replace(/\/$/, ''), bytes, type).catch(() => undefined);
      const why = wrongWith(answer);
      // a server that refuses before it has read everything may close, and then the client may miss the answer
      const missed = why === 'no answer' && bytes.length > 1_000_000;
      if (why !== undefined && !missed) wrong.push(`${what} to ${path}: ${why}`);
      if (performance.now() - begun > SLOWEST) wrong.push(`${what} to ${path} took too long`);
    }
  }
  expect(wrong).toEqual([]);
});

test(`${BODIES} bodies that were valid once`, async () => {
  const random = seeded(SEED + 1);
  const wrong: string[] = [];
  await manyAtOnce(BODIES, async () => {
    const { what, bytes } = mutated(random);
    const [method, path] = random.chance(0.7) ? ['POST', 'Patient'] : ['PUT', `Patient/${random.pick(ids)}`];
    const why = wrongWith(await server.call(method, path, bytes).catch(() => undefined));
    if (why !== undefined) wrong.push(`${method} ${path} ${what}: ${why}: ${bytes.toString('latin1').slice(0, 400)}`);
  });
  expect(wrong).toEqual([]);
});

test('patches', async () => {
  const random = seeded(SEED + 2);
  const wrong: string[] = [];
  for (const { what, bytes, contentType } of hostilePatches(random)) {
    const headers = { 'content-type': contentType ?? 'application/fhir+json' };
    const why = wrongWith(await server.call('PATCH', `Patient/${ids[1]}`, bytes, headers).catch(() => undefined));
    if (why !== undefined) wrong.push(`${what}: ${why}: ${bytes.toString('utf8', 0, 200)}`);
  }
  expect(wrong).toEqual([]);
});

test(`${REQUESTS} requests of random methods, paths, parameters and headers`, async () => {
  const random = seeded(SEED + 3);
  const wrong: string[] = [];
  let successes = 0;
  await manyAtOnce(REQUESTS, async () => {
    const request = hostileRequest(random, ids.slice(5));
    const { method, path, headers, body } = request;
    const type = body === undefined ? {} : { 'content-type': 'application/fhir+json' };
    const refused = new Error('refused by the client library');
    const answer = await server.send(method, path, body, { ...type, ...headers }).catch((error: { code?: string }) => {
      // what undici itself will not send cannot hurt the server
      return error.code === 'UND_ERR_INVALID_ARG' || error.code === 'UND_ERR_NOT_SUPPORTED' ? refused : undefined;
    });
    if (answer instanceof Error) return;
    if (answer?.status === 200) successes++;
    const why = wrongWith(answer, method);
    if (why !== undefined)
      wrong.push(`${method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 200)}: ${why}`);
  });
  expect(wrong).toEqual([]);
  // else it would be the gates alone that were tested
  expect(successes).toBeGreaterThan(REQUESTS / 20);
});

test('cursors that were tampered with', async () => {
  const random = seeded(SEED + 4);
  const wrong: string[] = [];
  for (const path of [
    'Patient?_count=3',
    'Patient?_count=3&_sort=birthdate',
    'Patient/_history?_count=3',
    '_history?_count=3',
  ]) {
    const next = new URL(linkOf((await server.must('GET', path)).json, 'next') ?? '');
    const parameters = [...next.searchParams];
    const [name, cursor] = parameters.at(-1) as [string, string];
    for (let i = 0; i < 40; i++) {
      const query = new URLSearchParams([...parameters.slice(0, -1), [name, tampered(cursor, random)]]);
      const answer = await server.send('GET', `${next.pathname}?${query}`, undefined, {}).catch(() => undefined);
      const why = answer?.status === 200 ? 'accepted' : wrongWith(answer);
      if (why !== undefined && query.get(name) !== cursor) wrong.push(`${path}: ${query.get(name)}: ${why}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('what is not HTTP', async () => {
  const wrong: string[] = [];
  const cases = brokenHttp(`Bearer ${server.token}`);
  const answers = await Promise.all(cases.map(({ pieces }) => exchange(server.port, pieces, 4000)));
  for (const [i, { statuses, text }] of answers.entries()) {
    const what = cases[i]?.what;
    const fault = statuses.find((status) => status >= 500);
    // RFC 9112 §3.1.1: 501 for a method, RFC 9110 §15.6.6: 505 for a version, and §10.1: 501 for a transfer coding
    if (fault !== undefined && fault !== 501 && fault !== 505) wrong.push(`${what}: ${fault} ${text.slice(0, 300)}`);
    if (statuses.some((status) => status >= 400) && !text.includes('OperationOutcome'))
      wrong.push(`${what}: no OperationOutcome: ${text.slice(0, 200)}`);
  }
  expect(wrong).toEqual([]);
});

test('senders that are slow on purpose', async () => {
  const slowHead = 'GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n'.split('');
  const slow = Array.from({ length: 200 }, () => exchange(server.port, slowHead, 20_000, 1000));
  await pause(500);
  const begun = performance.now();
  expect((await server.must('GET', `Patient/${ids[2]}`)).status).toBe(200);
  expect(performance.now() - begun).toBeLessThan(5000);
  const answers = await Promise.all(slow);
  expect(answers.filter(({ closed }) => !closed)).toHaveLength(0);
  expect(new Set(answers.flatMap(({ statuses }) => statuses))).toEqual(new Set([408]));
});

test('and after all that its memory is sane', async () => {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const megabytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  expect(megabytes).toBeLessThan(SANE_MEGABYTES);
  expect(server.faults()).toEqual([]);
});

async function manyAtOnce(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  const run = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: 8 }, run));
}
