import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_KIND } from './events/event.ts';
import type { ViewContext } from './store.ts';
import type { StoreParts } from './store-parts.ts';
import { eventsAfter, newestEvent, type OpenedEvent, searchOf, type TestStore, testStore } from './testing/store.ts';
import { EVERYTHING } from './visibility.ts';

let tested: TestStore;
let parts: StoreParts;
const context: ViewContext = {
  actor: 'Practitioner/reader',
  purpose: 'TREAT',
  requestId: 'r-1',
  visibility: EVERYTHING,
};

beforeAll(async () => {
  tested = await testStore();
  parts = await tested.anotherProcess();
  const put = (resourceType: string, id: string, elements: object = {}) =>
    tested.store.write({ op: 'update', resource: { resourceType, id, ...elements } }, context);
  await put('Organization', 'o', { name: 'Clinic' });
  for (const id of ['a', 'b']) {
    await put('Patient', id, { active: true, managingOrganization: { reference: 'Organization/o' } });
    const observation = { status: 'final', code: { text: 'x' }, subject: { reference: `Patient/${id}` } };
    await put('Observation', `${id}1`, observation);
    await put('Observation', `${id}2`, observation);
    await put('Observation', `${id}2`, { ...observation, status: 'amended' });
  }
  await tested.store.write({ op: 'delete', type: 'Observation', id: 'b1' }, context);
});
afterAll(() => tested?.close());

/** The events that are committed when the promise resolves, by patient. */
async function eventsOf(work: () => Promise<unknown>): Promise<OpenedEvent[]> {
  const before = await newestEvent(tested.pool);
  await work();
  return eventsAfter(tested.pool, parts.keys, before);
}

const seen = (events: readonly OpenedEvent[]): Record<string, string[]> =>
  Object.fromEntries(
    ['a', 'b'].flatMap((id) => {
      const own = events.filter(({ patient }) => patient === parts.ids.patient(id));
      expect(own.length).toBeLessThanOrEqual(1);
      return own.map(({ subjects }) => [id, [...subjects].sort()]);
    }),
  );

const { viewed, searched, exported } = EVENT_KIND;

describe('a view is on record before the answer', () => {
  it.each<[string, number, () => Promise<unknown>, Record<string, string[]>]>([
    ['read', viewed, () => tested.store.read('Observation', 'a2', context), { a: ['Observation/a2/_history/2'] }],
    [
      'read of a deleted one',
      viewed,
      () => tested.store.read('Observation', 'b1', context),
      { b: ['Observation/b1/_history/2'] },
    ],
    ['vread', viewed, () => tested.store.vread('Observation', 'a2', 1, context), { a: ['Observation/a2/_history/1'] }],
    [
      'history of one',
      viewed,
      () => tested.store.history({ type: 'Observation', id: 'b2' }, context),
      { b: ['Observation/b2/_history/1', 'Observation/b2/_history/2'] },
    ],
    [
      'history of a type',
      viewed,
      () => tested.store.history({ type: 'Patient' }, context),
      { a: ['Patient/a/_history/1'], b: ['Patient/b/_history/1'] },
    ],
    [
      'history of everything, a page of it',
      viewed,
      () => tested.store.history({ count: 2 }, context),
      { b: ['Observation/b1/_history/2', 'Observation/b2/_history/2'] },
    ],
    [
      'search',
      searched,
      () => tested.store.search(searchOf('Observation?status=final'), context),
      { a: ['Observation/a1/_history/1'] },
    ],
    [
      'search with what it includes',
      searched,
      () => tested.store.search(searchOf('Observation?status=amended&_include=Observation:subject'), context),
      {
        a: ['Observation/a2/_history/2', 'Patient/a/_history/1'],
        b: ['Observation/b2/_history/2', 'Patient/b/_history/1'],
      },
    ],
    [
      'search from a shared resource, with what points to it',
      searched,
      () => tested.store.search(searchOf('Organization?name=clinic&_revinclude=Patient:organization'), context),
      { a: ['Patient/a/_history/1'], b: ['Patient/b/_history/1'] },
    ],
    [
      'readMany',
      viewed,
      () =>
        tested.store.readMany(
          [
            { type: 'Observation', id: 'a1' },
            { type: 'Patient', id: 'none' },
            { type: 'Organization', id: 'o' },
            { type: 'Patient', id: 'a' },
            { type: 'Patient', id: 'b' },
          ],
          context,
        ),
      { a: ['Observation/a1/_history/1', 'Patient/a/_history/1'], b: ['Patient/b/_history/1'] },
    ],
    [
      'scan',
      exported,
      async () => {
        for await (const batch of tested.store.scan({ type: 'Patient' }, context))
          expect(batch.versions).toHaveLength(2);
      },
      { a: ['Patient/a/_history/1'], b: ['Patient/b/_history/1'] },
    ],
  ])('%s', async (_, kind, work, expected) => {
    const events = await eventsOf(work);
    expect(seen(events)).toEqual(expected);
    expect(events).toHaveLength(Object.keys(expected).length);
    for (const event of events) expect(event).toMatchObject({ kind, actor: 'Practitioner/reader', digest: null });
  });

  it('for each of many readers at once', async () => {
    const events = await eventsOf(() =>
      Promise.all(Array.from({ length: 50 }, () => tested.store.read('Patient', 'a', context))),
    );
    expect(events).toHaveLength(50);
  });

  it('for each batch of a scan before it is given out', async () => {
    const before = await newestEvent(tested.pool);
    const batches = tested.store.scan({ type: 'Patient' }, context)[Symbol.asyncIterator]();
    await batches.next();
    expect(await eventsAfter(tested.pool, parts.keys, before)).toHaveLength(2);
  });
});

it('what is of nobody, absent, or only counted is no view of anybody', async () => {
  const events = await eventsOf(async () => {
    await tested.store.read('Organization', 'o', context);
    await tested.store.vread('Organization', 'o', 1, context);
    await tested.store.history({ type: 'Organization' }, context);
    await tested.store.search(searchOf('Organization?name=clinic'), context);
    await tested.store.read('Patient', 'none', context);
    await tested.store.search(searchOf('Patient?active=true&_summary=count'), context);
  });
  expect(events).toEqual([]);
});

it('an answer does not leave when its view cannot be recorded', async () => {
  await tested.pool.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no view'; END $$;
    CREATE TRIGGER refusing BEFORE INSERT ON ledger_outbox FOR EACH ROW EXECUTE FUNCTION refuse()`);
  await expect(tested.store.read('Patient', 'a', context)).rejects.toThrow('no view');
  await expect(tested.store.search(searchOf('Patient?active=true'), context)).rejects.toThrow('no view');
  await tested.pool.query('DROP TRIGGER refusing ON ledger_outbox; DROP FUNCTION refuse()');
});
