import { mkdtemp, rm } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Sandbox } from '@meridian/convert';
import { ProfileRegistry, Terminology } from '@meridian/fhir';
import {
  EVERYTHING,
  type Ledger,
  openRecords,
  plainContext,
  type Records,
  type Rule,
  startLedger,
  type Visibility,
} from '@meridian/records';
import { testDatabase } from '@meridian/records/testing';
import { storeEvidence, TokenScopes, VaultGrants, type Viewer } from '@meridian/viewing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServerKey } from '../access/server-key.ts';
import type { Bearer } from '../access/tokens.ts';
import { ANYBODY } from '../access/visibility-of.ts';
import { Jobs, jobOwner } from '../bulk/jobs.ts';
import { BulkWorker } from '../bulk/worker.ts';
import { openClinic } from '../clinic/open-clinic.ts';
import { Wishes } from '../clinic/release-wishes.ts';
import { failureOf } from '../http/failure.ts';
import { Names } from '../viewing/names.ts';
import { openVisibility } from '../viewing/open-visibility.ts';
import { FhirApi } from './fhir-api.ts';
import type { Answer } from './request.ts';

const BASE = 'http://here.example/fhir';
const REMOVED = { security: [{ system: 'urn:meridian:viewing-label', code: 'removed' }] };
const VIEWER: Viewer = { ...ANYBODY, actor: 'Practitioner/one', roles: ['nurse'], organizations: ['ward'] };

let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: string;
let records: Records;
let ledger: Ledger;
let jobs: Jobs;
let api: FhirApi;
let clinic: ReturnType<typeof openClinic>;
/** What everybody sees at the moment. */
let visibility: Visibility = EVERYTHING;

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'meridian-hidden-'));
  records = await openRecords({ database, dataFolder: folder, baseUrl: BASE });
  const { store } = records;
  ledger = await startLedger({ database, dataFolder: folder, baseUrl: BASE });
  const grants = new VaultGrants(records.vault, Date.now);
  jobs = new Jobs(database.pool({ size: 1 }), store.blobs, Date.now);
  const [terminology, profiles] = [new Terminology(), new ProfileRegistry()];
  clinic = openClinic({
    ...{ vault: records.vault, wishes: new Wishes(records.vault), store, profiles, terminology, now: Date.now },
    serverKey: await openServerKey(folder),
    notices: { tellAccounts: async () => undefined },
    accountsAs: async () => [],
    nameOf: async ({ actor }) => ({ name: actor }),
    onFault: () => undefined,
  });
  api = new FhirApi({
    store,
    terminology,
    profiles,
    clinic,
    sandbox: new Sandbox(),
    jobs,
    visibilityOf: () => visibility,
    viewing: {
      visibilities: openVisibility({ store, grants, baseUrl: BASE, now: Date.now }).visibilities,
      evidence: storeEvidence(store, BASE),
      labelRules: [],
      auditEvents: {
        events: ledger.patientEvents,
        names: new Names(store.evidence.read),
        baseUrl: BASE,
        now: Date.now,
      },
      viewerAs: () => Promise.resolve(undefined),
    },
    baseUrl: BASE,
    now: Date.now,
  });
  for (const [id, meta] of [
    ['seen', {}],
    ['hidden', REMOVED],
  ] as const) {
    const subject = { reference: 'Patient/p' };
    await put({
      resourceType: 'Observation',
      id,
      meta,
      status: 'final',
      code: { text: 'x' },
      subject,
      identifier: [{ value: id }],
    });
    await put({ resourceType: 'Patient', id: `${id}-patient`, meta, identifier: [{ value: id }] });
    await put({ resourceType: 'Condition', id: `of-${id}`, subject: { reference: `Patient/${id}-patient` } });
    await put({ resourceType: 'Group', id, meta, type: 'person', actual: true });
    await put({ resourceType: 'Binary', id, meta, contentType: 'text/plain', data: 'aGVsbG8=' });
    await put({ resourceType: 'Encounter', id, meta, status: 'finished', class: { code: 'AMB' }, subject });
  }
  await put({ resourceType: 'Patient', id: 'p' });
});

