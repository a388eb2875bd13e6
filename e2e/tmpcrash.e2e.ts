import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkOf, resourcesOf } from './json.ts';
import { BUNDLE_SIZE, type Knowledge, mixedLoad, RUN_SYSTEM, sha256 } from './mixed-load.ts';
import { seeded } from './random.ts';
import { Server } from './server.ts';

/** `kill -9` at random moments of load: what was acknowledged is there, whole, and proved by one event each. */
const ROUNDS = process.env.MERIDIAN_LONG === '1' ? 100 : 8;
const CLIENTS = 6;
const WAYS = ['server', 'database', 'both', 'server while it starts again'] as const;

let server: Server;
let patients: string[];

beforeAll(async () => {
  server = await Server.start({ MERIDIAN_LOG: 'info' });
  patients = await Promise.all(
    Array.from({ length: 5 }, async (_, i) => {
      const created = await server.must('POST', 'Patient', {
        resourceType: 'Patient',
        name: [{ family: `Crash${i}` }],
      });
      return `Patient/${created.json.id}`;
    }),
  );
}, 120_000);

afterAll(async () => { const fs = await import('node:fs'); console.log(server.output().split('\n').filter((l) => /database/.test(l)).slice(-30).join('\n')); console.log(fs.readFileSync(server.home + '/data/postgres/postgres.log', 'utf8').slice(-3000)); await server.close(); });

test(`${ROUNDS} kills under load lose nothing that was acknowledged`, { timeout: ROUNDS * 60_000 }, async () => {
  const random = seeded(7);
  let acknowledged = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const way = WAYS[round % WAYS.length] as (typeof WAYS)[number];
    const stop = new AbortController();
    const load = mixedLoad(server, CLIENTS, round, patients, stop.signal);
    await pause(300 + random.below(1500));
    await strike(way, random.below(700));
    stop.abort();
    const known = await load;
    acknowledged += known.acknowledged.length + known.transactions.size + known.binaries.length;
    const faults = await faultsAfter(known);
    expect(faults, `after round ${round}, kill of ${way}`).toEqual([]);
  }
  expect(acknowledged).toBeGreaterThan(ROUNDS * 10);
});

async function strike(way: (typeof WAYS)[number], delay: number): Promise<void> {
  if (way !== 'server' && way !== 'server while it starts again') process.kill(await server.postmaster(), 'SIGKILL');
  if (way === 'database') return recovered();
  await server.kill();
  if (way === 'server while it starts again') {
    const starting = server.start().catch(() => undefined);
    await pause(delay);
    await server.kill();
    await starting;
  }
  await server.start();
}

/** A database that was killed is started again by the server, which stays. */
async function recovered(): Promise<void> {
  await pause(500);
  await server.ready();
}

/** Everything that is not as it should be, in words. */
async function faultsAfter(known: Knowledge): Promise<string[]> {
  return [
    ...known.wrong,
    ...(await lostVersions(known)),
    ...(await halfTransactions(known)),
    ...(await lostBinaries(known)),
    ...(await unprovedVersions()),
  ];
}

async function lostVersions({ acknowledged, open }: Knowledge): Promise<string[]> {
  const lost: string[] = [];
  await inParallel(acknowledged, async ({ type, id, version, marker }) => {
    const answer = await server.call('GET', `${type}/${id}/_history/${version}`);
    const right = marker === undefined ? answer.status === 410 : answer.json.valueString === marker;
    if (!right) lost.push(`version ${version} of ${marker ?? 'a deletion'} answers ${answer.status}`);
  });
  const newest = new Map<string, number>();
  for (const { id, version } of acknowledged) newest.set(id, Math.max(version, newest.get(id) ?? 0));
  await inParallel([...newest], async ([id, version]) => {
    const beyond = await server.call('GET', `Observation/${id}/_history/${version + 1}`);
    const candidate = open.find((one) => one.id === id && one.version === version + 1);
    if (beyond.status === 404) return;
    const right =
      beyond.status === 410 ? candidate && !candidate.marker : candidate?.marker === beyond.json.valueString;
    if (!candidate || !right) lost.push(`there is a version ${version + 1} that nobody wrote`);
  });
  return lost;
}

async function halfTransactions({ transactions }: Knowledge): Promise<string[]> {
  const half: string[] = [];
  await inParallel([...transactions], async ([run, acknowledged]) => {
    const query = `Observation?identifier=${encodeURIComponent(`${RUN_SYSTEM}|${run}`)}&_count=100`;
    const found = resourcesOf((await server.must('GET', query)).json).length;
    if (found !== BUNDLE_SIZE && (acknowledged || found !== 0)) {
      half.push(`${found} of ${BUNDLE_SIZE} of a transaction that was ${acknowledged ? '' : 'not '}acknowledged`);
    }
  });
  return half;
}

async function lostBinaries({ binaries }: Knowledge): Promise<string[]> {
  const lost: string[] = [];
  await inParallel(binaries, async ({ id, sha256: expected }) => {
    const { status, bytes } = await server.call('GET', `Binary/${id}`, undefined, { accept: 'text/plain' });
    if (status !== 200 || sha256(bytes) !== expected) lost.push(`a Binary answers ${status}, or with other content`);
  });
  // those that were written without an answer too: whatever refers to a blob has it
  let next: string | undefined = 'Binary/_history?_count=100';
  const ids = new Set<string>();
  while (next !== undefined) {
    const { json }: Awaited<ReturnType<Server['must']>> = await server.must('GET', next);
    for (const { id } of resourcesOf(json)) ids.add(String(id));
    next = linkOf(json, 'next')?.split('/fhir/')[1];
  }
  if (ids.size < binaries.length) lost.push(`the history knows ${ids.size} of ${binaries.length} Binary resources`);
  await inParallel([...ids], async (id) => {
    const { status } = await server.call('GET', `Binary/${id}`, undefined, { accept: 'text/plain', range: 'bytes=-1' });
    if (status !== 206) lost.push(`a Binary without its blob answers ${status}`);
  });
  return lost;
}

/** In the tables: histories have no gap, and every version has one event, and every event of a write its version. */
async function unprovedVersions(): Promise<string[]> {
  const database = await server.database();
  const pool = database.pool({ size: 1 });
  const { rows } = await pool.query<{ fault: string; count: string }>(`
    WITH stored AS (
      SELECT rid, version FROM resource UNION ALL SELECT rid, version FROM resource_history
    ), told AS (
      SELECT rid, version FROM ledger_outbox WHERE rid IS NOT NULL
      UNION ALL SELECT rid, version FROM ledger_event WHERE rid IS NOT NULL
    )
    SELECT 'histories with a gap or a version twice' AS fault, count(*) AS count FROM (
      SELECT FROM stored GROUP BY rid HAVING min(version) <> 1 OR max(version) <> count(*) OR count(DISTINCT version) <> count(*)
    ) AS gaps
    UNION ALL SELECT 'versions without an event', count(*) FROM (SELECT * FROM stored EXCEPT SELECT * FROM told) AS silent
    UNION ALL SELECT 'events without a version', count(*) FROM (SELECT * FROM told EXCEPT SELECT * FROM stored) AS loose
    UNION ALL SELECT 'versions with two events', count(*) FROM (
      SELECT FROM told GROUP BY rid, version HAVING count(*) > 1
    ) AS twice`);
  await database.close();
  return rows.filter(({ count }) => Number(count) > 0).map(({ fault, count }) => `${count} ${fault}`);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const run = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, run));
}
