import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AnchorClient } from './anchor-client.ts';
import { askNode } from './anvil-process.ts';
import { connectChain } from './connection.ts';
import { developmentAddresses, openDevelopmentTarget } from './development.ts';
import { type LocalChain, startLocalChain } from './local-chain.ts';
import { anvil } from './testing/test-chain.ts';
import { TestSource, testJob } from './testing/test-job.ts';
import { testLog } from './testing/test-log.ts';

const LOG = { origin: 'log.example', verifierKey: 'log.example+00000000+AQ==' };

describe.skipIf(anvil === undefined)('the local chain', () => {
  const history = testLog();
  let dataFolder: string;
  let chain: LocalChain;

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'meridian-chain-'));
    chain = await startLocalChain({ dataFolder, stateInterval: 1 });
  });
  afterEach(async () => {
    await chain.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });

  const restart = async (maxStateBytes = 2 ** 25) => {
    chain = await startLocalChain({ dataFolder, stateInterval: 1, maxStateBytes });
  };
  const file = (name: string) => join(dataFolder, 'chain', name);

  async function anchorAll(size: number) {
    const source = new TestSource(history, size);
    const { job } = testJob({ source, openTarget: () => openDevelopmentTarget(chain, LOG) });
    for (let i = 0; i < 3; i++) await job.tick();
    return job.status;
  }

  async function anchoredSize(): Promise<number> {
    const { anchor, log } = developmentAddresses(chain, LOG);
    return (await new AnchorClient(await connectChain(chain.url), anchor).latest(log)).size;
  }

  const kill = async () => {
    process.kill(chain.pid, 'SIGKILL');
    while ((await askNode(chain.url, 'eth_chainId')) !== undefined) await delay(10);
  };

  test('keeps everything over an orderly stop: anchors, events, identifiers', async () => {
    const { anchored } = await anchorAll(5);
    const { chainId } = chain;
    await chain.stop();
    await restart();
    expect(chain.chainId).toBe(chainId);
    const { anchor, log } = developmentAddresses(chain, LOG);
    const client = new AnchorClient(await connectChain(chain.url, { chainId }), anchor);
    expect(await client.verifyAnchor(log, { ...anchored!, consistency: [] })).toBe('held');
    expect(await anchorAll(9)).toMatchObject({ progress: 'anchored', anchored: { size: 9 } });
    const sizes = [];
    for await (const { size } of client.historyOf(log)) sizes.push(size);
    expect(sizes).toEqual([9, 5]);
  });

  test('a killed chain comes back with what was on the disk, and what it lost is anchored again', async () => {
    await anchorAll(5);
    await expect.poll(() => stat(file('state.json')).catch(() => undefined), { timeout: 10_000 }).toBeTruthy();
    await delay(1_500);
    await kill();
    await restart();
    expect(await anchoredSize()).toBe(5);
    const source = new TestSource(history, 9);
    const { job } = testJob({ source, openTarget: () => openDevelopmentTarget(chain, LOG) });
    for (let i = 0; i < 3; i++) await job.tick();
    expect(job.status).toMatchObject({ progress: 'anchored', anchored: { size: 9 } });
    await kill();
    await rm(file('state.json'), { force: true });
    await restart();
    for (let i = 0; i < 4; i++) await job.tick();
    expect(job.status).toMatchObject({ progress: 'anchored', anchored: { size: 9 } });
    expect(await anchoredSize()).toBe(9);
  });

  test('a chain that a killed server left behind is taken over, not started twice', async () => {
    await anchorAll(5);
    const orphan = chain;
    await restart();
    expect(chain).toMatchObject({ pid: orphan.pid, url: orphan.url });
    expect(await anchoredSize()).toBe(5);
  });

  test('a process that has the pid of a dead chain is left alone', async () => {
    const { pid, port } = JSON.parse(readFileSync(file('process.json'), 'utf8')) as { pid: number; port: number };
    await chain.stop();
    writeFileSync(file('process.json'), JSON.stringify({ pid: process.pid, port }));
    await restart();
    expect(chain.pid).not.toBe(pid);
    expect(await askNode(chain.url, 'eth_chainId')).toBeDefined();
  });

  test.each(['{"half', '{"block":1}'])('a damaged copy of the chain (%s) is put aside', async (damaged) => {
    await anchorAll(5);
    await chain.stop();
    writeFileSync(file('state.json'), damaged);
    await restart();
    expect(await anchoredSize().catch((error: { code: string }) => error.code)).toBe('no-contract');
    expect(readFileSync(file('state.json.old'), 'utf8')).toBe(damaged);
    expect(await anchorAll(5)).toMatchObject({ progress: 'anchored' });
  });

  test('the disk it takes is bounded: a chain that is too large is begun anew, and anchored to again', async () => {
    await chain.keepBounded();
    expect(await anchorAll(5)).toMatchObject({ progress: 'anchored' });
    await chain.stop();
    await restart(1_000);
    expect(await anchorAll(5)).toMatchObject({ progress: 'anchored' });
    const { pid, url } = chain;
    await expect.poll(() => stat(file('state.json')).catch(() => undefined), { timeout: 10_000 }).toBeTruthy();
    await chain.keepBounded();
    expect(chain.pid).not.toBe(pid);
    expect(chain.url).toBe(url);
    expect(await anchorAll(5)).toMatchObject({ progress: 'anchored' });
    await chain.stop();
    expect((await readdir(file('.'))).sort()).toEqual(['identity.json', 'state.json', 'state.json.old']);
  });

  test('its keys are for the owner only, and it hands out no accounts', async () => {
    expect((await stat(file('identity.json'))).mode & 0o077).toBe(0);
    expect(await askNode(chain.url, 'eth_accounts')).toEqual([]);
  });
});

test('a platform without anvil is told what to do', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'meridian-chain-'));
  try {
    const start = startLocalChain({ dataFolder, binary: join(dataFolder, 'no-such-program') });
    await expect(start).rejects.toMatchObject({
      code: 'no-local-chain',
      message: expect.stringContaining('MERIDIAN_CHAIN_URL'),
    });
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
});
