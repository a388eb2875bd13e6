import type { Resource } from '@meridian/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../errors.ts';
import { EVENT_KIND } from '../events/event.ts';
import { LABEL, labelsOf } from '../labels.ts';
import type { PostgresStore } from '../postgres-store.ts';
import type { Change, ViewContext, Write } from '../store.ts';
import type { StoreParts } from '../store-parts.ts';
import { bodyOf, context, eventsAfter, newestEvent, searchOf, type TestStore, testStore } from '../testing/store.ts';
import type { Rule, Visibility, WriteAttempt } from '../visibility.ts';

type Update = Write & { op: 'update' };

let tested: TestStore;
let store: PostgresStore;
let parts: StoreParts;

beforeAll(async () => {
  tested = await testStore();
  store = tested.store;
  parts = await tested.anotherProcess();
  await put({ resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:s', value: '1' }] });
  await put({ resourceType: 'Patient', id: 'q' });
  await put(observation('open', 'p'));
  await put(observation('closed', 'q'));
});

afterAll(() => tested.close());

function observation(id: string, patient: string, more: object = {}): Update {
  const subject = { reference: `Patient/${patient}` };
  return { op: 'update', resource: { resourceType: 'Observation', id, status: 'final', subject, ...more } };
}

function put(write: Update | Resource, as: ViewContext = context) {
  return store.write(isUpdate(write) ? write : { op: 'update', resource: write }, as);
}

function isUpdate(write: Update | Resource): write is Update {
  return write.op === 'update';
}

/** Only the record of patient p, because of care. */
function onlyP(more: Partial<Visibility> = {}): ViewContext {
  const rule: Rule = {
    kind: 'because',
    basis: 'care',
    rule: { kind: 'patients', patients: [store.patientNumber('p')] },
  };
  const visibility = {
    ruleFor: () => Promise.resolve(rule),
    refusesWrite: () => Promise.resolve(undefined),
    ...more,
  };
  return { ...context, actor: 'Practitioner/one', role: 'nurse', organization: 'Organization/ward', visibility };
}

async function eventsOf(work: () => Promise<unknown>) {
  const before = await newestEvent(tested.pool);
  await work();
  return eventsAfter(tested.pool, parts.keys, before);
}

async function refusalOf(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

describe('who looked', () => {
  it('says in which role, for which organisation and on what permission', async () => {
    const events = await eventsOf(() => store.read('Observation', 'open', onlyP()));
    expect(events).toMatchObject([
      {
        kind: EVENT_KIND.viewed,
        actor: 'Practitioner/one',
        role: 'nurse',
        organization: 'Organization/ward',
        basis: 'care',
      },
    ]);
  });

  it('records the refusal of what exists in its patient’s chain, and nothing of what does not exist', async () => {
    const events = await eventsOf(async () => {
      expect(await store.read('Observation', 'closed', onlyP())).toBeUndefined();
      expect(await store.read('Observation', 'nowhere', onlyP())).toBeUndefined();
      expect((await store.history({ type: 'Observation', id: 'closed' }, onlyP())).versions).toEqual([]);
    });
    const refusal = { kind: EVENT_KIND.refused, patient: store.patientNumber('q'), basis: undefined };
    expect(events).toMatchObject([
      { ...refusal, subjects: ['Observation/closed/_history/1'] },
      { ...refusal, subjects: ['Observation/closed/_history/1'] },
    ]);
  });

  it('tells a Consent that is given or withdrawn from other writes', async () => {
    const consent = (status: string) => ({
      resourceType: 'Consent',
      id: 'c',
      status,
      patient: { reference: 'Patient/p' },
    });
    const events = await eventsOf(async () => {
      await put(consent('active'));
      await put(consent('inactive'));
      await put(consent('draft'));
    });
    expect(events.map(({ kind }) => kind)).toEqual([
      EVENT_KIND.consentGiven,
      EVENT_KIND.consentWithdrawn,
      EVENT_KIND.updated,
    ]);
  });

  it('keeps events that stand for themselves', async () => {
    let numbers: string[] = [];
    const events = await eventsOf(async () => {
      numbers = await store.record([
        { kind: EVENT_KIND.brokeGlass, patientId: 'p', context, subjects: ['ViewingGrant/1'], basis: 'emergency' },
      ]);
    });
    expect(numbers).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
    expect(events).toMatchObject([{ kind: EVENT_KIND.brokeGlass, basis: 'emergency', subjects: ['ViewingGrant/1'] }]);
  });
});

describe('a write', () => {
  it('of what is hidden is answered as a read of it', async () => {
    const hidden = await refusalOf(put(observation('closed', 'p'), onlyP()));
    expect(hidden).toMatchObject({ status: 404, code: 'not-found' });
    const fresh = await refusalOf(put(observation('nowhere', 'p'), onlyP()));
    expect([fresh.status, fresh.message]).toEqual([hidden.status, hidden.message]);
    const matching = await refusalOf(put({ ...observation('closed', 'q'), ifMatch: 1 }, onlyP()));
    const absent = await refusalOf(put({ ...observation('nowhere', 'q'), ifMatch: 1 }, onlyP()));
    expect([matching.status, matching.message]).toEqual([absent.status, absent.message]);
    const deleted = await store.write({ op: 'delete', type: 'Observation', id: 'closed' }, onlyP());
    const nothing = await store.write({ op: 'delete', type: 'Observation', id: 'nowhere' }, onlyP());
    expect({ ...deleted, stored: { ...deleted.stored, id: '' } }).toEqual({
      ...nothing,
      stored: { ...nothing.stored, id: '' },
    });
    expect((await store.read('Observation', 'closed', context))?.version).toBe(1);
  });

  it('in a transaction too, of which then nothing is written', async () => {
    const writes: Write[] = [observation('fresh', 'p'), observation('closed', 'q', { note: [{ text: 'x' }] })];
    expect(await refusalOf(store.writeAll(writes, onlyP()))).toMatchObject({ status: 404 });
    expect(await store.read('Observation', 'fresh', context)).toBeUndefined();
    const resource = { ...observation('fresh', 'p').resource, id: undefined } as unknown as Resource;
    const deleting: Write[] = [
      { op: 'create', resource },
      { op: 'delete', type: 'Observation', id: 'closed' },
    ];
    expect((await store.writeAll(deleting, onlyP())).map(({ outcome }) => outcome)).toEqual(['created', 'absent']);
    expect((await store.read('Observation', 'closed', context))?.deleted).toBe(false);
  });

  it('that is refused says why, is on record, and leaves everything as it was', async () => {
    const attempts: WriteAttempt[] = [];
    const refusing = onlyP({
      refusesWrite: async (attempt) => {
        attempts.push(attempt);
        return attempt.type === 'Observation' ? 'Only who wrote this may change it.' : undefined;
      },
    });
    const events = await eventsOf(async () => {
      const changed = observation('open', 'p', { note: [{ text: 'changed' }] });
      expect(await refusalOf(put(changed, refusing))).toMatchObject({
        status: 403,
        message: 'Only who wrote this may change it.',
      });
      const all: Write[] = [{ op: 'create', resource: { resourceType: 'Basic', code: { text: 'b' } } }, changed];
      expect(await refusalOf(store.writeAll(all, refusing))).toMatchObject({ status: 403 });
    });
    expect(events.map(({ kind }) => kind)).toEqual([EVENT_KIND.refused, EVENT_KIND.refused]);
    const [attempt] = attempts;
    expect(attempt).toMatchObject({ action: 'update', type: 'Observation', id: 'open' });
    expect(JSON.parse(attempt?.before?.json.toString() ?? '')).not.toHaveProperty('note');
    expect(JSON.parse(attempt?.after?.json.toString() ?? '')).toHaveProperty('note');
    expect((await store.read('Observation', 'open', context))?.version).toBe(1);
  });

  it('with If-None-Exist neither reveals nor touches a hidden match', async () => {
    await put({ resourceType: 'Patient', id: 'r', identifier: [{ system: 'urn:s', value: 'secret' }] });
    const create: Write = {
      op: 'create',
      resource: { resourceType: 'Patient', identifier: [{ system: 'urn:s', value: 'secret' }] },
      ifNoneExist: searchOf('Patient?identifier=urn:s|secret'),
    };
    const made = await store.write(structuredClone(create), onlyP());
    expect(made.outcome).toBe('created');
    expect(made.stored.id).not.toBe('r');
    expect((await store.read('Patient', 'r', context))?.version).toBe(1);
    const visible: Write = { ...create, ifNoneExist: searchOf('Patient?identifier=urn:s|1') };
    const found = await store.write(structuredClone(visible), onlyP());
    expect([found.outcome, found.stored.id]).toEqual(['unchanged', 'p']);
  });
});

describe('labels', () => {
  it('come from meta.security and from codes anywhere, and stay when what they stood on is deleted', async () => {
    const rules = [
      { system: 'urn:icd', prefix: 'F1', mask: LABEL.substanceUse },
      { system: 'urn:icd', code: 'B20', mask: LABEL.hiv },
    ];
    const coded = (code: string) => ({
      resourceType: 'Condition',
      contained: [{ resourceType: 'Basic', code: { coding: [{ system: 'urn:icd', code }] } }],
    });
    expect(labelsOf(coded('F10.2'), rules)).toBe(LABEL.substanceUse);
    expect(labelsOf(coded('B20'), rules)).toBe(LABEL.hiv);
    expect(labelsOf(coded('B2'), rules)).toBe(0);
    const security = [
      { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' },
    ];
    const closed = observation('labelled', 'p', { meta: { security } });
    expect(labelsOf(closed.resource, [])).toBe(LABEL.veryRestricted | LABEL.mentalHealth);
    const notPsychiatry = onlyP({
      ruleFor: async () => ({ kind: 'not', of: { kind: 'labels', mask: LABEL.mentalHealth } }),
    });
    await put(closed);
    expect(await store.read('Observation', 'labelled', notPsychiatry)).toBeUndefined();
    await store.write({ op: 'delete', type: 'Observation', id: 'labelled' }, context);
    expect(await store.read('Observation', 'labelled', notPsychiatry)).toBeUndefined();
    expect((await store.read('Observation', 'labelled', context))?.deleted).toBe(true);
    expect(await store.vread('Observation', 'labelled', 1, notPsychiatry)).toBeUndefined();
  });

  it('of the version that stands now close those before it', async () => {
    await put(observation('regretted', 'p'));
    const security = [{ system: 'urn:meridian:viewing-label', code: 'removed' }];
    const unremoved = onlyP({
      ruleFor: async () => ({ kind: 'not', of: { kind: 'labels', mask: LABEL.removed } }),
    });
    expect(await store.vread('Observation', 'regretted', 1, unremoved)).toBeDefined();
    await put(observation('regretted', 'p', { meta: { security } }));
    expect(await store.vread('Observation', 'regretted', 1, unremoved)).toBeUndefined();
  });
});

it('a scan asks anew for each batch, so that a withdrawal acts in the middle', async () => {
  const writes = Array.from(
    { length: 501 },
    (_, n): Write => ({
      op: 'update',
      resource: { resourceType: 'Flag', id: `f${n}`, status: 'active', subject: { reference: 'Patient/p' } },
    }),
  );
  await store.writeAll(writes, context);
  let asked = 0;
  const withdrawn = onlyP({ ruleFor: async () => (asked++ === 0 ? { kind: 'always' } : { kind: 'never' }) });
  let exported = 0;
  for await (const batch of store.scan({ type: 'Flag' }, withdrawn)) exported += batch.versions.length;
  expect([asked, exported]).toEqual([2, 500]);
});

describe('for those who decide', () => {
  it('evidence is found without a view and without a rule', async () => {
    const events = await eventsOf(async () => {
      expect(bodyOf(await store.evidence.read('Observation', 'closed')).id).toBe('closed');
      const query = searchOf('Observation?_id=open,closed');
      expect((await store.evidence.search(query)).matches).toHaveLength(2);
      const ofQ = await store.evidence.search(query, store.patientNumber('q'));
      expect(ofQ.matches.map(({ id }) => id)).toEqual(['closed']);
      const patients = await store.evidence.patients(query, 10);
      expect(patients.toSorted()).toEqual([store.patientNumber('p'), store.patientNumber('q')].toSorted());
      expect(await store.evidence.patients(query, 1)).toHaveLength(1);
    });
    expect(events).toEqual([]);
  });

  it('a committed write is told before its answer, and to other processes without its id', async () => {
    const heard: Change[] = [];
    const stop = store.onCommitted((change) => heard.push(change));
    await put({
      resourceType: 'Encounter',
      id: 'e',
      status: 'in-progress',
      class: {},
      subject: { reference: 'Patient/p' },
    });
    expect(heard).toContainEqual({ type: 'Encounter', id: 'e', patient: store.patientNumber('p') });
    const told = { type: 'Encounter', id: undefined, patient: store.patientNumber('p') };
    await expect.poll(() => heard).toContainEqual(told);
    stop();
    const before = heard.length;
    await put(observation('unheard', 'p'));
    expect(heard).toHaveLength(before);
  });
});
