/**
 * The record store alone, without HTTP, ledger and load generator: `npm run bench -- store [--callers 16]`.
 *
 * Callers in one process create, read and search Observations of about 1.5 KB on a fresh embedded PostgreSQL with its
 * default durability; every view is committed before it counts. The rest of the cost of a request is the server's. With
 * one caller nothing is shared: each operation pays for its own statements and its own commit.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseSearch } from '@meridian/fhir';
import { EVERYTHING, migrate, openDatabase, openRecords } from '@meridian/records';
import { familyOf, LOINC, MEASUREMENTS, observation, patient } from './support/fhir-data.ts';
import { processCosts } from './support/process-cost.ts';

const { values } = parseArgs({ options: { callers: { type: 'string', default: '16' } } });
const SECONDS = 5;
const CALLERS = Number(values.callers);
const PATIENTS = 200;
const CONTEXT = { actor: 'Practitioner/bench', purpose: 'TREAT', requestId: 'bench', visibility: EVERYTHING };

const folder = await mkdtemp(join(tmpdir(), 'meridian-bench-store-'));
const database = await openDatabase({ dataFolder: folder });
try {
  await migrate(database.connection);
  const { store, close } = await openRecords({ database, dataFolder: folder });
  const ids: string[] = [];
  for (let i = 0; i < PATIENTS; i++) {
    const resource = { ...patient('store', i), resourceType: 'Patient', id: `p${i}` };
    await store.write({ op: 'update', resource }, CONTEXT);
  }
  const create = async (n: number): Promise<void> => {
    const resource = observation(`Patient/p${n % PATIENTS}`, 'Practitioner/d1', `store-${n}`, Math.floor(n / PATIENTS));
    const { stored } = await store.write(
      { op: 'create', resource: { ...resource, resourceType: 'Observation' } },
      CONTEXT,
    );
    ids.push(stored.id);
  };
  await phase('warm-up', 2, create);
  await phase('create', SECONDS, create);
  await phase('read', SECONDS, async (n) => {
    const id = ids[(n * 7919) % ids.length] ?? '';
    if (!(await store.read('Observation', id, CONTEXT))) throw new Error('a record that was written is not there');
  });
  await phase('name', SECONDS, (n) => find('Patient', [['name', familyOf('store', n % PATIENTS)]]));
  await phase('search', SECONDS, (n) => {
    // the first half of what was written is there for certain, whoever was slow
    const number = n % Math.ceil(ids.length / 2);
    const [code] = MEASUREMENTS[Math.floor(number / PATIENTS) % MEASUREMENTS.length] ?? [];
    return find('Observation', [
      ['patient', `p${number % PATIENTS}`],
      ['code', `${LOINC}|${code}`],
      ['_sort', '-date'],
      ['_count', '20'],
    ]);
  });
  await close();

  async function find(type: string, parameters: [name: string, value: string][]): Promise<void> {
    const query = parseSearch([type], parameters, {
      handling: 'strict',
      baseUrl: 'http://localhost:8080/fhir',
      expandValueSet: () => undefined,
      now: Date.now(),
    });
    const { matches } = await store.search(query, CONTEXT);
    if (matches.length === 0) throw new Error('a search found nothing of what was written');
  }
} finally {
  await database.close();
  await rm(folder, { recursive: true, force: true });
}

/** Runs the work from all callers for a while; prints its rate and what each took of this process and of the database. */
async function phase(name: string, seconds: number, work: (n: number) => Promise<void>): Promise<void> {
  let count = 0;
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const before = processCosts({ all: process.pid });
  const end = begun + seconds * 1000;
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (performance.now() < end) await work(count++);
    }),
  );
  const took = (performance.now() - begun) / 1000;
  const used = process.cpuUsage(cpu);
  const own = used.user + used.system;
  // the database is a child of this process
  const all = ((processCosts({ all: process.pid }).all?.cpuSeconds ?? 0) - (before.all?.cpuSeconds ?? 0)) * 1e6;
  const each = (micros: number): number => Math.round(Math.max(0, micros) / count);
  process.stdout.write(
    `${name}: ${Math.round(count / took)}/s, ${each(own)} µs of this process each, ${each(all - own)} µs of the database\n`,
  );
}
