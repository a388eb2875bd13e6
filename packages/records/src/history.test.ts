import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryRequest, StoredVersion } from './store.ts';
import { bodyOf, context, type TestStore, testStore } from './testing/store.ts';

let tested: TestStore;
/** Everything that was written, in order. */
const written: { type: string; id: string; version: number; at: number; deleted: boolean }[] = [];
let clock = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  // several versions within one millisecond, so that pages must break ties
  let reads = 0;
  tested = await testStore(() => clock + Math.floor(reads++ / 3));
  const names = ['a', 'b', 'c'].flatMap((id) => [`Patient/${id}`, `Organization/${id}`]);
  for (let round = 0; round < 5; round++) {
    for (const [i, name] of names.entries()) {
      const [type = '', id = ''] = name.split('/');
      const last = written.filter((one) => one.type === type && one.id === id).at(-1);
      const remove = (round + i) % 4 === 3 && last && !last.deleted;
      const { stored } = remove
        ? await tested.store.write({ op: 'delete', type, id }, context)
        : await tested.store.write(
            { op: 'update', resource: { resourceType: type, id, language: `x-${round}` } },
            context,
          );
      written.push({ type, id, version: stored.version, at: stored.lastUpdated, deleted: stored.deleted });
    }
    clock += 10_000;
  }
});
afterAll(() => tested?.close());

const nameOf = ({ type, id, version }: { type: string; id: string; version: number }): string =>
  `${type}/${id}/${version}`;

async function pagesOf(request: HistoryRequest): Promise<StoredVersion[][]> {
  const pages: StoredVersion[][] = [];
  let cursor: string | undefined;
  do {
    const page = await tested.store.history({ ...request, ...(cursor && { cursor }) }, context);
    pages.push([...page.versions]);
    cursor = page.next;
  } while (cursor);
  return pages;
}

const level = fc.constantFrom<HistoryRequest[]>(
  {},
  { type: 'Patient' },
  { type: 'Organization' },
  { type: 'Patient', id: 'a' },
  { type: 'Organization', id: 'b' },
  { type: 'Patient', id: 'none' },
);
const within =
  (request: HistoryRequest) =>
  (one: { type: string; id: string }): boolean =>
    (request.type ?? one.type) === one.type && (request.id ?? one.id) === one.id;
const moment = fc.nat({ max: 29 }).map((n) => () => written[n]?.at ?? 0);

