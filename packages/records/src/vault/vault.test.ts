import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVENT_KIND } from '../events/event.ts';
import { context, eventsAfter, newestEvent, type TestStore, testStore } from '../testing/store.ts';
import { openVault } from './open-vault.ts';
import { VaultConflict } from './vault.ts';

let clock = Date.UTC(2026, 0, 1);
let test1: TestStore;
beforeAll(async () => {
  test1 = await testStore(() => clock);
});
afterAll(() => test1.close());

test('documents come back by id and by lookup, newest change first, and pages follow each other', async () => {
  const { vault } = test1.records;
  for (const id of ['a', 'b', 'c']) {
    await vault.change([{ op: 'put', kind: 'account', id, content: { name: id }, lookups: ['all', `name/${id}`] }]);
  }
  expect((await vault.get('account', 'b'))?.content).toEqual({ name: 'b' });
  expect((await vault.find('account', 'name/c')).map(({ id }) => id)).toEqual(['c']);
  expect((await vault.find('account', 'all', 2)).map(({ id }) => id)).toEqual(['c', 'b']);
  expect((await vault.find('account', 'all', 2, 'b')).map(({ id }) => id)).toEqual(['a']);
  expect(await vault.find('client', 'all')).toEqual([]);
  await vault.change([{ op: 'put', kind: 'account', id: 'a', content: {}, lookups: ['all'] }]);
  expect((await vault.find('account', 'all')).map(({ id }) => id)).toEqual(['a', 'c', 'b']);
  expect(await vault.find('account', 'name/a')).toEqual([]);
});

test('a revision that does not stand changes nothing, also of the other changes and events', async () => {
  const { vault } = test1.records;
  const put = (id: string, revision: number) => ({ op: 'put', kind: 'other', id, content: {}, revision }) as const;
  await vault.change([put('one', 0)]);
  const seq = await newestEvent(test1.pool);
  const event = { kind: EVENT_KIND.viewed, context, subjects: ['x'] };
  await expect(vault.change([put('two', 0), put('one', 0)], [event])).rejects.toThrow(VaultConflict);
  expect(await vault.get('other', 'two')).toBeUndefined();
  expect(await newestEvent(test1.pool)).toBe(seq);
  await vault.change([put('two', 0), put('one', 1)], [event]);
  expect((await vault.get('other', 'one'))?.revision).toBe(2);
  const parts = await test1.anotherProcess();
  expect(await eventsAfter(test1.pool, parts.keys, seq)).toMatchObject([{ subjects: ['x'], actor: context.actor }]);
});

test('of many that swap the same revision, one wins', async () => {
  const { vault } = test1.records;
  const attempt = () => vault.change([{ op: 'put', kind: 'other', id: 'race', content: {}, revision: 0 }]);
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, attempt));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('what has expired is gone at once, may be made anew, and is swept', async () => {
  const { vault } = test1.records;
  const put = () =>
    vault.change([
      { op: 'put', kind: 'session', id: 's', content: {}, lookups: ['mine'], expires: clock + 1000, revision: 0 },
    ]);
  await put();
  clock += 1000;
  expect(await vault.get('session', 's')).toBeUndefined();
  expect(await vault.find('session', 'mine')).toEqual([]);
  await put();
  expect(await vault.get('session', 's')).toBeDefined();
  clock += 1000;
  expect(await vault.sweep(10)).toBe(1);
});

test('nothing on the disk can be read, and rows that trade places do not open', async () => {
  const { vault } = test1.records;
  await vault.change([
    { op: 'put', kind: 'account', id: 'visible-id', content: { secret: 'visible-content' }, lookups: ['visible-word'] },
    { op: 'put', kind: 'account', id: 'other-id', content: {} },
  ]);
  const { rows } = await test1.pool.query('SELECT row_to_json(d)::text AS text, body FROM sealed_document d');
  for (const { text, body } of rows as { text: string; body: Buffer }[]) {
    expect(text + body.toString('latin1')).not.toContain('visible');
  }
  await vault.change([{ op: 'put', kind: 'client', id: 'elsewhere', content: {} }]);
  await test1.pool.query(
    'UPDATE sealed_document a SET body = b.body FROM sealed_document b WHERE a.kind = 1 AND b.kind = 5',
  );
  await expect(vault.get('account', 'visible-id')).rejects.toThrow('does not open');
});

test('other processes hear of a change; a forged notification is ignored', async () => {
  const parts = await test1.anotherProcess();
  const another = await openVault(test1.database, parts);
  const heard: string[] = [];
  const told = new Promise<void>((resolve) => {
    another.vault.onChanged((kind, id) => {
      heard.push(`${kind}/${id}`);
      resolve();
    });
  });
  await test1.pool.query(`SELECT pg_notify('meridian_vault', 'bm90IG91cnM=')`);
  await test1.records.vault.change([{ op: 'put', kind: 'account', id: 'changed', content: {} }]);
  await told;
  expect(heard).toEqual(['account/changed']);
  await another.close();
});

test('a document of a patient does not move, and goes with the key of the patient', async () => {
  const { vault } = test1.records;
  const put = (patientId: string) => vault.change([{ op: 'put', kind: 'notice', id: 'n', content: {}, patientId }]);
  await put('p1');
  await expect(put('p2')).rejects.toThrow('cannot move');
  const parts = await test1.anotherProcess();
  await test1.pool.query('DELETE FROM keys.bucket WHERE patient <> 0');
  const another = await openVault(test1.database, parts);
  expect(await another.vault.get('notice', 'n')).toBeUndefined();
  await another.close();
});

test('sizes are bounded', async () => {
  const { vault } = test1.records;
  const put = (content: Record<string, unknown>, lookups: string[] = [], id = 'big') =>
    vault.change([{ op: 'put', kind: 'other', id, content, lookups }]);
  await expect(put({ text: 'x'.repeat(300_000) })).rejects.toThrow(RangeError);
  await expect(put({}, Array.from({ length: 17 }, String))).rejects.toThrow(RangeError);
  await expect(put({}, [], 'x'.repeat(600))).rejects.toThrow(RangeError);
});
