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
import { copyDatabase } from '../testing/database.ts';
import { readCheckpoint } from './checkpoints.ts';
import type { KnownHeads } from './known-heads.ts';
import { type TestLedger, testLedger, until } from './test-ledger.ts';

let ledger: TestLedger;
/** Databases that were copied from that of `ledger`. */
let copies: TestLedger[];
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
  copies = [];
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

afterEach(async () => {
  await Promise.all(copies.map((copy) => copy.close()));
  await ledger?.close();
});

function sequencer(of = ledger) {
  return of.sequencer({ policy, fetch: toWitness });
}

/** The database as it is now, under another name, with the same key folder: a backup that was restored. */
async function restored(): Promise<TestLedger> {
  const copy = await testLedger({ database: await copyDatabase(ledger.database), folder: ledger.folder });
  copies.push(copy);
  return copy;
}

async function sizeOf(slot: 'signed' | 'witnessed', of = ledger): Promise<number> {
  return (await readCheckpoint(of.pool, slot))?.checkpoint.size ?? -1;
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
    const yesterday = await restored();
    leader = sequencer();
    leader.start();
    await ledger.addViews(30, 2);
    await until(async () => (await sizeOf('witnessed')) === 50);
    await leader.stop();

    leader = sequencer(yesterday);
    leader.start();
    await until(() => leader.status.state === 'refused');
    expect(leader.status.sentence).toMatch(/20 entries.*has seen 50.*backup.*restore a newer state/s);
    await yesterday.addViews(7, 2);
    await leader.stop();
    expect(await sizeOf('signed', yesterday)).toBe(20);
    expect((await yesterday.pool.query('SELECT FROM ledger_outbox')).rows).toHaveLength(7);

    // the newest backup holds all that the witness has seen
    const newest = await restored();
    leader = sequencer(newest);
    leader.start();
    await until(() => leader.status.state === 'leading');
    await leader.stop();
    expect(await sizeOf('signed', newest)).toBe(50);
  });

  it('refuses to sign on a copy that went on by itself', async () => {
    await ledger.addViews(20, 2);
    const other = await restored();
    const leader = sequencer();
    leader.start();
    await until(async () => (await sizeOf('witnessed')) === 20);
    await leader.stop();
    // the same key, but the events in another log: nobody asked the witness
    await other.addViews(1, 1);
    await other.pool.query('DELETE FROM ledger_outbox WHERE seq = (SELECT min(seq) FROM ledger_outbox)');
    const alone = other.sequencer();
    alone.start();
    await other.drained();
    await alone.stop();
    const copy = sequencer(other);
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

  it('refuses as soon as the chain, away at first, is back and has seen more', async () => {
    await ledger.addViews(5, 1);
    let back = false;
    const chain: KnownHeads = {
      name: 'the chain',
      latest: async () => {
        if (!back) throw new Error('nobody answers');
        return { size: 400, root: new Uint8Array(32) };
      },
    };
    const leader = ledger.sequencer({ known: [chain] });
    leader.start();
    await ledger.drained();
    expect(leader.status.state).toBe('leading');
    back = true;
    await until(() => leader.status.state === 'refused');
    expect(leader.status.sentence).toMatch(/the chain has seen 400/);
    await ledger.addViews(1, 1);
    await leader.stop();
    expect((await ledger.pool.query('SELECT FROM ledger_outbox')).rows).toHaveLength(1);
  });
});
