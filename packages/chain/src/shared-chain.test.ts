import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accountOf } from './account.ts';
import { deploy } from './deploy.ts';
import { hashOfText } from './log-id.ts';
import { RegistryClient } from './registry-client.ts';
import { openSharedTarget, readMembership } from './shared-chain.ts';
import { anvil, startTestChain, type TestChain } from './testing/test-chain.ts';
import { TestSource, testJob } from './testing/test-job.ts';
import { testLog } from './testing/test-log.ts';

const LOG = { origin: 'log.example', verifierKey: 'log.example+00000000+AQ==' };

describe.skipIf(anvil === undefined)('a chain that is shared with others', () => {
  let chain: TestChain;
  let dataFolder: string;

  beforeAll(async () => {
    chain = await startTestChain('--base-fee', '0', '--gas-price', '0', '--disable-min-priority-fee');
  });
  afterAll(() => chain?.stop());
  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'meridian-shared-'));
  });
  afterEach(() => rm(dataFolder, { recursive: true, force: true }));

  const open = () => openSharedTarget({ url: chain.url, dataFolder, log: LOG });
  const file = () => join(dataFolder, 'chain', 'member.json');
  const write = async (parts: object) => {
    await mkdir(join(dataFolder, 'chain'), { recursive: true });
    await writeFile(file(), JSON.stringify(parts));
  };

  test('where nothing is there yet, all is set up once and used again', async () => {
    expect(await readMembership(dataFolder)).toBeUndefined();
    const { job } = testJob({ source: new TestSource(testLog(), 7), openTarget: open });
    for (let i = 0; i < 3; i++) await job.tick();
    expect(job.status).toMatchObject({ progress: 'anchored', waiting: 0 });
    const written = await readFile(file(), 'utf8');
    const target = await open();
    expect((await target.view()).head?.size).toBe(7);
    expect(await readFile(file(), 'utf8')).toBe(written);
    expect((await readMembership(dataFolder))?.anchor.toLowerCase()).toBe(target.contract);
    expect((await stat(file())).mode & 0o077).toBe(0);
  });

  test('the contracts of an alliance are joined, once a registrar has let the organisation in', async () => {
    const alliance = await chain.account();
    const contracts = await deploy(chain.connection, alliance);
    const organisation = hashOfText('hospital.example');
    await write({ ...contracts, organisation });
    const waiting = await open().catch((error: Error & { code: string }) => error);
    expect(waiting).toMatchObject({ code: 'refused' });
    const [, controller] = /controller (0x[0-9a-fA-F]{40})/.exec(String(waiting)) ?? [];
    const registry = new RegistryClient(chain.connection, contracts.registry);
    await registry.registerOrganisation(alliance, organisation, controller as `0x${string}`);
    expect((await (await open()).view()).head).toBeUndefined();
    const { senderKey } = (await readMembership(dataFolder))!;
    expect(accountOf(senderKey).address).toBe(controller);
  });

  test('contracts that are gone are not replaced, and another chain is not taken for ours', async () => {
    await open();
    const membership = (await readMembership(dataFolder))!;
    await write({ ...membership, chainId: 1 });
    await expect(open()).rejects.toMatchObject({ code: 'wrong-chain' });
    await write(membership);
    await chain.call('anvil_reset');
    await expect(open()).rejects.toMatchObject({ code: 'no-contract' });
    expect(await readMembership(dataFolder)).toEqual(membership);
  });

  test('a damaged file is refused, not written over', async () => {
    for (const damaged of [{ registry: '0x12' }, { senderKey: '0x12' }, { chainId: '1' }, { unknown: 1 }]) {
      await write(damaged);
      await expect(open()).rejects.toMatchObject({ code: 'bad-state' });
    }
    await writeFile(file(), '{');
    await expect(open()).rejects.toMatchObject({ code: 'bad-state' });
    expect(await readFile(file(), 'utf8')).toBe('{');
  });
});
