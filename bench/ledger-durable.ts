// The ledger in PostgreSQL with its default durability: events through the sequencer, bytes on disk, and verification of
// everything stored. The server is an embedded one in a folder of its own.
//
//   npm run bench -- ledger-durable [-- --events 200000 --patients 2000 --batch 5000]
//   npm run bench -- ledger-durable -- --records 500      events of records: the population of so many patients, imported
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generatePopulation } from '../packages/population/src/index.ts';
import { EVENT_KIND } from '../packages/records/src/events/event.ts';
import { sealEvents, writeEvents } from '../packages/records/src/events/outbox.ts';
import { migrate, openDatabase, openRecords, startLedger } from '../packages/records/src/index.ts';
import { openRootKey } from '../packages/records/src/keys/root-key.ts';
import { openStoreParts } from '../packages/records/src/store-parts.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    patients: { type: 'string', default: '2000' },
    batch: { type: 'string', default: '5000' },
    records: { type: 'string' },
  },
});
let events = Number(values.events);
const patients = Number(values.patients);

const dataFolder = mkdtempSync(join(tmpdir(), 'meridian-bench-'));
const database = await openDatabase({ dataFolder });
const baseUrl = 'http://localhost:8080/fhir';
await migrate(database.connection);
const keyFolder = join(dataFolder, 'keys');
const rootKey = openRootKey(`file:${join(keyFolder, 'root.key')}`, keyFolder, {});
const pool = database.pool({ size: 4, statementTimeout: 0 });
const sidePool = database.pool({ size: 1 });
const parts = await openStoreParts({ pool, sidePool, rootKey, baseUrl, now: Date.now });
try {
  if (values.records === undefined) await fill();
  else events = await importPopulation(Number(values.records));
  const before = await bytes();
  const ledger = await startLedger({ database, dataFolder, baseUrl, monitorInterval: 0, most: Number(values.batch) });
  const started = performance.now();
  const cpu = process.cpuUsage();
  while ((await ledger.health()).logged < events) await new Promise((resolve) => setTimeout(resolve, 20));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  report(`sequenced in batches of ${values.batch}, durable`, seconds);
  console.log(`  of that in this process ${((user + system) / 1e6).toFixed(1)} s of processor`);
  await pool.query('VACUUM ledger_outbox, ledger_subject, ledger_tile, ledger_state');
  await sizes(before);
  const receipts = performance.now();
  const { rows } = await pool.query('SELECT event FROM ledger_event TABLESAMPLE BERNOULLI (5) LIMIT 500');
  for (const { event } of rows) {
    const number = BigInt.asUintN(64, BigInt(event)).toString(16).padStart(16, '0');
    await ledger.receipts.ofEvent(number, () => true);
  }
  console.log(`receipts made, one after the other: ${perSecond(rows.length, (performance.now() - receipts) / 1000)}`);
  const verified = await ledger.verify();
  report(`verified (${verified.findings.length} findings)`, verified.seconds);
  await ledger.close();
} finally {
  await database.close();
  rmSync(dataFolder, { recursive: true, force: true });
}

/** Views of patients in turn, into the outbox. */
async function fill(): Promise<void> {
  const context = { actor: 'Practitioner/0d6f1a52-7f6b-4d1e-9b70-2f6f3f1b9c11', purpose: 'TREAT', requestId: 'bench' };
  const begun = performance.now();
  for (let at = 0; at < events; at += 2000) {
    const batch = Array.from({ length: Math.min(2000, events - at) }, (_, i) => {
      const patient = BigInt(((at + i) % patients) + 1) * 7_046_029_254_386_353_131n;
      const subjects = [`Observation/0d6f1a52-7f6b-4d1e-9b70-2f6f3f1b9c11/_history/1`];
      return {
        patient: BigInt.asIntN(64, patient),
        content: { kind: EVENT_KIND.viewed, at: Date.now(), context, subjects },
      };
    });
    await writeEvents(pool, await sealEvents(parts.keys, batch));
  }
  report('sealed and written to the outbox', (performance.now() - begun) / 1000);
}

/** Records of a synthetic population, as an import writes them. Gives how many. */
async function importPopulation(size: number): Promise<number> {
  const { bulk, close } = await openRecords({ database, dataFolder, baseUrl });
  const context = { actor: 'system', purpose: 'HOPERAT', requestId: 'bench' };
  const begun = performance.now();
  let records = 0;
  let lines: string[] = [];
  const send = async (): Promise<void> => {
    const { total } = await bulk.run({ format: 'ndjson', body: Buffer.from(lines.join('\n')) }, context);
    records += total.created;
    lines = [];
  };
  for (const resources of generatePopulation({ patients: size, seed: 1, years: 20, until: '2026-01-01' })) {
    lines.push(...resources.map((resource) => JSON.stringify(resource)));
    if (lines.length > 5000) await send();
  }
  await send();
  await close();
  events = records;
  report('imported', (performance.now() - begun) / 1000);
  return records;
}

async function bytes(): Promise<Map<string, number>> {
  const { rows } = await pool.query(
    `SELECT relname AS name, pg_total_relation_size(oid)::float8 AS size FROM pg_class WHERE relname LIKE 'ledger_%' AND relkind = 'r'`,
  );
  return new Map(rows.map(({ name, size }) => [name, size]));
}

async function sizes(earlier: Map<string, number>): Promise<void> {
  const now = await bytes();
  for (const table of ['ledger_event', 'ledger_tile', 'ledger_subject']) {
    const grown = (now.get(table) ?? 0) - (earlier.get(table) ?? 0);
    console.log(`  ${table.padEnd(16)} ${(grown / events).toFixed(0).padStart(5)} bytes an event`);
  }
}

/** What was done with all events, and how fast. */
function report(what: string, seconds: number): void {
  console.log(`${what}: ${events.toLocaleString('en')} in ${seconds.toFixed(1)} s, ${perSecond(events, seconds)}`);
}

function perSecond(count: number, seconds: number): string {
  return `${Math.round(count / seconds).toLocaleString('en')}/s`;
}
