import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, resourcesOf } from './json.ts';
import { seeded } from './random.ts';
import { type Answer, Server } from './server.ts';

/** Many clients, few resources: nothing is lost without a word, and no quarrel of theirs becomes a fault of ours. */
const LONG = process.env.MERIDIAN_LONG === '1';
const CLIENTS = 12;
const ROUNDS = LONG ? 100 : 12;
const SYSTEM = 'https://example.org/concurrency';

let server: Server;

beforeAll(async () => {
  server = await Server.start({ MERIDIAN_LOG: 'warn' });
}, 120_000);

afterAll(() => server?.close());

const together = <T>(work: (client: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: CLIENTS }, (_, client) => work(client)));

function fault({ status, bytes }: Answer): Error {
  return new Error(`${status} ${bytes.toString('utf8', 0, 300)} ${server.output().slice(-900)}`);
}

test('a counter that many raise with If-Match ends at the number of successes', async () => {
  const created = await server.must('POST', 'Basic', counter(0));
  const path = `Basic/${created.json.id}`;
  const successes = await together(async () => {
    let raised = 0;
    while (raised < ROUNDS) {
      const { json, headers } = await server.must('GET', path);
      const next = { ...counter(counterOf(json) + 1), id: json.id };
      const answer = await server.call('PUT', path, next, { 'if-match': String(headers.etag) });
      if (answer.status === 200) raised++;
      else if (answer.status !== 412 && answer.status !== 409) throw fault(answer);
    }
    return raised;
  });
  const last = await server.must('GET', path);
  expect(counterOf(last.json)).toBe(successes.reduce((sum, raised) => sum + raised, 0));
  expect(last.json.meta?.versionId).toBe(String(CLIENTS * ROUNDS + 1));
});

test('updates without If-Match each become a version', async () => {
  const created = await server.must('POST', 'Basic', counter(0));
  const path = `Basic/${created.json.id}`;
  const versions = await together(async (client) => {
    const mine: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const answer = await server.call('PUT', path, { ...counter(1000 * client + round + 1), id: created.json.id });
      // 409: others kept changing it; the client was told
      if (answer.status === 200) mine.push(String(answer.json.meta?.versionId));
      else if (answer.status !== 409) throw fault(answer);
    }
    return mine;
  });
  const all = versions.flat().map(Number);
  expect(new Set(all).size).toBe(all.length);
  expect(Math.max(...all)).toBe(all.length + 1);
});

test('of many equal conditional creates one creates', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const identifier = { system: SYSTEM, value: `conditional-${round}` };
    const condition = { 'if-none-exist': `identifier=${SYSTEM}|${identifier.value}` };
    const answers = await together(() =>
      server.call('POST', 'Patient', { resourceType: 'Patient', identifier: [identifier] }, condition),
    );
    for (const answer of answers) if (answer.status !== 200 && answer.status !== 201) throw fault(answer);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const found = await server.must('GET', `Patient?identifier=${encodeURIComponent(`${SYSTEM}|${identifier.value}`)}`);
    expect(resourcesOf(found.json)).toHaveLength(1);
  }
});

test('of many equal conditional updates one creates', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const value = `upsert-${round}`;
    const path = `Patient?identifier=${encodeURIComponent(`${SYSTEM}|${value}`)}`;
    const answers = await together((client) =>
      server.call('PUT', path, {
        resourceType: 'Patient',
        identifier: [{ system: SYSTEM, value }],
        name: [{ family: `Client${client}` }],
      }),
    );
    for (const answer of answers) {
      if (![200, 201, 409, 412].includes(answer.status)) throw fault(answer);
    }
    expect(resourcesOf((await server.must('GET', path)).json)).toHaveLength(1);
  }
});

test('transactions that touch the same resources in any order are whole and never a fault', async () => {
  const ids = await Promise.all(
    Array.from({ length: 8 }, async () => String((await server.must('POST', 'Basic', counter(0))).json.id)),
  );
  const done = await together(async (client) => {
    const random = seeded(900 + client);
    const mine: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const chosen = [...ids].sort(() => random.next() - 0.5).slice(0, 5);
      const stamp = 1 + client * 1000 + round;
      const entry = chosen.map((id) => ({
        resource: { ...counter(stamp), id },
        request: { method: 'PUT', url: `Basic/${id}` },
      }));
      const answer = await server.call('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
      if (answer.status === 200) mine.push(...chosen.map((id) => `${id} ${stamp}`));
      else if (answer.status !== 409 && answer.status !== 412) throw fault(answer);
    }
    return mine;
  });
  const written = new Set(done.flat());
  expect(written.size).toBeGreaterThan(CLIENTS);
  const found = new Set<string>();
  for (const id of ids) {
    const history = resourcesOf((await server.must('GET', `Basic/${id}/_history?_count=1000`)).json);
    expect(history.map(({ meta }) => Number(meta?.versionId))).toEqual(history.map((_, i) => history.length - i));
    for (const version of history) if (counterOf(version) > 0) found.add(`${id} ${counterOf(version)}`);
  }
  expect(found).toEqual(written);
});

test('readers under writers see whole versions, never older ones after newer ones', async () => {
  const id = String((await server.must('POST', 'Basic', counter(0))).json.id);
  let writing = true;
  const writer = (async () => {
    for (let value = 1; value <= ROUNDS * 5; value++)
      await server.must('PUT', `Basic/${id}`, { ...counter(value), id });
    writing = false;
  })();
  const readers = together(async () => {
    let seen = 0;
    while (writing) {
      const { json } = await server.must('GET', `Basic/${id}`);
      const version = Number(json.meta?.versionId);
      expect(version).toBeGreaterThanOrEqual(seen);
      expect(counterOf(json)).toBe(version - 1);
      seen = version;
    }
  });
  await Promise.all([writer, readers]);
});

function counter(value: number): object {
  return {
    resourceType: 'Basic',
    code: { coding: [{ system: SYSTEM, code: 'counter' }] },
    extension: [{ url: `${SYSTEM}/value`, valueInteger: value }],
  };
}

function counterOf(resource: Json): number {
  const [extension] = resource.extension as { valueInteger: number }[];
  return extension?.valueInteger ?? -1;
}