describe('history', () => {
  it('holds every version once, newest first, at every level and page size', async () => {
    const property = fc.asyncProperty(level, fc.integer({ min: 1, max: 7 }), async (request, count) => {
      const versions = (await pagesOf({ ...request, count })).flat();
      expect(versions.map(nameOf).sort()).toEqual(written.filter(within(request)).map(nameOf).sort());
      const times = versions.map(({ lastUpdated }) => lastUpdated);
      expect(times).toEqual([...times].sort((a, b) => b - a));
      for (const one of versions) expect(one.json === undefined).toBe(one.deleted);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('begins with `_since`', async () => {
    const property = fc.asyncProperty(level, moment, fc.integer({ min: 1, max: 7 }), async (request, since, count) => {
      const versions = (await pagesOf({ ...request, since: since(), count })).flat();
      const expected = written.filter(within(request)).filter(({ at }) => at >= since());
      expect(versions.map(nameOf).sort()).toEqual(expected.map(nameOf).sort());
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('with `_at` holds what was current then, of each resource one version', async () => {
    const property = fc.asyncProperty(level, moment, fc.integer({ min: 1, max: 7 }), async (request, at, count) => {
      const versions = (await pagesOf({ ...request, at: at(), count })).flat();
      const current = new Map<string, (typeof written)[number]>();
      for (const one of written.filter(within(request))) if (one.at <= at()) current.set(`${one.type}/${one.id}`, one);
      expect(versions.map(nameOf).sort()).toEqual([...current.values()].map(nameOf).sort());
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('refuses a page link of another history, or one that was changed', async () => {
    const { next = '' } = await tested.store.history({ type: 'Patient', count: 2 }, context);
    const refused = { name: 'StoreError', status: 400 };
    for (const request of [{}, { type: 'Organization' }, { type: 'Patient', id: 'a' }, { type: 'Patient', since: 1 }]) {
      await expect(tested.store.history({ ...request, cursor: next }, context)).rejects.toMatchObject(refused);
    }
    for (const cursor of ['', 'x', `${next}A`, next.slice(4)]) {
      await expect(tested.store.history({ type: 'Patient', cursor }, context)).rejects.toMatchObject(refused);
    }
  });
});

describe('a version', () => {
  it('is read by its number, also when it was replaced or deleted since', async () => {
    for (const one of written) {
      const found = await tested.store.vread(one.type, one.id, one.version, context);
      expect(found).toMatchObject({ version: one.version, lastUpdated: one.at, deleted: one.deleted });
      if (!one.deleted) expect(bodyOf(found)).toMatchObject({ id: one.id, meta: { versionId: String(one.version) } });
    }
  });

  it('that never was is not found', async () => {
    for (const version of [0, -1, 99, 2 ** 31 - 1]) {
      expect(await tested.store.vread('Patient', 'a', version, context)).toBeUndefined();
    }
    expect(await tested.store.vread('Organization', 'none', 1, context)).toBeUndefined();
  });
});

describe('a scan', () => {
  it('gives each live resource once, and goes on where it was interrupted', async () => {
    // more than two batches
    const many = Array.from({ length: 1203 }, (_, i) => ({
      op: 'update' as const,
      resource: {
        resourceType: 'Basic',
        id: `s${i}`,
        code: { text: 'x' },
        subject: { reference: `Patient/p${i % 7}` },
      },
    }));
    await tested.store.writeAll(many, context);
    await tested.store.write({ op: 'delete', type: 'Basic', id: 's5' }, context);
    const seen: string[] = [];
    const cursors: string[] = [];
    for await (const { versions, cursor } of tested.store.scan({ type: 'Basic' }, context)) {
      expect(versions.length).toBeLessThanOrEqual(500);
      seen.push(...versions.map(({ id }) => id));
      cursors.push(cursor);
    }
    expect(seen).toHaveLength(1202);
    expect(new Set(seen).size).toBe(1202);
    expect(seen).not.toContain('s5');
    const rest: string[] = [];
    const [first = ''] = cursors;
    for await (const { versions } of tested.store.scan({ type: 'Basic', cursor: first }, context)) {
      rest.push(...versions.map(({ id }) => id));
    }
    expect(rest).toEqual(seen.slice(500));
    const ofTwo: string[] = [];
    for await (const { versions } of tested.store.scan({ type: 'Basic', patients: ['p1', 'p2', 'none'] }, context)) {
      ofTwo.push(...versions.map(({ id }) => id));
    }
    const expected = seen.filter((id) => [1, 2].includes(Number(id.slice(1)) % 7));
    expect(ofTwo.sort()).toEqual(expected.sort());
    const foreign = tested.store.scan({ type: 'Basic', since: 1, cursor: first }, context);
    await expect(foreign[Symbol.asyncIterator]().next()).rejects.toMatchObject({ status: 400 });
  });

  it('begins with `since`', async () => {
    const last = written.filter(({ type }) => type === 'Patient').at(-1);
    const since = last?.at ?? 0;
    const seen: string[] = [];
    for await (const { versions } of tested.store.scan({ type: 'Patient', since: since + 0.5 }, context)) {
      seen.push(...versions.map(nameOf));
    }
    const current = new Map(written.filter(({ type }) => type === 'Patient').map((one) => [one.id, one]));
    const expected = [...current.values()].filter(({ at, deleted }) => at >= since && !deleted);
    expect(seen.sort()).toEqual(expected.map(nameOf).sort());
  });
});
