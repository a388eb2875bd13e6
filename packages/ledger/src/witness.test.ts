import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex, toUtf8 } from './bytes.ts';
import { sha256 } from './hasher.ts';
import { ed25519Cosigner, ed25519NoteSigner, mlDsa44Cosigner, noteVerifier } from './note-key.ts';
import { formatNote, parseNote, type SignedNote, verifyNote } from './signed-note.ts';
import { entries, flipped, logOf, readerOf, readsOrRefuses, seed, signedCheckpoint } from './test-log.ts';
import { emptyRoot } from './tree-hash.ts';
import type { TreeHead } from './verify-proof.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from './witness.ts';
import { type CosignRequest, requestCosignatures } from './witness-client.ts';
import { MemoryWitnessStore, Witness, type WitnessStore } from './witness-server.ts';

const ORIGIN = 'log.example';
const log = ed25519NoteSigner(ORIGIN, seed(1));
const stranger = ed25519NoteSigner(ORIGIN, seed(2));
const cosigners = [
  ed25519Cosigner('w.example', seed(3), () => 1234),
  mlDsa44Cosigner('w.example', seed(4), () => 1234),
];
const verifiers = cosigners.map(({ key }) => noteVerifier(key));

const { storage, head } = await logOf(entries(700));
const reader = await readerOf(storage, head);
const headAt = async (size: number): Promise<TreeHead> => ({ size, root: await reader.root(size) });

function witnessOf(store: WitnessStore = new MemoryWitnessStore(), evidence: string[] = []): Witness {
  const keys = (origin: string) => (origin === ORIGIN ? [noteVerifier(log.key)] : undefined);
  return new Witness({ cosigners, keys, store, onContradiction: (origin) => evidence.push(origin) });
}

async function body(oldSize: number, tree: TreeHead, signers = [log], origin = ORIGIN): Promise<Uint8Array> {
  const proof = oldSize <= tree.size && tree.size <= 700 ? await reader.proveConsistency(oldSize, tree.size) : [];
  return toUtf8(formatAddCheckpoint({ oldSize, proof, note: await signedCheckpoint(origin, tree, signers) }));
}

