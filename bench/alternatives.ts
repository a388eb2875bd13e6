/**
 * The ways to keep records honest that are discussed for medical record systems, side by side and in one run: no ledger, a
 * hash column, Meridian's log, the log with its anchor on a chain, each record's hash as a transaction of its own, the
 * whole record on the chain. What each costs, how long until it holds, how many bytes it keeps.
 *
 *     npm run bench -- alternatives [-- --records 50000 --batch 500]
 *
 * The database is an embedded PostgreSQL with its default durability, the chain an anvil in memory: its gas is that of any
 * EVM chain with its newest rules, its time is not, for a chain of many validators takes seconds for a block.
 */
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Hex, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { AnchorClient, deploy, hashOfText, RegistryClient, signHead } from '../packages/chain/src/index.ts';
import { startTestChain } from '../packages/chain/src/testing/test-chain.ts';
import { storageSource, TileReader } from '../packages/ledger/src/index.ts';
import { EVENT_KIND } from '../packages/records/src/events/event.ts';
import { sealEvents, writeEvents } from '../packages/records/src/events/outbox.ts';
import { migrate, openDatabase, startLedger } from '../packages/records/src/index.ts';
import { openRootKey } from '../packages/records/src/keys/root-key.ts';
import { seal } from '../packages/records/src/sealing/seal.ts';
import { inTransaction } from '../packages/records/src/sql/run.ts';
import { openStoreParts } from '../packages/records/src/store-parts.ts';
import { processCosts } from './support/process-cost.ts';

const { values } = parseArgs({
  options: { records: { type: 'string', default: '50000' }, batch: { type: 'string', default: '500' } },
});
const records = Number(values.records);
const batch = Number(values.batch);
const RECORD_BYTES = 1500;
const PATIENTS = 200;
/** Transactions sent where each record is one: enough to see what one costs. */
const TRANSACTIONS = 200;
/** Records that one anchor stands for, as the anchoring job does it. */
const ANCHORED = 10_000;
/** Deploys `sstore(calldataload(0), 1)`: the least that keeps a hash where contracts can read it. */
const STORE_ONE: Hex = '0x666001600035550060005260076019f3';

const dataFolder = mkdtempSync(join(tmpdir(), 'meridian-bench-'));
const database = await openDatabase({ dataFolder });
const baseUrl = 'http://localhost:8080/fhir';
await migrate(database.connection);
const keyFolder = join(dataFolder, 'keys');
const pool = database.pool({ size: 4, statementTimeout: 0 });
const parts = await openStoreParts({
  pool,
  sidePool: database.pool({ size: 1 }),
  rootKey: openRootKey(`file:${join(keyFolder, 'root.key')}`, keyFolder, {}),
  baseUrl,
  now: Date.now,
});
const postmaster = Number(
  readFileSync(join(dataFolder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0],
);
const key = createSecretKey(randomBytes(32));
const bodies = Array.from({ length: batch }, () => randomBytes(RECORD_BYTES));
const context = { actor: 'Practitioner/0d6f1a52-7f6b-4d1e-9b70-2f6f3f1b9c11', purpose: 'TREAT', requestId: 'bench' };

interface Cost {
  way: string;
  /** Microseconds of processor for a record: of this process, and of PostgreSQL. */
  node?: number;
  postgres?: number;
  gas?: number;
  bytes: number;
  latency: string;
}

const costs: Cost[] = [];

function seconds(): { node: number; postgres: number } {
  const { user, system } = process.cpuUsage();
  return { node: (user + system) / 1e6, postgres: processCosts({ postmaster }).postmaster?.cpuSeconds ?? 0 };
}

/** Runs `work`, and gives what it took of the processor for each of `count` records, in microseconds. */
async function perRecord(count: number, work: () => Promise<unknown>): Promise<{ node: number; postgres: number }> {
  const before = seconds();
  await work();
  const after = seconds();
  const micros = (from: number, to: number): number => ((to - from) * 1e6) / count;
  return { node: micros(before.node, after.node), postgres: micros(before.postgres, after.postgres) };
}

async function sizeOf(like: string): Promise<number> {
  const { rows } = await pool.query<{ size: string }>(
    `SELECT coalesce(sum(pg_total_relation_size(oid)), 0) AS size FROM pg_class WHERE relkind = 'r' AND relname LIKE $1`,
    [like],
  );
  return Number(rows[0]?.size);
}

/** Milliseconds that the middle one of ten commits of one record takes. */
async function commitLatency(table: string, hashed: boolean): Promise<string> {
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const started = performance.now();
    await insert(table, hashed, bodies.slice(0, 1), []);
    times.push(performance.now() - started);
  }
  return `${(times.sort((a, b) => a - b)[5] ?? 0).toFixed(1)} ms`;
}

