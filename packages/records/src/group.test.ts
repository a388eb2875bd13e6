import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Group, QueueFull } from './group.ts';

/** A run that ends when it is told to. */
function heldRuns(): { run: (items: number[]) => Promise<number[]>; runs: number[][]; release: () => void } {
  const runs: number[][] = [];
  const ends: (() => void)[] = [];
  return {
    runs,
    run: async (items) => {
      runs.push(items);
      await new Promise<void>((resolve) => ends.push(resolve));
      return items;
    },
    release: () => {
      for (const end of ends.splice(0)) end();
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe('a group', () => {
  it('gives each item its own result, in bounded runs, with keys apart and in order', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.record({ key: fc.nat({ max: 3 }), delay: fc.nat({ max: 2 }), pause: fc.boolean() }), {
        maxLength: 40,
      }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      async (items, most, parallel) => {
        let running = 0;
        const active = new Set<number>();
        const order = new Map<number, number[]>();
        const group = new Group(
          async (batch: { n: number; key: number; delay: number }[]) => {
            expect(++running).toBeLessThanOrEqual(parallel);
            expect(batch.length).toBeLessThanOrEqual(most);
            for (const { key, n } of batch) {
              expect(active.has(key)).toBe(false);
              active.add(key);
              order.set(key, [...(order.get(key) ?? []), n]);
            }
            for (let i = 0; i < (batch[0]?.delay ?? 0); i++) await turn();
            for (const { key } of batch) active.delete(key);
            running--;
            return batch.map(({ n }) => n * 10);
          },
          { most, parallel, queue: 1000, keyOf: ({ key }) => BigInt(key) },
        );
        const results: Promise<number>[] = [];
        for (const [n, { key, delay, pause }] of items.entries()) {
          results.push(group.submit({ n, key, delay }));
          if (pause) await turn();
        }
        expect(await Promise.all(results)).toEqual(items.map((_, n) => n * 10));
        for (const list of order.values()) expect(list).toEqual([...list].sort((a, b) => a - b));
        expect(group.backlog).toBe(0);
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  it('takes together what arrives while a run is under way', async () => {
    const { run, runs, release } = heldRuns();
    const group = new Group(run, { most: 10, parallel: 1, queue: 100 });
    const first = group.submit(1);
    await turn();
    const others = [2, 3, 4].map((item) => group.submit(item));
    await turn();
    expect(runs).toEqual([[1]]);
    release();
    await first;
    await turn();
    expect(runs).toEqual([[1], [2, 3, 4]]);
    release();
    expect(await Promise.all(others)).toEqual([2, 3, 4]);
  });

  it('fails only what fails by itself', async () => {
    const property = fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (fine) => {
      const tried: number[] = [];
      const group = new Group(
        async (items: number[]) => {
          tried.push(...items);
          if (items.some((item) => !fine[item])) throw new Error('a bad item');
          return items;
        },
        { most: 7, parallel: 2, queue: 100 },
      );
      const settled = await Promise.allSettled(fine.map((_, item) => group.submit(item)));
      expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(fine);
      await group.drained();
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('lets a key go again after a failure', async () => {
    const group = new Group(async (items: number[]) => (items.includes(1) ? Promise.reject(new Error()) : items), {
      ...{ most: 5, parallel: 1, queue: 10 },
      keyOf: () => 'one',
    });
    await expect(group.submit(1)).rejects.toThrow();
    expect(await group.submit(2)).toBe(2);
  });

  it('refuses what would wait too long, and says so', async () => {
    const { run, release } = heldRuns();
    const group = new Group(run, { most: 1, parallel: 1, queue: 2 });
    const accepted = [group.submit(1)];
    await turn();
    accepted.push(group.submit(2), group.submit(3));
    expect(group.backlog).toBe(2);
    await expect(group.submit(4)).rejects.toBeInstanceOf(QueueFull);
    for (let i = 0; i < 3; i++) {
      release();
      await turn();
    }
    expect(await Promise.all(accepted)).toEqual([1, 2, 3]);
  });

  it('is drained when nothing waits and nothing runs, at once if so', async () => {
    const { run, release } = heldRuns();
    const group = new Group(run, { most: 1, parallel: 1, queue: 9 });
    await group.drained();
    const done = [group.submit(1), group.submit(2)];
    let drained = false;
    const all = group.drained().then(() => {
      drained = true;
    });
    for (let i = 0; i < 2; i++) {
      await turn();
      expect(drained).toBe(false);
      release();
    }
    await Promise.all([...done, all]);
  });
});
