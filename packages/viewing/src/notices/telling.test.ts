import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecords, type Records } from '@meridian/records';
import { testDatabase } from '@meridian/records/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Reviews } from '../reviews/reviews.ts';
import { viewerOf } from '../testing/viewers.ts';
import type { Notice } from './notice.ts';
import { Notices } from './notices.ts';
import { readPreferences } from './preferences.ts';
import { type Seen, ViewWatch } from './watch.ts';

const DAY = 24 * 3600_000;
const NOON = Date.UTC(2026, 5, 15, 12);

let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: string;
let records: Records;
let now = NOON;
let ids = 0;
let patient = 0;
let delivered: Notice[] = [];
let notices: Notices;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'meridian-notices-'));
  records = await openRecords({ database, dataFolder: folder, now: () => now });
});
afterAll(async () => {
  await records?.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  now = NOON;
  delivered = [];
  patient++;
  notices = new Notices({
    vault: records.vault,
    now: () => now,
    newId: () => `n${ids++}`,
    accountsOf: async (patientId) => [`account-of-${patientId}`, `proxy-of-${patientId}`],
    deliver: (notice) => delivered.push(notice),
    onFault: (error) => {
      throw error;
    },
  });
});
afterEach(() => notices.close());

const pid = () => `p${patient}`;
const account = () => `account-of-${pid()}`;
const viewed = (flags: Notice['flags'] = []) =>
  notices.tellView({ kind: 'record-viewed', patientId: pid(), about: 'AuditEvent/1', flags });
const kinds = async () => (await notices.list(account())).map(({ kind }) => kind);

test('one digest a day, however many views', async () => {
  await notices.setPreferences(pid(), readPreferences({ views: 'digest' }));
  for (let i = 0; i < 5; i++) await viewed();
  await notices.sendDigests();
  expect(await kinds()).toEqual([]);
  now += DAY;
  await notices.sendDigests();
  await notices.sendDigests();
  expect(await kinds()).toEqual(['digest']);
  expect(delivered.map(({ kind }) => kind)).toEqual(['digest']);
});

test('in quiet hours the app shows it and nobody is woken, except for a broken glass', async () => {
  const quiet = { from: 11 * 60, until: 13 * 60, zone: 'UTC' };
  await notices.setPreferences(pid(), readPreferences({ views: 'every', quiet }));
  await viewed();
  expect([await kinds(), delivered]).toEqual([['record-viewed'], []]);
  await viewed(['break-glass']);
  expect(delivered).toHaveLength(1);
});

test('a mail goes out once, however many stand for the patient, and never for what concerns others', async () => {
  await notices.tell({ kind: 'glass-broken', patientId: pid(), about: 'ViewingGrant/1' });
  expect(delivered).toHaveLength(1);
  await notices.tellAccounts(['requester'], { kind: 'approval-decided', patientId: pid(), about: 'ViewingRequest/1' });
  expect(delivered).toHaveLength(1);
  expect((await notices.list('requester')).map(({ kind }) => kind)).toContain('approval-decided');
});

test('what is read stays read, and only by its own account', async () => {
  await notices.tell({ kind: 'glass-broken', patientId: pid(), about: 'ViewingGrant/1' });
  const [notice] = await notices.list(account());
  await notices.markRead('somebody-else', [String(notice?.id)]);
  expect((await notices.list(account()))[0]?.read).toBe(false);
  await notices.markRead(account(), [String(notice?.id)]);
  expect((await notices.list(account()))[0]?.read).toBe(true);
});

test('an open window hears at once; another account does not', async () => {
  const heard: string[] = [];
  const stop = notices.listen(account(), ({ kind }) => heard.push(kind));
  notices.listen('somebody-else', ({ kind }) => heard.push(`other ${kind}`));
  await notices.tell({ kind: 'approval-asked', patientId: pid(), about: 'ViewingRequest/1' });
  for (let i = 0; i < 1000 && heard.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  stop?.();
  await notices.tell({ kind: 'approval-asked', patientId: pid(), about: 'ViewingRequest/2' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toEqual(['approval-asked']);
});

test('a visit is told once, one’s own never, and an unusual one goes to the officer once a day', async () => {
  await notices.setPreferences(pid(), readPreferences({ views: 'every' }));
  const reviews = new Reviews(
    records.vault,
    () => now,
    () => {},
  );
  const watch = new ViewWatch({
    now: () => now,
    isOwn: (seen) => seen.actor === `Patient/${seen.patientId}`,
    flagsOf: async () => ['same-surname'],
    nameOf: async (actor) => ({ actor, name: 'Wong', role: 'nurse' }),
    tellView: (told) => notices.tellView(told),
    review: async ({ patientId, at, event }, by, flags) => {
      await reviews.flag({ id: `r${ids++}`, patientId, by: { ...by, account: 'a' }, at, about: event, flags });
    },
    onFault: (error) => {
      throw error;
    },
  });
  const seen = (actor: string): Seen => {
    const basis = 'treating-person Encounter/1';
    return { patientId: pid(), actor, account: 'a', event: `${ids++}`, at: now, purpose: 'TREAT', basis };
  };
  for (let i = 0; i < 3; i++) watch.saw(seen('Practitioner/d'));
  watch.saw(seen(`Patient/${pid()}`));
  await watch.settled();
  now += 11 * 60_000;
  watch.saw(seen('Practitioner/d'));
  await watch.settled();
  expect(await kinds()).toEqual(['record-viewed', 'record-viewed']);
  const officer = viewerOf({ actor: 'Practitioner/o', roles: ['privacy-officer'] });
  const open = (await reviews.list(officer, 'open')).filter(({ patientId }) => patientId === pid());
  expect(open).toMatchObject([{ kind: 'unusual-access', flags: ['same-surname'] }]);
});