/** Seals records and writes them in one transaction with their events, if there are any. */
async function insert(
  table: string,
  hashed: boolean,
  plain: readonly Buffer[],
  events: Parameters<typeof writeEvents>[1],
): Promise<void> {
  const sealed = plain.map((body) => seal(key, body, Buffer.alloc(26)));
  const hashes = hashed ? sealed.map((body) => createHash('sha256').update(body).digest()) : [];
  await inTransaction(pool, async (client) => {
    await client.query(
      hashed
        ? `INSERT INTO ${table} (body, hash) SELECT * FROM unnest($1::bytea[], $2::bytea[])`
        : `INSERT INTO ${table} (body) SELECT unnest($1::bytea[])`,
      hashed ? [sealed, hashes] : [sealed],
    );
    if (events.length > 0) await writeEvents(client, events);
  });
}

function eventsOf(at: number, count: number) {
  return Array.from({ length: count }, (_, i) => ({
    patient: BigInt((at + i) % PATIENTS) * 7_046_029_254_386_353n + 1n,
    content: {
      kind: EVENT_KIND.created,
      at: Date.now(),
      context,
      subjects: ['Observation/0d6f1a52-7f6b-4d1e-9b70-2f6f3f1b9c11/_history/1'],
      digest: randomBytes(32),
    },
  }));
}

async function withoutLog(way: string, table: string, hashed: boolean): Promise<number> {
  await pool.query(
    `CREATE TABLE ${table} (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL${hashed ? ', hash bytea NOT NULL' : ''})`,
  );
  await pool.query(`ALTER TABLE ${table} ALTER body SET STORAGE EXTERNAL`);
  const cost = await perRecord(records, async () => {
    for (let at = 0; at < records; at += batch) await insert(table, hashed, bodies, []);
  });
  const bytes = (await sizeOf(table)) / records;
  costs.push({ way, ...cost, bytes, latency: await commitLatency(table, hashed) });
  return bytes;
}

