import { setTimeout as delay } from 'node:timers/promises';
import { toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AnchorClient } from './anchor-client.ts';
import { AnchorJob } from './anchor-job.ts';
import { MemoryAnchorStore } from './anchor-state.ts';
import type { AnchorTarget } from './anchor-target.ts';
import { ChainError } from './chain-error.ts';
import { type DevelopmentChain, developmentAddresses, openDevelopmentTarget } from './development.ts';
import { signHead } from './head-statement.ts';
import { anvil, startTestChain, type TestChain } from './testing/test-chain.ts';
import { TestSource, testJob } from './testing/test-job.ts';
import { testLog } from './testing/test-log.ts';
import type { SignedTransaction } from './transaction.ts';

const LOG = { origin: 'log.example', verifierKey: 'log.example+00000000+AQ==' };
const MINUTE = 60_000;

describe.skipIf(anvil === undefined)('the anchoring job', () => {
  const history = testLog();
  let chain: TestChain;
  let development: DevelopmentChain;
  let source: TestSource;
  let keys = 1;

  beforeEach(async () => {
    chain = await startTestChain();
    const key = () => toHex(keys++, { size: 32 });
    development = { url: chain.url, chainId: chain.connection.chainId, senderKey: key(), anchoringKey: key() };
    source = new TestSource(history, 5);
  });
  afterEach(() => chain?.stop());

  /** Anvil answers a transaction before its block is made, so each sending is given a moment to arrive in one. */
  const openTarget = async (): Promise<AnchorTarget> => {
    const target = await openDevelopmentTarget(development, LOG);
    const send = target.send.bind(target);
    return Object.assign(target, {
      send: async (transaction: SignedTransaction) => {
        await send(transaction);
        const { hash } = transaction;
        const mined = () =>
          chain.control.getTransactionReceipt({ hash }).then(
            () => true,
            () => false,
          );
        for (let look = 0; look < 30 && !(await mined()); look++) await delay(50);
      },
    });
  };
  const client = () => new AnchorClient(chain.connection, developmentAddresses(development, LOG).anchor);
  const onChain = async () => (await client().latest(developmentAddresses(development, LOG).log)).size;
  const anchors = async () => {
    const sizes = [];
    for await (const { size } of client().historyOf(developmentAddresses(development, LOG).log)) sizes.push(size);
    return sizes.reverse();
  };

  test('anchors at once what it finds at its start, then says so', async () => {
    const { job } = testJob({ source, openTarget });
    expect((await job.step()).progress).toBe('sent');
    const status = await job.step();
    expect(status).toMatchObject({ progress: 'anchored', waiting: 0, failures: 0, anchored: history.head(5) });
    expect(await anchors()).toEqual([5]);
    const { blockHash, ...anchor } = status.anchored!;
    const { log } = developmentAddresses(development, LOG);
    expect(await client().verifyAnchor(log, { ...anchor, consistency: [] })).toBe('held');
    expect(await chain.control.getBlock({ blockNumber: BigInt(anchor.blockNumber) })).toMatchObject({
      hash: blockHash,
    });
  });

  test('has nothing to do for a log without leaves', async () => {
    source.size = 0;
    const { job } = testJob({ source, openTarget });
    expect(await job.step()).toMatchObject({ progress: 'anchored', anchored: undefined, waiting: 0 });
  });

  test('waits ten minutes when the log has grown a little', async () => {
    const { job, clock } = testJob({ source, openTarget });
    await job.tick();
    await job.tick();
    source.size = 9;
    clock.time += 10 * MINUTE - 1;
    expect(await job.tick()).toBe(1);
    expect(job.status).toMatchObject({ progress: 'pending', waiting: 4 });
    clock.time += 1;
    await job.tick();
    await job.tick();
    expect(job.status).toMatchObject({ progress: 'anchored' });
    expect(await anchors()).toEqual([5, 9]);
  });

  test('waits no more for 10,000 leaves', async () => {
    const { job } = testJob({ source, openTarget });
    await job.step();
    await job.step();
    source.size = 10_004;
    expect((await job.step()).progress).toBe('pending');
    source.size = 10_005;
    expect((await job.step()).progress).toBe('sent');
    expect(await onChain()).toBe(10_005);
  });

  test('anchors what is urgent at once, also where it was told too early', async () => {
    const { job } = testJob({ source, openTarget });
    await job.step();
    await job.step();
    job.grown(7, true);
    source.size = 6;
    expect((await job.step()).progress).toBe('pending');
    source.size = 7;
    await job.step();
    expect(await onChain()).toBe(7);
    source.size = 8;
    await job.step();
    expect((await job.step()).progress).toBe('pending');
  });

  test('an urgent event wakes the running job', async () => {
    const asleep = { now: () => 0, sleep: untilAborted };
    const pace = { sent: 0, idle: 60 * MINUTE };
    const { job } = testJob({ source, openTarget, clock: asleep, pace });
    const stop = new AbortController();
    const done = job.run(stop.signal);
    await expect.poll(onChain, { timeout: 20_000 }).toBe(5);
    source.size = 6;
    job.grown(6);
    job.grown(6, true);
    await expect.poll(onChain, { timeout: 20_000 }).toBe(6);
    stop.abort();
    await done;
  });

  test('a log that grows after a long rest is anchored without waiting for the next look', async () => {
    let time = 0;
    const asleep = { now: () => time, sleep: untilAborted };
    const { job } = testJob({ source, openTarget, clock: asleep, pace: { sent: 0, idle: 60 * MINUTE } });
    const stop = new AbortController();
    const done = job.run(stop.signal);
    await expect.poll(onChain, { timeout: 20_000 }).toBe(5);
    await expect.poll(() => job.status.progress).toBe('anchored');
    time += 11 * MINUTE;
    source.size = 6;
    job.grown(6);
    await expect.poll(onChain, { timeout: 20_000 }).toBe(6);
    stop.abort();
    await done;
  });

  /** Sleeps for ever, but for the shortest of naps. */
  async function untilAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds === 0 || signal.aborted) return;
    // a step that failed is tried again after seconds, which must pass in a test as well
    if (milliseconds < MINUTE) return void (await delay(50));
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  test('nothing is lost while no chain answers, and the retries become rare', async () => {
    let up = false;
    const failing = async (): Promise<AnchorTarget> => {
      if (!up) throw new ChainError('unreachable', 'down');
      return openTarget();
    };
    const { job } = testJob({ source, openTarget: failing });
    const pauses = [];
    for (let i = 0; i < 9; i++) {
      source.size++;
      pauses.push(await job.tick());
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
    expect(job.status).toMatchObject({
      progress: 'pending',
      waiting: 14,
      failures: 9,
      problem: { code: 'unreachable' },
    });
    up = true;
    await job.tick();
    await job.tick();
    expect(job.status).toMatchObject({ progress: 'anchored', waiting: 0, failures: 0, problem: undefined });
  });

  test('a chain that dies and comes back empty is set up and anchored again', async () => {
    const { job } = testJob({ source, openTarget: () => openTarget() });
    await job.tick();
    await job.tick();
    await chain.stop();
    source.size = 8;
    await job.tick();
    expect(job.status).toMatchObject({
      progress: 'pending',
      problem: { code: 'unreachable' },
      anchored: history.head(5),
    });
    chain = await startTestChain();
    development = { ...development, url: chain.url };
    for (let i = 0; i < 3; i++) await job.tick();
    expect(job.status).toMatchObject({ progress: 'anchored', anchored: history.head(8) });
    expect(await anchors()).toEqual([8]);
  });

  test('a chain that was wiped under the job (anvil_reset) is anchored to again, though the log did not grow', async () => {
    const { job } = testJob({ source, openTarget });
    await job.tick();
    await job.tick();
    await chain.call('anvil_reset');
    for (let i = 0; i < 4; i++) await job.tick();
    expect(job.status).toMatchObject({ progress: 'anchored', anchored: history.head(5) });
    expect(await anchors()).toEqual([5]);
  });

  test('a block that was taken back (evm_revert) is noticed and made good', async () => {
    const { job } = testJob({ source, openTarget });
    await job.tick();
    await job.tick();
    const id = await chain.control.snapshot();
    source.size = 9;
    job.grown(9, true);
    await job.tick();
    await job.tick();
    expect(job.status.anchored?.size).toBe(9);
    await chain.control.revert({ id });
    expect(await onChain()).toBe(5);
    await job.tick();
    expect(job.status.progress).toBe('sent');
    await job.tick();
    expect(job.status).toMatchObject({ progress: 'anchored', anchored: history.head(9) });
    expect(await anchors()).toEqual([5, 9]);
  });

  test('a reorganisation that drops the anchor (anvil_reorg) is made good, and the new block is what is told', async () => {
    const { job } = testJob({ source, openTarget });
    await job.tick();
    await job.tick();
    const before = job.status.anchored!;
    await chain.control.mine({ blocks: 1 });
    await chain.call('anvil_reorg', 3, []);
    expect(await onChain()).toBe(0);
    for (let i = 0; i < 3; i++) await job.tick();
    const after = job.status.anchored!;
    expect(after).toMatchObject(history.head(5));
    expect(after.blockHash).not.toBe(before.blockHash);
    const { log } = developmentAddresses(development, LOG);
    expect(await client().verifyAnchor(log, { ...after, consistency: [] })).toBe('held');
    expect(await client().verifyAnchor(log, { ...before, consistency: [] })).toBe('absent');
  });

  test('an anchor counts only under as many blocks as were asked for', async () => {
    const { job } = testJob({ source, openTarget, confirmations: 3 });
    await job.step();
    expect(await job.step()).toMatchObject({ progress: 'sent', anchored: undefined });
    await chain.control.mine({ blocks: 1 });
    expect(await job.step()).toMatchObject({ progress: 'sent', anchored: undefined });
    await chain.control.mine({ blocks: 1 });
    expect(await job.step()).toMatchObject({ progress: 'anchored', anchored: history.head(5) });
    // a younger one does not take the place of the old before its time
    source.size = 6;
    job.grown(6, true);
    await job.step();
    expect(await job.step()).toMatchObject({ progress: 'sent', anchored: history.head(5), waiting: 1 });
  });

  test('a transaction that no block takes is replaced by one that pays more and anchors more', async () => {
    const { job, clock } = testJob({ source, openTarget });
    await openTarget();
    await chain.control.setAutomine(false);
    await job.step();
    const first = await pooled();
    source.size = 9;
    clock.time += MINUTE;
    expect((await job.step()).progress).toBe('sent');
    expect(await pooled()).toEqual(first);
    clock.time += MINUTE;
    expect((await job.step()).progress).toBe('sent');
    const second = await pooled();
    expect(second.nonce).toBe(first.nonce);
    expect(BigInt(second.maxFeePerGas)).toBeGreaterThan(BigInt(first.maxFeePerGas));
    await chain.control.mine({ blocks: 1 });
    expect(await job.step()).toMatchObject({ progress: 'anchored', anchored: history.head(9) });
    expect(await anchors()).toEqual([9]);
  });

  test('a transaction that the node forgot is sent again', async () => {
    const { job } = testJob({ source, openTarget });
    await openTarget();
    await chain.control.setAutomine(false);
    await job.step();
    const { hash } = await pooled();
    await chain.control.dropTransaction({ hash });
    await job.step();
    await chain.control.mine({ blocks: 1 });
    expect(await job.step()).toMatchObject({ progress: 'anchored' });
  });

  async function pooled() {
    const { pending } = await chain.control.getTxpoolContent();
    const [transaction, ...others] = Object.values(pending).flatMap((nonces) => Object.values(nonces));
    expect(others).toEqual([]);
    const { hash, nonce, maxFeePerGas } = transaction as { hash: `0x${string}`; nonce: string; maxFeePerGas: string };
    return { hash, nonce, maxFeePerGas };
  }

  describe('refuses to sign', () => {
    test('where the log is behind the chain, as after the restore of a backup', async () => {
      const { job } = testJob({ source, openTarget });
      await job.step();
      source.size = 4;
      const { job: restored } = testJob({ source, openTarget });
      await restored.tick();
      expect(restored.status).toMatchObject({ progress: 'halted', problem: { code: 'contradiction' } });
      expect(restored.status.problem?.sentence).toContain('has 4 leaves, but the chain holds 5');
      expect(await anchors()).toEqual([5]);
    });

    test('where the log is another than the chain has', async () => {
      const { job } = testJob({ source, openTarget });
      await job.step();
      source.log = testLog('another');
      for (const size of [5, 8]) {
        source.size = size;
        const { job: forked } = testJob({ source, openTarget });
        await forked.tick();
        expect(forked.status).toMatchObject({ progress: 'halted', problem: { code: 'contradiction' } });
      }
    });

    test('where it signed another history once, though the chain has forgotten it, until that is set right', async () => {
      const store = new MemoryAnchorStore();
      const { job } = testJob({ source, openTarget, store });
      await job.step();
      await chain.call('anvil_reset');
      source.log = testLog('another');
      source.size = 8;
      const { job: forked } = testJob({ source, openTarget, store });
      await forked.tick();
      expect(forked.status).toMatchObject({ progress: 'halted', problem: { code: 'contradiction' } });
      expect((await store.load()).signed).toEqual(history.head(5));
      source.log = history;
      for (let i = 0; i < 3; i++) await forked.tick();
      expect(forked.status).toMatchObject({ progress: 'anchored', anchored: history.head(8) });
    });

    test('where the chain has seen the log fork', async () => {
      const { job } = testJob({ source, openTarget });
      await job.step();
      const { log } = developmentAddresses(development, LOG);
      const key = privateKeyToAccount(development.anchoringKey);
      const later = await signHead(key, log, history.head(5));
      const earlier = await signHead(key, log, testLog('another').head(5));
      await client().reportFork(await chain.account(), { earlier, later, rootOfEarlier: later.root, proof: [] });
      await job.tick();
      expect(job.status).toMatchObject({ progress: 'halted', problem: { code: 'contradiction' } });
    });
  });

  test('two jobs of one log do no harm', async () => {
    const first = testJob({ source, openTarget }).job;
    const second = testJob({ source, openTarget }).job;
    await openTarget();
    await Promise.all([first.tick(), second.tick()]);
    for (let i = 0; i < 3; i++) await Promise.all([first.tick(), second.tick()]);
    expect(await anchors()).toEqual([5]);
    expect([first.status.progress, second.status.progress]).toEqual(['anchored', 'anchored']);
  });
});

test('a log or a store that fails is a problem of the job, told without its words', async () => {
  const job = new AnchorJob({
    source: { head: () => Promise.reject(new Error('secret')), proveConsistency: async () => [] },
    store: new MemoryAnchorStore(),
    openTarget: () => Promise.reject(new Error('not asked')),
    clock: { now: () => 0, sleep: async () => undefined },
    random: () => 0,
  });
  expect(await job.tick()).toBe(500);
  expect(job.status).toMatchObject({ progress: 'pending', problem: { code: 'unavailable' } });
  expect(JSON.stringify(job.status)).not.toContain('secret');
});