afterAll(async () => {
  await ledger?.close();
  await records?.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

function put(resource: { resourceType: string; id: string; [element: string]: unknown }): Promise<unknown> {
  const context = { actor: 'system', purpose: 'HOPERAT', requestId: 'r', visibility: EVERYTHING };
  return records.store.write({ op: 'update', resource }, context);
}

function seeing(rule: Rule): Visibility {
  return { ruleFor: () => Promise.resolve(rule), refusesWrite: () => Promise.resolve(undefined) };
}

const ALL_BUT_REMOVED: Rule = {
  kind: 'because',
  basis: 'test',
  rule: { kind: 'not', of: { kind: 'labels', mask: 256 } },
};

interface Call {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: object;
}

/** What goes over the wire, without the transport. */
async function call({
  method,
  url,
  headers = {},
  body,
}: Call): Promise<{ status: number; headers: object; text: string }> {
  const message = new IncomingMessage(new Socket());
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  message.headers = {
    ...(bytes && { 'content-type': 'application/fhir+json', 'content-length': String(bytes.length) }),
    ...headers,
  };
  if (bytes) message.push(bytes);
  message.push(null);
  const bearer: Bearer = {
    actor: VIEWER.actor,
    purpose: VIEWER.purpose,
    viewer: VIEWER,
    scopes: new TokenScopes('user/*.cruds'),
    actorHash: 'hash',
    expires: 4_000_000_000,
  };
  try {
    return await written(await api.answer(api.ask(method, url), message, bearer, 'request'));
  } catch (error) {
    const failure = failureOf(error);
    if (failure.fault) throw error;
    return { status: failure.status, headers: failure.headers ?? {}, text: JSON.stringify(failure.issues) };
  }
}

async function written(answer: Answer): Promise<{ status: number; headers: object; text: string }> {
  const { status, body, version, location, headers = {} } = answer;
  const bytes = body instanceof Readable ? await buffer(body) : (body ?? Buffer.alloc(0));
  const named = {
    ...headers,
    ...(version && { version: version.version }),
    ...(location !== undefined && { location }),
  };
  return { status, headers: named, text: bytes.toString('utf8') };
}

const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const PATCH = [{ op: 'add', path: '/language', value: 'en' }];

/** Every way to ask about one resource; `ID` is its id, and the value of its identifier. */
const CALLS: readonly Call[] = [
  { method: 'GET', url: '/Observation/ID' },
  { method: 'HEAD', url: '/Observation/ID' },
  { method: 'GET', url: '/Observation/ID?_summary=true' },
  { method: 'GET', url: '/Observation/ID', headers: { 'if-none-match': 'W/"1"' } },
  { method: 'GET', url: '/Observation/ID/_history/1' },
  { method: 'GET', url: '/Observation/ID/_history/2' },
  { method: 'GET', url: '/Observation/ID/_history' },
  { method: 'GET', url: '/Observation/ID/_history?_since=2020-01-01' },
  { method: 'GET', url: '/Observation/ID/_history?_at=2999-01-01' },
  { method: 'GET', url: '/Observation/ID/$meta' },
  { method: 'GET', url: '/Observation/ID/$validate' },
  { method: 'POST', url: '/Observation/ID/$meta-add', body: metaParameters() },
  { method: 'PATCH', url: '/Observation/ID', headers: JSON_PATCH, body: PATCH },
  { method: 'PATCH', url: '/Observation/ID', headers: { ...JSON_PATCH, 'if-match': 'W/"1"' }, body: PATCH },
  { method: 'PATCH', url: '/Observation?identifier=ID', headers: JSON_PATCH, body: PATCH },
  { method: 'DELETE', url: '/Observation/ID' },
  { method: 'DELETE', url: '/Observation/ID', headers: { 'if-match': 'W/"1"' } },
  { method: 'DELETE', url: '/Observation?identifier=ID' },
  { method: 'GET', url: '/Observation?_id=ID&_total=accurate' },
  { method: 'GET', url: '/Observation?identifier=ID&_summary=count' },
  { method: 'GET', url: '/Observation?identifier=ID&_sort=_id&_count=1' },
  { method: 'GET', url: '/Patient/ID-patient' },
  { method: 'GET', url: '/Patient/ID-patient/$everything' },
  { method: 'GET', url: '/Condition?subject:Patient.identifier=ID&_total=accurate' },
  { method: 'GET', url: '/Patient?_has:Observation:patient:identifier=ID' },
  { method: 'GET', url: '/Patient?_id=p&_revinclude=Encounter:patient&_has:Encounter:patient:_id=ID' },
  { method: 'GET', url: '/Binary/ID' },
  { method: 'GET', url: '/Binary/ID', headers: { accept: 'application/fhir+json' } },
  { method: 'GET', url: '/Binary/ID', headers: { range: 'bytes=0-1' } },
  { method: 'GET', url: '/Group/ID/$export', headers: { prefer: 'respond-async' } },
  { method: 'PUT', url: '/Observation/ID', headers: { 'if-match': 'W/"1"' }, body: observation('ID') },
  {
    method: 'POST',
    url: '/Binary',
    headers: { 'x-security-context': 'Encounter/ID', 'content-type': 'text/plain' },
    body: {},
  },
  { method: 'POST', url: '/', body: batch('GET', 'Observation/ID') },
  { method: 'POST', url: '/', body: batch('DELETE', 'Observation/ID') },
  { method: 'POST', url: '/', body: batch('GET', 'Observation?identifier=ID&_total=accurate') },
  { method: 'POST', url: '/', body: { ...batch('GET', 'Observation/ID'), type: 'transaction' } },
  { method: 'POST', url: '/', body: { ...batch('DELETE', 'Observation/ID'), type: 'transaction' } },
];

function metaParameters(): object {
  const valueMeta = { tag: [{ system: 'urn:s', code: 't' }] };
  return { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] };
}

function observation(id?: string): object {
  return { resourceType: 'Observation', ...(id && { id }), status: 'final', code: { text: 'y' } };
}

function batch(method: string, url: string): object {
  return { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method, url } }] };
}