describe('add-checkpoint (C2SP tlog-witness)', () => {
  test('200: cosigns the first checkpoint, the same again, and one that continues it', async () => {
    const witness = witnessOf();
    for (const [old, size] of [
      [0, 300],
      [300, 300],
      [300, 700],
    ] as const) {
      const tree = await headAt(size);
      const answer = await witness.addCheckpoint(await body(old, tree));
      expect(answer).toMatchObject({ status: 200, contentType: 'text/plain; charset=utf-8' });
      const note = parseNote(`${(await signedCheckpoint(ORIGIN, tree, [log])).text}\n${answer.body}`);
      expect([...verifyNote(note, verifiers).keys()]).toEqual(verifiers);
    }
  });

  test('200: an empty log, and then one that is not', async () => {
    const witness = witnessOf();
    expect((await witness.addCheckpoint(await body(0, { size: 0, root: emptyRoot() }))).status).toBe(200);
    expect((await witness.addCheckpoint(await body(0, await headAt(5)))).status).toBe(200);
  });

  test.each(['', 'old 0\n', 'old 00\n\n', 'new 0\n\n', `old 0\n${'A'.repeat(44)}\n\n`, '\n\n\n'])(
    '400: %j',
    async (text) => {
      expect((await witnessOf().addCheckpoint(toUtf8(text))).status).toBe(400);
    },
  );

  test('400: more than 63 proof lines, lines that are not canonical hashes', async () => {
    const text = new TextDecoder().decode(await body(0, await headAt(5)));
    const hash = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n';
    const withProof = (lines: string) => witnessOf().addCheckpoint(toUtf8(text.replace('old 0\n', `old 0\n${lines}`)));
    expect((await withProof(hash.repeat(64))).status).toBe(400);
    expect((await withProof(hash.repeat(63))).status).toBe(422);
    expect((await withProof(hash.replace('A=', 'B='))).status).toBe(400);
    expect((await withProof(hash.slice(4))).status).toBe(400);
  });

  test('404: an unknown origin', async () => {
    expect((await witnessOf().addCheckpoint(await body(0, await headAt(5), [log], 'other.example'))).status).toBe(404);
  });

  test('403: no trusted signature, or one that does not hold', async () => {
    const tree = await headAt(5);
    expect((await witnessOf().addCheckpoint(await body(0, tree, [stranger]))).status).toBe(403);
    const note = await signedCheckpoint(ORIGIN, tree, [log]);
    const signatures = note.signatures.map((line) => ({ ...line, signature: flipped(line.signature, 3) }));
    const bad = formatAddCheckpoint({ oldSize: 0, proof: [], note: { ...note, signatures } });
    expect((await witnessOf().addCheckpoint(toUtf8(bad))).status).toBe(403);
  });

  test('400: an old size above the new', async () => {
    expect((await witnessOf().addCheckpoint(await body(6, await headAt(5)))).status).toBe(400);
  });

  test('409: an old size that is not the newest cosigned, which is told', async () => {
    const witness = witnessOf();
    const tooNew = await witness.addCheckpoint(await body(300, await headAt(700)));
    expect(tooNew).toEqual({ status: 409, contentType: 'text/x.tlog.size', body: '0\n' });
    await witness.addCheckpoint(await body(0, await headAt(300)));
    expect(await witness.addCheckpoint(await body(0, await headAt(700)))).toMatchObject({ status: 409, body: '300\n' });
    expect(await witness.addCheckpoint(await body(0, await headAt(100)))).toMatchObject({ status: 409, body: '300\n' });
  });

  test('422, kept as evidence: another root for one size, a proof that does not hold, a false empty tree', async () => {
    const evidence: string[] = [];
    const witness = witnessOf(new MemoryWitnessStore(), evidence);
    const { root } = await headAt(5);
    expect((await witness.addCheckpoint(await body(0, { size: 0, root }))).status).toBe(422);
    await witness.addCheckpoint(await body(0, await headAt(300)));
    expect((await witness.addCheckpoint(await body(300, { size: 300, root }))).status).toBe(422);
    expect((await witness.addCheckpoint(await body(300, { size: 700, root }))).status).toBe(422);
    expect(evidence).toEqual([ORIGIN, ORIGIN, ORIGIN]);
    expect((await witness.addCheckpoint(await body(300, await headAt(700)))).status).toBe(200);
  });

  test('of many requests at once from one size, none is rolled back', async () => {
    const store = new MemoryWitnessStore();
    const witness = witnessOf(store);
    const bodies = await Promise.all([10, 400, 20, 700, 30].map(async (size) => body(0, await headAt(size))));
    const answers = await Promise.all(bodies.map((request) => witness.addCheckpoint(request)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(4);
    const kept = [10, 400, 20, 700, 30][answers.findIndex(({ status }) => status === 200)];
    expect((await store.latest(ORIGIN))!.size).toBe(kept);
  });

  test('503: a store that always finds another request in between; nothing is cosigned', async () => {
    const contended: WitnessStore = { latest: async () => undefined, replace: async () => false };
    const answer = await witnessOf(contended).addCheckpoint(await body(0, await headAt(5)));
    expect(answer.status).toBe(503);
    expect(answer.body).not.toContain('\u2014');
  });

  test('the newest checkpoint is served with the signatures of log and witness', async () => {
    const witness = witnessOf();
    await witness.addCheckpoint(await body(0, await headAt(300), [log, stranger]));
    const hash = toHex(sha256(toUtf8(ORIGIN)));
    const answer = await witness.latestCheckpoint(hash, ['other.example', ORIGIN]);
    expect(answer.status).toBe(200);
    expect(parseNote(answer.body).signatures.map(({ keyId }) => keyId)).toEqual(
      [log, ...cosigners].map(({ keyId }) => keyId),
    );
    expect((await witness.latestCheckpoint(hash, ['other.example'])).status).toBe(404);
  });

  test('changed and random requests are read or refused with a LedgerError', async () => {
    const request = await body(300, await headAt(700));
    fc.assert(
      fc.property(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        readsOrRefuses(() => parseAddCheckpoint(flipped(request, at, mask)));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        readsOrRefuses(() => parseAddCheckpoint(random));
      }),
    );
  });
});

describe('the client of a witness', () => {
  const served =
    (witness: Witness) =>
    async (url: string, init?: RequestInit): Promise<Response> => {
      expect(url).toBe('https://w.example/add-checkpoint');
      const answer = await witness.addCheckpoint(toUtf8(String(init?.body)));
      return new Response(answer.body, { status: answer.status, headers: { 'content-type': answer.contentType } });
    };
  const requestFor = async (size: number, fetch: CosignRequest['fetch'], oldSize = 0): Promise<CosignRequest> => ({
    fetch,
    url: 'https://w.example',
    verifiers,
    note: await signedCheckpoint(ORIGIN, await headAt(size), [log]),
    oldSize,
    proveConsistency: (old) => reader.proveConsistency(old, size),
  });
  const answering =
    (status: number, text: string, contentType = 'text/plain') =>
    async () =>
      new Response(text, { status, headers: { 'content-type': contentType } });

  test('gets cosignatures, also where the witness is at another size than thought', async () => {
    const fetch = served(witnessOf());
    for (const size of [300, 700]) {
      const request = await requestFor(size, fetch);
      const result = await requestCosignatures(request);
      expect(result).toMatchObject({ outcome: 'cosigned' });
      if (result.outcome !== 'cosigned') continue;
      const grown: SignedNote = {
        text: request.note.text,
        signatures: [...request.note.signatures, ...result.signatures],
      };
      expect(verifyNote(parseNote(formatNote(grown)), verifiers).size).toBe(2);
    }
  });

  test('learns that the witness has seen more, so that storage set back is noticed', async () => {
    const witness = witnessOf();
    await witness.addCheckpoint(await body(0, await headAt(700)));
    expect(await requestCosignatures(await requestFor(300, served(witness)))).toEqual({ outcome: 'ahead', size: 700 });
  });

  test('learns that the witness has seen another history', async () => {
    const witness = witnessOf();
    const { root } = await headAt(5);
    await witness.addCheckpoint(await body(0, { size: 300, root }));
    expect(await requestCosignatures(await requestFor(700, served(witness)))).toEqual({ outcome: 'contradicted' });
    const older = answering(409, 'another root');
    expect(await requestCosignatures(await requestFor(5, older))).toEqual({ outcome: 'contradicted' });
  });

  test.each([
    [403, { outcome: 'unknown-key' }],
    [404, { outcome: 'unknown-log' }],
    [400, { outcome: 'failed', status: 400 }],
    [500, { outcome: 'failed', status: 500 }],
  ])('status %i', async (status, result) => {
    expect(await requestCosignatures(await requestFor(5, answering(status, '')))).toEqual(result);
  });

  test.each([
    ['nothing', 200, '', 'text/plain'],
    ['a signature of a stranger', 200, '\u2014 x.example AAAAAAA=\n', 'text/plain'],
    ['more than it may', 200, 'A'.repeat(200_000), 'text/plain'],
    ['a size that is no number', 409, '05\n', 'text/x.tlog.size'],
  ])('an answer of %s is refused', async (_what, status, text, contentType) => {
    const request = await requestFor(5, answering(status, text, contentType));
    await expect(requestCosignatures(request)).rejects.toMatchObject({ name: 'LedgerError' });
  });

  test('a witness that keeps changing its size is left for the next round', async () => {
    const result = await requestCosignatures(await requestFor(5, answering(409, '3\n', 'text/x.tlog.size')));
    expect(result).toEqual({ outcome: 'failed', status: 409 });
  });
});
