import {
  findChainFault,
  formatLeaf,
  leafOf,
  noteVerifier,
  type Opening,
  treeHasher,
  verifyNote,
} from '@meridian/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../sql/run.ts';
import { EVERYTHING } from '../visibility.ts';
import { readCheckpoint } from './checkpoints.ts';
import type { StoredEvent } from './event-opening.ts';
import { openEvents } from './open-events.ts';
import { BATCH_STEPS, type BatchStep } from './prepare-batch.ts';
import { type TestLedger, testLedger, until } from './test-ledger.ts';

/** Rounds of the crash test; MERIDIAN_LONG asks for 1,000. */
const ROUNDS = process.env.MERIDIAN_LONG ? 1000 : 30;
/** Rounds between two readings of the whole log. */
const SOUND_EVERY = Math.ceil(ROUNDS / 6);

interface LoggedRow extends StoredEvent {
  sequence: bigint;
  leaf: bigint;
  replaced: boolean;
}

/** Reads the whole log back and checks each rule that the sequencer promises. Gives the number of leaves. */
async function requireSound(ledger: TestLedger): Promise<number> {
  const reader = await ledger.reader();
  const signed = await readCheckpoint(ledger.pool, 'signed');
  if (!signed) throw new Error('no checkpoint');
  expect(
    verifyNote(
      signed.note,
      ledger.logKeys.signers.map(({ key }) => noteVerifier(key)),
    ).size,
  ).toBe(2);
  const rows = await run<LoggedRow>(ledger.pool, { text: 'SELECT * FROM ledger_event ORDER BY patient, sequence' }, []);
  expect(rows.length).toBe(reader.head.size);
  const openings = await openEvents(ledger.parts.keys, rows);
  const chains = new Map<bigint, { index: number; opening: Opening }[]>();
  for (const [i, row] of rows.entries()) {
    const chain = chains.get(row.patient) ?? [];
    chains.set(row.patient, chain);
    const last = chain.at(-1);
    const previous = last && treeHasher.leaf(formatLeaf(leafOf(last.opening)));
    const { opening, replaced } = openings[i]!;
    expect(replaced).toBe(row.replaced);
    chain.push({ index: Number(row.leaf), opening: { ...opening, sequence: Number(row.sequence), previous } });
    const leaf = treeHasher.leaf(formatLeaf(leafOf(chain.at(-1)!.opening)));
    expect(Buffer.from(await reader.leafHash(Number(row.leaf))).equals(leaf)).toBe(true);
  }
  for (const chain of chains.values()) expect(findChainFault(chain)).toBeUndefined();
  expect(new Set(rows.map(({ leaf }) => leaf)).size).toBe(rows.length);
  expect(new Set(rows.map(({ event }) => event)).size).toBe(rows.length);
  return reader.head.size;
}

