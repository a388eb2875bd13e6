/**
 * The record store alone, without HTTP, ledger and load generator: `npm run bench -- store`.
 *
 * Sixteen callers in one process create and read Observations of about 1.5 KB on a fresh embedded PostgreSQL with its
 * default durability; every view is committed before it counts. The rest of the cost of a request is the server's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERYTHING, migrate, openDatabase, openRecords } from '@meridian/records';
import { observation } from './support/fhir-data.ts';

const SECONDS = 5;
const CALLERS = 16;
const PATIENTS = 200;
const CONTEXT = { actor: 'Practitioner/bench', purpose: 'TREAT', requestId: 'bench', visibility: EVERYTHING };

const folder = await mkdtemp(join(tmpdir(), 'meridian-bench-store-'));
const database = await openDatabase({ dataFolder: folder });
try {
  await migrate(database.connection);
  const { store, close } = await openRecords({ database, dataFolder: folder });
  const ids: string[] = [];
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
  await close();
} finally {
  await database.close();
  await rm(folder, { recursive: true, force: true });
}

/** Runs the work from all callers for a while and prints its rate and this process's share of a core. */
async function phase(name: string, seconds: number, work: (n: number) => Promise<void>): Promise<void> {
  let count = 0;
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const end = begun + seconds * 1000;
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (performance.now() < end) await work(count++);
    }),
  );
  const took = (performance.now() - begun) / 1000;
  const used = process.cpuUsage(cpu);
  const each = (used.user + used.system) / count;
  process.stdout.write(`${name}: ${Math.round(count / took)}/s, ${Math.round(each)} µs of this process each\n`);
}