/** The call about a resource, and its answer without its id and without times and ids that always differ. */
async function answerAbout(id: string, asked: Call): Promise<object> {
  const text = JSON.stringify(asked).replaceAll('ID', id);
  const answer = JSON.stringify(await call(JSON.parse(text) as Call));
  const plain = answer
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  return JSON.parse(plain.replaceAll(id, 'ID')) as object;
}

describe('what is hidden', () => {
  it.each(CALLS)('answers $method $url as what does not exist: status, headers and bytes', async (asked) => {
    visibility = seeing(ALL_BUT_REMOVED);
    expect(await answerAbout('hidden', asked)).toEqual(await answerAbout('absent', asked));
  });

  it('is there all the same', async () => {
    visibility = EVERYTHING;
    for (const type of ['Observation', 'Binary', 'Encounter']) {
      expect((await call({ method: 'GET', url: `/${type}/hidden` })).status).toBe(200);
    }
    visibility = seeing(ALL_BUT_REMOVED);
    for (const asked of CALLS.filter(({ method, url }) => method === 'GET' && url.startsWith('/Observation/ID'))) {
      expect((await call({ ...asked, url: asked.url.replace('ID', 'seen') })).status).toBeLessThan(405);
    }
    expect((await call({ method: 'GET', url: '/Observation/seen' })).status).toBe(200);
  });

  it('is neither revealed nor changed by a conditional create or update', async () => {
    visibility = seeing(ALL_BUT_REMOVED);
    const resource = { ...observation(), identifier: [{ value: 'hidden' }], subject: { reference: 'Patient/p' } };
    const created = await call({
      method: 'POST',
      url: '/Observation',
      headers: { 'if-none-exist': 'identifier=hidden' },
      body: resource,
    });
    expect(created.status).toBe(201);
    const updated = await call({ method: 'PUT', url: '/Observation?identifier=hidden', body: resource });
    expect([200, 201]).toContain(updated.status);
    visibility = EVERYTHING;
    expect((await call({ method: 'GET', url: '/Observation/hidden/_history/2' })).status).toBe(404);
  });
});

it('everything leaves out what is hidden, and what was hidden is not counted', async () => {
  visibility = seeing(ALL_BUT_REMOVED);
  const { text } = await call({ method: 'GET', url: '/Patient/p/$everything' });
  const { entry } = JSON.parse(text) as { entry: { fullUrl: string }[] };
  const names = entry.map(({ fullUrl }) => fullUrl.slice(BASE.length + 1));
  expect(names).toEqual(expect.arrayContaining(['Patient/p', 'Observation/seen', 'Encounter/seen']));
  expect(names.filter((name) => name.endsWith('/hidden'))).toEqual([]);
});

it('an export holds what its caller may see while it runs', async () => {
  const started = await call({
    method: 'GET',
    url: '/$export?_type=Encounter,Binary',
    headers: { prefer: 'respond-async' },
  });
  expect(started.status).toBe(202);
  const worker = new BulkWorker({
    jobs,
    store: records.store,
    visibilityOf: (viewer) => (viewer.actor === VIEWER.actor ? seeing(ALL_BUT_REMOVED) : seeing({ kind: 'never' })),
    bulk: records.bulk,
    now: Date.now,
    onFault: (error) => {
      throw error;
    },
  });
  worker.start();
  const id = /[^/]+$/.exec((started.headers as Record<string, string>)['content-location'] ?? '')?.[0] ?? '';
  await expect.poll(async () => (await jobs.find('export', id))?.state, { timeout: 10_000 }).toBe('completed');
  await worker.stop();
  const job = await jobs.find('export', id);
  const lines: string[] = [];
  for (const { digest } of job?.document.output ?? []) {
    const found = await records.store.blobs.get(jobOwner(id), digest);
    if (found) lines.push(...(await buffer(found.content)).toString().trim().split('\n'));
  }
  const ids = lines.map((line) => (JSON.parse(line) as { id: string }).id);
  expect(ids).toEqual(['seen', 'seen']);
  expect(job?.document.context).toEqual(
    plainContext(job?.document.context ?? { actor: '', purpose: '', requestId: '' }),
  );
  expect(job?.document.context.role).toBe('nurse');
});