describe('the sequencer', () => {
  let ledger: TestLedger;

  beforeAll(async () => {
    ledger = await testLedger();
  });

  afterAll(() => ledger?.close());

  it('moves every event into the log, in chains that have no gap', async () => {
    await ledger.addViews(1234, 7);
    const sequencer = ledger.sequencer({ most: 300 });
    sequencer.start();
    await ledger.drained();
    await sequencer.stop();
    expect(await requireSound(ledger)).toBe(1234);
    const { rows } = await ledger.pool.query('SELECT max(sequence)::int AS last FROM ledger_event WHERE patient = 1');
    expect(rows[0].last).toBe(176);
  });

  it('logs the versions of a resource in their order, and finds each by resource and version', async () => {
    for (let value = 0; value < 5; value++) {
      const resource = { resourceType: 'Patient', id: 'p1', multipleBirthInteger: value };
      await ledger.writer.write(
        { op: 'update', resource },
        {
          actor: 'a',
          purpose: 'TREAT',
          requestId: 'r',
          visibility: EVERYTHING,
        },
      );
    }
    const sequencer = ledger.sequencer({ most: 2 });
    sequencer.start();
    await ledger.drained();
    await sequencer.stop();
    const { rows } = await ledger.pool.query('SELECT version FROM ledger_event WHERE rid = $1 ORDER BY leaf', [
      ledger.parts.ids.rid('Patient', 'p1'),
    ]);
    expect(rows.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    await requireSound(ledger);
  });

  it('goes on where a key is gone or an event is damaged', async () => {
    const before = (await ledger.reader()).head.size;
    await ledger.addViews(4, 4);
    await ledger.pool.query('DELETE FROM keys.bucket WHERE patient = 2');
    await ledger.pool.query(
      'UPDATE keys.bucket SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) WHERE patient = 3',
    );
    await ledger.pool.query(
      'UPDATE ledger_outbox SET sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1) WHERE patient = 4',
    );
    ledger.parts.keys.forget(2n);
    ledger.parts.keys.forget(3n);
    const sequencer = ledger.sequencer();
    sequencer.start();
    await ledger.drained();
    await sequencer.stop();
    const { rows } = await ledger.pool.query(
      'SELECT patient::int, replaced FROM ledger_event WHERE leaf >= $1 ORDER BY patient',
      [before],
    );
    expect(rows).toEqual([1, 2, 3, 4].map((patient) => ({ patient, replaced: patient > 1 })));
  });

  it('refuses to sign where stored rows do not fit the checkpoint, and says what to do', async () => {
    await ledger.pool.query('UPDATE ledger_state SET size = size - 1');
    const sequencer = ledger.sequencer();
    sequencer.start();
    await until(() => sequencer.status.state === 'refused');
    expect(sequencer.status.sentence).toMatch(/meridian verify/);
    await ledger.pool.query('UPDATE ledger_state SET size = size + 1');
    await until(() => sequencer.status.state === 'leading');
    await sequencer.stop();
  });
});

describe('a sequencer that dies', () => {
  let ledger: TestLedger;

  beforeAll(async () => {
    ledger = await testLedger();
  });

  afterAll(() => ledger?.close());

  it(`leaves no gap, fork or double entry at any step (${ROUNDS} rounds)`, async () => {
    let written = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const step = BATCH_STEPS[round % BATCH_STEPS.length] as BatchStep;
      const count = 1 + ((round * 37) % 90);
      await ledger.addViews(count, 5);
      written += count;
      const killed = ledger.sequencer({ most: 40, reached: killAt(ledger, step, round) });
      killed.start();
      await until(() => killed.status.state === 'waiting');
      await killed.stop();
      const heir = ledger.sequencer({ most: 40 });
      heir.start();
      await ledger.drained();
      await heir.stop();
      if (round % SOUND_EVERY === 0 || round === ROUNDS - 1) expect(await requireSound(ledger)).toBe(written);
    }
  }, 900_000);
});

/**
 * Ends the leader's session at a step, as the death of the process would: by the server's hand in one round, by an error
 * in the next.
 */
function killAt(ledger: TestLedger, wanted: BatchStep, round: number): (step: BatchStep) => Promise<void> {
  return async (step) => {
    if (step !== wanted) return;
    if (round % 2 === 0) {
      await ledger.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND pid <> pg_backend_pid()`,
      );
    }
    throw new Error('the test ends the sequencer here');
  };
}

describe('two sequencers', () => {
  let ledger: TestLedger;

  beforeAll(async () => {
    ledger = await testLedger();
  });

  afterAll(() => ledger?.close());

  it('take turns, never fork, and the second takes over within five seconds', async () => {
    const first = ledger.sequencer({ most: 50 });
    first.start();
    await until(() => first.status.state === 'leading');
    const second = ledger.sequencer({ most: 50 });
    second.start();
    await until(() => second.status.state === 'standby');
    await ledger.addViews(500, 3);
    await ledger.drained();
    await first.stop();
    const stopped = Date.now();
    await until(() => second.status.state === 'leading');
    expect(Date.now() - stopped).toBeLessThan(5000);
    await ledger.addViews(500, 3);
    await ledger.drained();
    await second.stop();
    expect(await requireSound(ledger)).toBe(1000);
  });

  it('an old leader that wakes up cannot commit', async () => {
    const before = (await ledger.reader()).head.size;
    let wake = (): void => undefined;
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let slept = (): void => undefined;
    const sleeping = new Promise<void>((resolve) => {
      slept = resolve;
    });
    const pool = ledger.database.pool({ size: 1 });
    const old = ledger.sequencer({
      pool,
      reached: async (step) => {
        if (step !== 'signed') return;
        slept();
        await asleep;
      },
    });
    await ledger.addViews(100, 3);
    old.start();
    await sleeping;
    // the server ends the session of a process that shows no sign of life
    await ledger.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()`,
    );
    const heir = ledger.sequencer();
    heir.start();
    await ledger.drained();
    await heir.stop();
    wake();
    await until(() => old.status.state === 'waiting' || old.status.state === 'leading');
    await old.stop();
    expect(await requireSound(ledger)).toBe(before + 100);
  });
});
