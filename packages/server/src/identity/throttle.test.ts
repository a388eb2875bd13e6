import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecords, type Records } from '@meridian/records';
import { testDatabase } from '@meridian/records/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Throttle, Throttled } from './throttle.ts';

let now = Date.UTC(2026, 0, 1);
let records: Records;
let throttle: Throttle;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = await testDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'meridian-throttle-'));
  records = await openRecords({ database, dataFolder: folder, now: () => now });
  throttle = new Throttle(records.vault, () => now, Buffer.alloc(32, 7));
  close = async () => {
    await records.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => close());

/** Seconds to wait; 0 where the attempt may be made. */
async function wait(username: string, address: string, cookie?: string): Promise<number> {
  try {
    await throttle.attempt(username, address, cookie);
    return 0;
  } catch (error) {
    if (error instanceof Throttled) return error.wait;
    throw error;
  }
}

test('five failures are free, then delays double up to a quarter of an hour, and a success ends them', async () => {
  for (let i = 0; i < 5; i++) expect(await wait('a', '198.51.100.1')).toBe(0);
  const delays: number[] = [];
  for (let i = 0; i < 10; i++) {
    const seconds = await wait('a', '198.51.100.1');
    delays.push(seconds);
    // an attempt while it waits does not make the wait longer
    expect(await wait('a', '198.51.100.1')).toBe(seconds);
    now += seconds * 1000;
    expect(await wait('a', '198.51.100.1')).toBe(0);
  }
  expect(delays).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
  now += 900_000;
  await (await throttle.attempt('a', '198.51.100.1', undefined)).succeeded();
  for (let i = 0; i < 5; i++) expect(await wait('a', '198.51.100.1')).toBe(0);
  now += 25 * 3600_000;
  expect(await wait('a', '198.51.100.1')).toBe(0);
});

test('other addresses, other names and known browsers are not delayed', async () => {
  const cookie = throttle.deviceCookie('b', 'a-nonce-of-a-browser');
  for (let i = 0; i < 5; i++) await wait('b', '198.51.100.2');
  expect(await wait('b', '198.51.100.2')).toBeGreaterThan(0);
  expect(await wait('b', '198.51.100.3')).toBe(0);
  expect(await wait('c', '198.51.100.2')).toBe(0);
  expect(await wait('b', '198.51.100.2', cookie)).toBe(0);
});

test('a device cookie is good for its own name, unchanged, and is counted too', async () => {
  for (let i = 0; i < 5; i++) await wait('d', '198.51.100.4');
  const others = throttle.deviceCookie('e', 'a-nonce-of-a-browser');
  for (const cookie of [others, `${others}x`, 'a-nonce-of-a-browser.', '.', '', 'x'.repeat(500)]) {
    expect(await wait('d', '198.51.100.4', cookie)).toBeGreaterThan(0);
  }
  const stolen = throttle.deviceCookie('d', 'a-stolen-nonce-0123');
  for (let i = 0; i < 5; i++) expect(await wait('d', '198.51.100.4', stolen)).toBe(0);
  expect(await wait('d', '203.0.113.9', stolen)).toBeGreaterThan(0);
});

test('many attempts at once do not all pass', async () => {
  const waits = await Promise.all(Array.from({ length: 20 }, () => wait('f', '198.51.100.5')));
  expect(waits.filter((seconds) => seconds === 0).length).toBeLessThanOrEqual(5);
});
