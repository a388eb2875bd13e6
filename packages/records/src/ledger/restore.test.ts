import {
  ed25519Cosigner,
  type Fetch,
  formatVerifierKey,
  MemoryWitnessStore,
  mlDsa44Cosigner,
  noteVerifier,
  type Policy,
  PolicyEvaluator,
  parsePolicy,
  Witness,
} from '@meridian/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoints.ts';
import { type TestLedger, testLedger, until } from './test-ledger.ts';

const TABLES = [
  ...['resource', 'resource_history', 'locator', 'ledger_outbox', 'ledger_event', 'ledger_subject'],
  ...['ledger_tile', 'ledger_state', 'ledger_checkpoint', 'ledger_anchor'],
];

let ledger: TestLedger;
let witness: Witness;
let policy: Policy;
let away = false;

/** A network on which only the witness answers, unless it is away. */
const toWitness: Fetch = async (url, init) => {
  if (away || url !== 'http://witness.test/add-checkpoint') throw new Error('nobody answers there');
  const { status, contentType, body } = await witness.addCheckpoint(Buffer.from(String(init?.body)));
  return new Response(body, { status, headers: { 'content-type': contentType } });
};

beforeEach(async () => {
  ledger = await testLedger();
  away = false;
  const clock = (): number => 1_767_225_600;
  const cosigners = [
    ed25519Cosigner('witness.test', new Uint8Array(32).fill(1), clock),
    mlDsa44Cosigner('witness.test', new Uint8Array(32).fill(2), clock),
  ];
  witness = new Witness({
    cosigners,
    keys: (origin) =>
      origin === ledger.logKeys.origin ? ledger.logKeys.signers.map(({ key }) => noteVerifier(key)) : undefined,
    store: new MemoryWitnessStore(),
  });
  policy = parsePolicy(
    cosigners.map(({ key }, i) => `witness w${i} ${formatVerifierKey(key)} http://witness.test\n`).join('') +
      'group both all w0 w1\nquorum both\n',
  );
});

afterEach(() => ledger?.close());

function sequencer() {
  return ledger.sequencer({ policy, fetch: toWitness });
}

/** Yesterday's backup of every table of records and ledger. */
async function backUp(): Promise<void> {
  await ledger.pool.query('CREATE SCHEMA backup');
  for (const table of TABLES) await ledger.pool.query(`CREATE TABLE backup.${table} AS TABLE ${table}`);
}

/** Swaps the rows of the database with those of the backup. */
async function swap(): Promise<void> {
  await ledger.pool.query('CREATE SCHEMA newer');
  for (const table of TABLES) {
    await ledger.pool.query(`CREATE TABLE newer.${table} AS TABLE ${table}`);
    await ledger.pool.query(`TRUNCATE ${table}`);
    await ledger.pool.query(`INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM backup.${table}`);
  }
  await ledger.pool.query('DROP SCHEMA backup CASCADE');
  await ledger.pool.query('ALTER SCHEMA newer RENAME TO backup');
}

async function sizeOf(slot: 'signed' | 'witnessed'): Promise<number> {
  return (await readCheckpoint(ledger.pool, slot))?.checkpoint.size ?? -1;
}

describe('a log with a witness', () => {
  it('has its checkpoints cosigned by all keys of the witness', async () => {
    await ledger.addViews(300, 3);
    const leader = sequencer();
    leader.start();
    await until(async () => (await sizeOf('witnessed')) === 300);
    await leader.stop();
    const witnessed = await readCheckpoint(ledger.pool, 'witnessed');
    const verdict = new PolicyEvaluator({
      ...policy,
      logs: ledger.logKeys.signers.map(({ key }) => ({ key, url: undefined })),
    }).evaluate(witnessed!.note);
    expect(verdict).toMatchObject({ valid: true, quorumMet: true });
    expect(verdict.witnesses).toHaveLength(2);
  });

  it('waits, and says so, where it cannot ask whether it is the newest', async () => {
    away = true;
    await ledger.addViews(5, 1);
    const leader = sequencer();
    leader.start();
    await until(() => leader.status.state === 'waiting');
    expect(leader.status.sentence).toMatch(/witnesses/);
    expect(await sizeOf('signed')).toBe(0);
    away = false;
    await ledger.drained();
    await leader.stop();
    expect(await sizeOf('signed')).toBe(5);
  });

  it("refuses to sign on yesterday's backup, takes writes meanwhile, and goes on once the newer state is back", async () => {
    await ledger.addViews(20, 2);
    let leader = sequencer();
    leader.start();
    await until(async () => (await sizeOf('witnessed')) === 20);
    await leader.stop();
    await backUp();
    leader = sequencer();
    leader.start();
    await ledger.addViews(30, 2);
    await until(async () => (await sizeOf('witnessed')) === 50);
    await leader.stop();

    await swap();
    leader = sequencer();
    leader.start();
    await until(() => leader.status.state === 'refused');
    expect(leader.status.sentence).toMatch(/20 entries.*has seen 50.*backup.*restore a newer state/s);
    await ledger.addViews(7, 2);
    await leader.stop();
    expect(await sizeOf('signed')).toBe(20);
    expect((await ledger.pool.query('SELECT FROM ledger_outbox')).rows).toHaveLength(7);

    await swap();
    leader = sequencer();
    leader.start();
    await until(() => leader.status.state === 'leading');
    await leader.stop();
    expect(await sizeOf('signed')).toBe(50);
  });

  it('refuses to sign on a copy that went on by itself', async () => {
    await ledger.addViews(20, 2);
    const alone = ledger.sequencer();
    await backUp();
    const leader = sequencer();
    leader.start();
    await until(async () => (await sizeOf('witnessed')) === 20);
    await leader.stop();
    await swap();
    // the same key, but the events in another log: nobody asked the witness
    await ledger.addViews(1, 1);
    await ledger.pool.query('DELETE FROM ledger_outbox WHERE seq = (SELECT min(seq) FROM ledger_outbox)');
    alone.start();
    await ledger.drained();
    await alone.stop();
    const copy = sequencer();
    copy.start();
    await until(() => copy.status.state === 'refused');
    expect(copy.status.sentence).toMatch(/another history than the witness/);
    await copy.stop();
  });

  it('refuses where the chain, or whoever else remembers, has seen more or something else', async () => {
    await ledger.addViews(5, 1);
    const first = ledger.sequencer();
    first.start();
    await ledger.drained();
    await first.stop();
    const remembers = (size: number) => ({
      name: 'the chain',
      latest: async () => ({ size, root: new Uint8Array(32) }),
    });
    for (const size of [3, 5, 6]) {
      const leader = ledger.sequencer({ known: [remembers(size)] });
      leader.start();
      await until(() => leader.status.state === 'refused');
      expect(leader.status.sentence).toMatch(size > 5 ? /the chain has seen 6/ : /another history than the chain/);
      await leader.stop();
    }
  });
});
