import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { anvil, startTestChain, type TestChain } from '@meridian/chain/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Server } from './server.ts';

/** Yesterday's backup of the whole data folder is put back, while the chain remembers today: nothing may be signed. */
let chain: TestChain;
let server: Server;

beforeAll(async () => {
  if (anvil === undefined) return;
  // as on the chain of an alliance, transactions cost nothing
  chain = await startTestChain('--base-fee', '0', '--gas-price', '0', '--disable-min-priority-fee');
  server = await Server.start({ MERIDIAN_LOG: 'warn', MERIDIAN_CHAIN_URL: chain.url });
});

afterAll(async () => {
  await server?.close();
  await chain?.stop();
});

interface Status {
  state: string;
  sentence?: string;
  logged: number;
  anchored: number;
}

async function status(): Promise<Status> {
  return (await server.send('GET', '/ledger/status', undefined, {})).json as unknown as Status;
}

async function until(holds: (status: Status) => boolean): Promise<Status> {
  const end = Date.now() + 60_000;
  for (;;) {
    const now = await status();
    if (holds(now)) return now;
    if (Date.now() > end) throw new Error(`what the test waits for did not come: ${JSON.stringify(now)}`);
    await pause(200);
  }
}

async function writePatients(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await server.must('POST', 'Patient', { resourceType: 'Patient' }, { prefer: 'wait=logged' });
  }
}

/** Starts the server again, which anchors what is new at once. */
async function anchorAll(): Promise<number> {
  await server.stop();
  await server.start();
  return (await until(({ logged, anchored }) => anchored === logged && logged > 0)).logged;
}

const copy = (from: string, to: string) => promisify(execFile)('cp', ['-a', from, to]);

test.skipIf(anvil === undefined || process.platform === 'win32')(
  'a restored backup does not go on signing what the chain has seen otherwise',
  async () => {
    const backup = join(server.home, 'backup');
    const newest = join(server.home, 'newest');
    await writePatients(3);
    const yesterday = await anchorAll();
    await server.stop();
    await copy(server.dataFolder, backup);
    await server.start();
    await writePatients(4);
    const today = await anchorAll();
    expect(today).toBeGreaterThan(yesterday);

    await server.stop();
    await rename(server.dataFolder, newest);
    await copy(backup, server.dataFolder);
    await server.start();
    const refused = await until(({ state }) => state === 'refused');
    expect(refused.sentence).toContain(`The ledger has ${yesterday} entries, but the chain has seen ${today}`);
    // records are taken in and shown meanwhile; their events wait
    const { json } = await server.must('POST', 'Patient', { resourceType: 'Patient' });
    await server.must('GET', `Patient/${json.id}`);
    expect(await status()).toMatchObject({ state: 'refused', logged: yesterday });

    await server.stop();
    await rm(server.dataFolder, { recursive: true });
    await rename(newest, server.dataFolder);
    await server.start();
    await until(({ state }) => state === 'leading');
    await writePatients(1);
    expect((await status()).logged).toBeGreaterThan(today);
  },
);
