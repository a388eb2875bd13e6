import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  auditLog,
  ed25519NoteSigner,
  formatAddCheckpoint,
  formatCheckpoint,
  formatVerifierKey,
  httpSource,
  noteVerifier,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseReceipt,
  parseVerifierKey,
  signNote,
  treeHasher,
  verifyConsistency,
  verifyNote,
  verifyReceipt,
} from '@meridian/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestServer, testServer } from '../testing/server.ts';

let server: TestServer;
let folder: string;
const other = ed25519NoteSigner('other.example/log', new Uint8Array(32).fill(9));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meridian-witness-for-'));
  writeFileSync(join(folder, 'logs'), `log ${formatVerifierKey(other.key)}\nquorum none\n`);
  process.env.MERIDIAN_WITNESS_FOR = join(folder, 'logs');
  server = await testServer();
});

afterAll(async () => {
  delete process.env.MERIDIAN_WITNESS_FOR;
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Receipt {
  url: string;
  valueUrl: string;
}

/** One GET below `/ledger/` without a token, as anybody may ask. */
async function get(path: string): Promise<Response> {
  return fetch(`${server.running.url}/ledger/${path}`);
}

async function head() {
  const note = parseNote(await (await get('checkpoint')).text());
  const keys = (await (await get('key')).text()).trim().split('\n').map(parseVerifierKey);
  expect(verifyNote(note, keys.map(noteVerifier)).size).toBe(2);
  return parseCheckpoint(note.text);
}

describe('the ledger over HTTP', () => {
  it('leads from a write to its receipt, which holds without the server', async () => {
    const created = await server.call('POST', 'Patient', { resourceType: 'Patient' }, { prefer: 'wait=logged' });
    expect(created.status).toBe(201);
    expect(created.headers['preference-applied']).toBe('wait=logged');
    const [, path = ''] = /<([^>]+)>; rel="urn:meridian:receipt"/.exec(String(created.headers.link)) ?? [];
    const byEvent = await server.raw('GET', path);
    expect(byEvent.status).toBe(200);
    expect(byEvent.headers['ledger-state']).toBe('logged');
    const byVersion = await server.raw('GET', `/ledger/receipt/Patient/${created.json.id}/_history/1`);
    expect(byVersion.text).toBe(byEvent.text);
    const policy = parsePolicy(await (await get('policy')).text());
    const verdict = verifyReceipt(parseReceipt(byEvent.text), policy);
    expect(verdict).toMatchObject({ outcome: 'proved', state: 'logged' });
  });

  it('leads from each entry of a batch or transaction to its receipt, and waits for all of them', async () => {
    const created = await server.call('POST', 'Patient', { resourceType: 'Patient' });
    for (const type of ['transaction', 'batch']) {
      const entry = [
        { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
        { resource: { resourceType: 'Basic', code: { text: 'x' } }, request: { method: 'POST', url: 'Basic' } },
        { request: { method: 'DELETE', url: `Patient/${created.json.id}` } },
        { request: { method: 'GET', url: 'Patient?_summary=count' } },
      ];
      const bundle = { resourceType: 'Bundle', type, entry };
      const answer = await server.call('POST', '', bundle, { prefer: 'wait=logged' });
      expect(answer.status).toBe(200);
      const responses = answer.json.entry.map(({ response }) => response as unknown as { extension?: Receipt[] });
      // the second time there is nothing left to delete
      expect(responses.map(({ extension }) => extension?.length)).toEqual([
        1,
        1,
        type === 'batch' ? undefined : 1,
        undefined,
      ]);
      const links = responses.flatMap(({ extension }) => extension ?? []);
      expect(new Set(links.map(({ valueUrl }) => valueUrl)).size).toBe(links.length);
      if (type === 'batch') continue;
      expect(answer.headers['preference-applied']).toBe('wait=logged');
      for (const { url, valueUrl } of links) {
        expect(url).toBe('urn:meridian:receipt');
        expect((await server.raw('GET', valueUrl)).headers['ledger-state']).toBe('logged');
      }
    }
    const gone = await server.call('PUT', 'Basic/gone', { resourceType: 'Basic', id: 'gone', code: { text: 'x' } });
    expect(gone.status).toBe(201);
    expect((await server.call('DELETE', 'Basic/gone')).headers.link).toMatch(/rel="urn:meridian:receipt"$/);
  });

  it('serves a log that a stranger can audit from its tiles', async () => {
    for (let i = 0; i < 5; i++)
      await server.call('POST', 'Patient', { resourceType: 'Patient' }, { prefer: 'wait=logged' });
    const report = await auditLog(httpSource(`${server.running.url}/ledger`, fetch), await head());
    expect(report).toMatchObject({ ok: true, findings: [] });
    const tile = await get('tile/entries/000.p/3');
    expect(tile.headers.get('cache-control')).toMatch(/immutable/);
    expect((await tile.arrayBuffer()).byteLength).toBe(3 * 37);
  });

  it('proves that the log only grew', async () => {
    const { size, root } = await head();
    const { proof } = (await (await get(`consistency?from=1&to=${size}`)).json()) as { proof: string[] };
    const entry = Buffer.from(await (await get('tile/entries/000.p/1')).arrayBuffer()).subarray(2);
    const hashes = proof.map((hash) => Buffer.from(hash, 'base64'));
    expect(verifyConsistency({ size: 1, root: treeHasher.leaf(entry) }, { size, root }, hashes)).toBe(true);
  });

  it('shows receipts only to whoever may see the event', async () => {
    const created = await server.call('POST', 'Patient', { resourceType: 'Patient' }, { prefer: 'wait=logged' });
    const nurse = await server.running.tokens.mint({ actor: 'Practitioner/n', system: false, expiresInSeconds: 60 });
    const headers = { authorization: `Bearer ${nurse}` };
    const path = `/ledger/receipt/Patient/${created.json.id}/_history/1`;
    expect((await server.raw('GET', path, undefined, headers)).status).toBe(404);
    expect((await get(path.slice('/ledger/'.length))).status).toBe(401);
    // whoever caused an event may see it, though the token reads nothing
    const writing = await server.running.tokens.mint({
      actor: 'system',
      system: true,
      expiresInSeconds: 60,
      scope: 'system/Patient.c',
    });
    const writer = { authorization: `Bearer ${writing}` };
    const patient = { resourceType: 'Patient' };
    const own = await server.call('POST', 'Patient', patient, { ...writer, prefer: 'wait=logged' });
    const ownPath = `/ledger/receipt/Patient/${own.json.id}/_history/1`;
    expect((await server.raw('GET', ownPath, undefined, writer)).status).toBe(200);
    expect((await server.raw('GET', `/ledger/chain/${own.json.id}`, undefined, writer)).status).toBe(403);
    expect((await server.raw('GET', `/ledger/chain/${own.json.id}`, undefined, headers)).status).toBe(403);
    const chain = await server.raw('GET', `/ledger/chain/${own.json.id}`);
    expect(chain.json.receipts).toHaveLength(1);
  });

  it('verifies the database on request', async () => {
    const started = await server.raw('POST', '/ledger/$verify');
    expect(started.status).toBe(202);
    const path = `/ledger/$verify/${started.json.id}`;
    let answer = await server.raw('GET', path);
    while (answer.json.state === 'running') answer = await server.raw('GET', path);
    expect(answer.json).toMatchObject({ state: 'finished', report: { ok: true, findings: [] } });
  });

  it('witnesses the logs it was told of, and no others', async () => {
    const root = treeHasher.leaf(new Uint8Array([1]));
    const note = await signNote(formatCheckpoint({ origin: other.name, size: 1, root }), [other]);
    const body = formatAddCheckpoint({ oldSize: 0, proof: [], note });
    const post = (text: string) => fetch(`${server.running.url}/ledger/add-checkpoint`, { method: 'POST', body: text });
    const answer = await post(body);
    expect(answer.status).toBe(200);
    expect((await answer.text()).split('\n')).toHaveLength(3);
    expect((await post(body)).status).toBe(409);
    const stranger = ed25519NoteSigner('stranger.example', new Uint8Array(32).fill(8));
    const theirs = await signNote(formatCheckpoint({ origin: stranger.name, size: 1, root }), [stranger]);
    expect((await post(formatAddCheckpoint({ oldSize: 0, proof: [], note: theirs }))).status).toBe(404);
  });

  it('refuses what is not there with a sentence', async () => {
    for (const path of [
      '',
      'tile/0/x000/000',
      'tile/9/000',
      'nothing',
      'consistency?from=2&to=1',
      'receipt/event/zz',
    ]) {
      const answer = await get(path);
      expect([400, 404]).toContain(answer.status);
      expect(((await answer.json()) as { issue: { diagnostics: string }[] }).issue[0]?.diagnostics).toMatch(/\.$/);
    }
    expect((await get('status')).status).toBe(200);
  });
});