async function withLog(plainBytes: number): Promise<void> {
  await pool.query('CREATE TABLE logged (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)');
  await pool.query('ALTER TABLE logged ALTER body SET STORAGE EXTERNAL');
  const before = await sizeOf('ledger_%');
  const ledger = await startLedger({ database, dataFolder, baseUrl, monitorInterval: 0 });
  const cost = await perRecord(records, async () => {
    for (let at = 0; at < records; at += batch) {
      await insert('logged', false, bodies, await sealEvents(parts.keys, eventsOf(at, batch)));
    }
    while ((await ledger.health()).logged < records) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  await pool.query('VACUUM ledger_outbox, ledger_subject, ledger_tile');
  const bytes = plainBytes + ((await sizeOf('ledger_%')) - before) / records;
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const started = performance.now();
    const events = await sealEvents(parts.keys, eventsOf(i, 1));
    await insert('logged', false, bodies.slice(0, 1), events);
    const number = BigInt.asUintN(64, events[0]?.event ?? 0n)
      .toString(16)
      .padStart(16, '0');
    await ledger.waitFor(number, 'logged', 5000);
    times.push(performance.now() - started);
  }
  const latency = `${(times.sort((a, b) => a - b)[5] ?? 0).toFixed(0)} ms`;
  costs.push({ way: 'this log', ...cost, bytes, latency });
  await onChain(ledger, cost, bytes);
  await ledger.close();
}

async function onChain(
  ledger: Awaited<ReturnType<typeof startLedger>>,
  logged: { node: number; postgres: number },
  loggedBytes: number,
): Promise<void> {
  const chain = await startTestChain();
  try {
    const { connection } = chain;
    const sender = await chain.account();
    const costOf = async (hash: Hex): Promise<{ gas: number; bytes: number }> => {
      const [{ gasUsed }, raw] = await Promise.all([
        connection.client.waitForTransactionReceipt({ hash }),
        connection.client.request<{ Method: string; Parameters: string[]; ReturnType: Hex }>({
          method: 'eth_getRawTransactionByHash',
          params: [hash],
        }),
      ]);
      return { gas: Number(gasUsed), bytes: raw.length / 2 - 1 };
    };
    const contracts = await deploy(connection, sender);
    const registry = new RegistryClient(connection, contracts.registry);
    const client = new AnchorClient(connection, contracts.anchor);
    const organisation = hashOfText('hospital.example');
    const anchoring = privateKeyToAccount(toHex(randomBytes(32)));
    await registry.registerOrganisation(sender, organisation, sender.address);
    const verifierKey = ledger.keys[0] ?? '';
    const log = await registry.registerLog(sender, {
      organisation,
      origin: ledger.origin,
      verifierKey,
      anchoringKey: anchoring.address,
    });
    const newest = await ledger.head();
    if (!newest) throw new Error('the log has no head');
    const older = newest.size - Math.min(ANCHORED, newest.size - 1);
    const edge = await rootAt(ledger, older);
    await client.anchor(sender, await signHead(anchoring, log, edge), []);
    const proof = await ledger.proveConsistency(older, newest.size);
    const anchor = await costOf(await client.anchor(sender, await signHead(anchoring, log, newest), proof));
    const per = newest.size - older;
    const bytes = loggedBytes + anchor.bytes / per;
    costs.push({
      way: `this log and an anchor for ${per} records`,
      ...logged,
      gas: anchor.gas / per,
      bytes,
      latency: 'one block',
    });

    const deployed = await chain.control.sendTransaction({ account: sender, data: STORE_ONE, chain: null });
    const { contractAddress } = await connection.client.waitForTransactionReceipt({ hash: deployed });
    const ways: [string, Hex, () => Hex][] = [
      ['each hash a transaction, in calldata', sender.address, () => toHex(randomBytes(32))],
      ['each hash a transaction, kept by a contract', contractAddress as Hex, () => toHex(randomBytes(32))],
      ['whole record on the chain', sender.address, () => toHex(randomBytes(RECORD_BYTES))],
    ];
    for (const [way, to, data] of ways) {
      let last = { gas: 0, bytes: 0 };
      const { node } = await perRecord(TRANSACTIONS, async () => {
        for (let i = 0; i < TRANSACTIONS; i++) {
          last = await costOf(await chain.control.sendTransaction({ account: sender, to, data: data(), chain: null }));
        }
      });
      const kept = way.startsWith('whole') ? 0 : (costs[0]?.bytes ?? 0);
      costs.push({ way, node, gas: last.gas, bytes: kept + last.bytes, latency: 'one block' });
    }
    const { gasLimit } = await connection.client.getBlock();
    console.log(`A block of this chain holds ${Number(gasLimit).toLocaleString('en')} gas.`);
  } finally {
    await chain.stop();
  }
}

/** The head that the log had at an earlier size. */
async function rootAt(ledger: Awaited<ReturnType<typeof startLedger>>, size: number) {
  const head = await ledger.head();
  if (!head) throw new Error('the log has no head');
  const reader = await TileReader.open(storageSource(ledger.log), head);
  return { size, root: await reader.root(size) };
}

function print(): void {
  const format = (value: number | undefined, digits = 0): string =>
    value === undefined
      ? ''
      : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  console.log(
    `\n${records.toLocaleString('en')} records of ${RECORD_BYTES} bytes, sealed, ${batch} in a commit. For each record:\n`,
  );
  console.log(
    `${'way'.padEnd(46)}${['µs Node', 'µs database', 'gas', 'bytes', 'latency'].map((name) => name.padStart(13)).join('')}`,
  );
  for (const { way, node, postgres, gas, bytes, latency } of costs) {
    const digits = gas !== undefined && gas < 100 ? 2 : 0;
    const columns = [format(node), format(postgres), format(gas, digits), format(bytes), latency];
    console.log(`${way.padEnd(46)}${columns.map((column) => column.padStart(13)).join('')}`);
  }
}

try {
  const plain = await withoutLog('no ledger', 'plain', false);
  await withoutLog('hash column', 'hashed', true);
  await withLog(plain);
  print();
} finally {
  await database.close();
  rmSync(dataFolder, { recursive: true, force: true });
}
