import { describe, expect, it } from 'vitest';
import { LocalOwnerLocks } from './owner-locks.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('LocalOwnerLocks', () => {
  it('lets many write at once and nobody collect meanwhile', async () => {
    const locks = new LocalOwnerLocks();
    let writing = 0;
    let most = 0;
    const write = () =>
      locks.writing('a', async () => {
        most = Math.max(most, ++writing);
        await turn();
        writing--;
      });
    const writes = [write(), write(), write()];
    await Promise.resolve();
    expect(await locks.collecting('a', () => Promise.reject(new Error('must not run')))).toBe(false);
    expect(await locks.collecting('b', async () => undefined)).toBe(true);
    await Promise.all(writes);
    expect(most).toBe(3);
    expect(await locks.collecting('a', async () => undefined)).toBe(true);
  });

  it('collects one at a time, and writers wait', async () => {
    const locks = new LocalOwnerLocks();
    const order: string[] = [];
    const collect = (name: string) =>
      locks.collecting('a', async () => {
        order.push(`${name} starts`);
        await turn();
        order.push(`${name} ends`);
      });
    const write = () => locks.writing('a', async () => void order.push('write'));
    // `first` starts in the same turn; the writer and `second` find it running.
    const done = await Promise.all([collect('first'), write(), collect('second')]);
    expect(order.slice(0, 2)).toEqual(['first starts', 'first ends']);
    expect(order).toContain('write');
    // The writer was first in the queue: the second collection either ran alone after it or was not run at all.
    expect(order.includes('second starts')).toBe(done[2]);
  });

  it('is free again after work that failed', async () => {
    const locks = new LocalOwnerLocks();
    const fail = () => Promise.reject(new Error('no'));
    await expect(locks.writing('a', fail)).rejects.toThrow('no');
    await expect(locks.collecting('a', fail)).rejects.toThrow('no');
    expect(await locks.writing('a', async () => 1)).toBe(1);
    expect(await locks.collecting('a', async () => undefined)).toBe(true);
  });
});
