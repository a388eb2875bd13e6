import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64, toHex, toUtf8 } from './bytes.ts';
import { LedgerError } from './error.ts';
import { portableHasher } from './hasher.ts';
import {
  commitment,
  findChainFault,
  formatLeaf,
  LEAF_KIND,
  leafOf,
  type Opening,
  openedLeafHash,
  parseLeaf,
} from './leaf.ts';
import { ed25519Cosigner, ed25519NoteSigner, mlDsa44Cosigner } from './note-key.ts';
import { parsePolicy } from './policy.ts';
import type { Anchor, Receipt } from './receipt.ts';
import { formatReceipt, parseReceipt } from './receipt-json.ts';
import { signNote } from './signed-note.ts';
import { entries, flipped, logOf, readerOf, readsOrRefuses, seed, signedCheckpoint } from './test-log.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts';
import { verifyReceipt } from './verify-receipt.ts';
import { formatVerifierKey } from './vkey.ts';

const ORIGIN = 'log.example';
const log = ed25519NoteSigner(ORIGIN, seed(1));
const witness = ed25519Cosigner('w1.example', seed(2), () => 1_800_000_000);
const postQuantum = mlDsa44Cosigner('w2.example', seed(3), () => 1_800_000_060);
const policy = parsePolicy(
  [
    `log ${formatVerifierKey(log.key)}`,
    `witness hospital ${formatVerifierKey(witness.key)}`,
    `witness university ${formatVerifierKey(postQuantum.key)}`,
    'group both all hospital university',
    'quorum both',
    '',
  ].join('\n'),
);

/** Three events of one subject, the salts by number. */
const openings: Opening[] = [];
for (let sequence = 0; sequence < 3; sequence++) {
  const previous = sequence === 0 ? undefined : openedLeafHash(openings[sequence - 1]!);
  const event = toUtf8(`{"what":"view","number":${sequence}}`);
  openings.push({ suite: 1, kind: LEAF_KIND.event, salt: seed(50 + sequence), event, sequence, previous });
}
const leaves = entries(40).map((entry, i) =>
  i % 10 === 3 && i < 30 ? formatLeaf(leafOf(openings[(i - 3) / 10]!)) : entry,
);
const indexes = [3, 13, 23];
const { storage, head } = await logOf(leaves);
const reader = await readerOf(storage, head);

async function receiptOf(number: number, size = 40, anchorSizes: readonly number[] = []): Promise<Receipt> {
  const index = indexes[number]!;
  const note = await signedCheckpoint(ORIGIN, { size, root: await reader.root(size) }, [log, witness, postQuantum]);
  const hashes = await reader.proveInclusion(index, size);
  const anchors = await Promise.all(anchorSizes.map((anchored) => anchorAt(anchored, size)));
  return { proof: { index, hashes, note }, opening: openings[number]!, anchors };
}

async function anchorAt(size: number, checkpointSize: number): Promise<Anchor> {
  const consistency = await reader.proveConsistency(Math.min(size, checkpointSize), Math.max(size, checkpointSize));
  const contract = `0x${'ab'.repeat(20)}`;
  const transactionHash = `0x${'cd'.repeat(32)}`;
  return {
    chainId: 1337,
    contract,
    blockNumber: 12,
    transactionHash,
    size,
    root: await reader.root(size),
    consistency,
  };
}

describe('leaves', () => {
  test('have the layout that is documented', () => {
    const opening = openings[1]!;
    const message = Buffer.concat([
      Buffer.from('meridian.ledger.leaf.v1\n'),
      createHash('sha256').update(opening.event).digest(),
      Buffer.from('0000000000000001', 'hex'),
      opening.previous!,
    ]);
    const leaf = formatLeaf(leafOf(opening));
    expect(message).toHaveLength(96);
    expect(toHex(leaf)).toBe(`010101${createHmac('sha256', opening.salt).update(message).digest('hex')}`);
    expect(parseLeaf(leaf)).toEqual(leafOf(opening));
    expect(commitment(opening, portableHasher)).toEqual(commitment(opening));
  });

  test('what is not a leaf is refused', () => {
    const leaf = formatLeaf(leafOf(openings[0]!));
    for (const bad of [
      leaf.subarray(1),
      new Uint8Array([...leaf, 0]),
      flipped(leaf, 0),
      flipped(leaf, 1),
      flipped(leaf, 2),
    ]) {
      expect(() => parseLeaf(bad)).toThrow(expect.objectContaining({ code: 'bad-leaf' }));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        readsOrRefuses(() => parseLeaf(bytes));
      }),
    );
  });

  test.each([
    ['a short salt', { salt: new Uint8Array(31) }],
    ['no previous leaf after the first', { sequence: 1 }],
    ['a previous leaf before the first', { previous: seed(0) }],
    ['a negative sequence', { sequence: -1 }],
    ['kind 0', { kind: 0 }],
    ['kind 256', { kind: 256 }],
    ['an unknown suite', { suite: 2 }],
  ])('an opening with %s is refused', (_what, change) => {
    expect(() => leafOf({ ...openings[0]!, ...change })).toThrow(expect.objectContaining({ code: 'bad-leaf' }));
  });
});

describe('the chain of a subject', () => {
  const events = openings.map((opening, i) => ({ opening, index: indexes[i]! }));

  test('has no fault where nothing was left out', () => {
    expect(findChainFault(events)).toBeUndefined();
    expect(findChainFault([])).toBeUndefined();
  });

  test('shows an event that was left out, replaced or re-ordered', () => {
    expect(findChainFault(events.slice(1))).toMatchObject({ at: 0, fault: 'sequence' });
    expect(findChainFault([events[0]!, events[2]!])).toMatchObject({ at: 1, fault: 'sequence' });
    const replaced = { ...events[1]!, opening: { ...openings[1]!, salt: seed(9) } };
    expect(findChainFault([events[0]!, replaced, events[2]!])).toMatchObject({ at: 2, fault: 'link' });
    expect(findChainFault([events[0]!, { ...events[1]!, index: 3 }])).toMatchObject({ at: 1, fault: 'order' });
  });
});

describe('tlog-proof (C2SP)', () => {
  test('is written as specified and read the same, with and without extra data', async () => {
    const { proof } = await receiptOf(0);
    const leafHash = openedLeafHash(openings[0]!);
    for (const candidate of [
      proof,
      { ...proof, extra: toUtf8('age-v1.2.1') },
      { ...proof, extra: new Uint8Array(0) },
    ]) {
      const text = formatTlogProof(candidate);
      const read = parseTlogProof(text);
      expect(read).toMatchObject(candidate);
      expect(formatTlogProof(read)).toBe(text);
      expect(verifyTlogProof(read, leafHash)).toBe(true);
      expect(verifyTlogProof(read, openedLeafHash(openings[1]!))).toBe(false);
    }
    const lines = formatTlogProof({ ...proof, extra: toUtf8('x') }).split('\n');
    expect(lines.slice(0, 4)).toEqual(['c2sp.org/tlog-proof@v1', 'extra eA==', 'index 3', toBase64(proof.hashes[0]!)]);
    expect(lines.slice(9, 12)).toEqual(['', ORIGIN, '40']);
  });

  test('a tree of one leaf has a proof without hashes', async () => {
    const one = await logOf([leaves[3]!]);
    const note = await signedCheckpoint(ORIGIN, one.head, [log]);
    const read = parseTlogProof(formatTlogProof({ index: 0, hashes: [], note }));
    expect(verifyTlogProof(read, openedLeafHash(openings[0]!))).toBe(true);
  });

  test('what is malformed is refused', async () => {
    const text = formatTlogProof((await receiptOf(0)).proof);
    const hash = text.split('\n')[2]!;
    for (const bad of [
      '',
      text.replace('@v1', '@v2'),
      text.replace('index 3', 'index 03'),
      text.replace('index 3\n', ''),
      text.replace('index 3', 'extra eA==\nextra eA==\nindex 3'),
      text.replace('index 3', 'index 3\nextra eA=='),
      text.replace(hash, `${hash} `),
      text.replace(hash, hash.slice(4)),
      text.replace(hash, `${hash}\n`.repeat(64)),
      text.replace('\n\n', '\n'),
      `\n\n${text}`,
    ]) {
      expect(() => parseTlogProof(bad)).toThrow(expect.objectContaining({ code: 'bad-proof' }));
    }
  });
});

describe('receipts', () => {
  test('prove their event to whoever holds the policy', async () => {
    const receipt = parseReceipt(formatReceipt(await receiptOf(1)));
    const verdict = verifyReceipt(receipt, policy);
    expect(verdict).toMatchObject({
      outcome: 'proved',
      state: 'witnessed',
      origin: ORIGIN,
      index: 13,
      size: 40,
      witnesses: ['hospital', 'university'],
      witnessedAt: 1_800_000_060,
    });
    expect(verdict.checks.map(({ result }) => result)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(toHex(verdict.leafHash!)).toBe(toHex(openedLeafHash(openings[1]!)));
  });

  test('only promise where the quorum is not met yet', async () => {
    const receipt = await receiptOf(1);
    const { text, signatures } = receipt.proof.note;
    const note = { text, signatures: signatures.slice(0, 2) };
    const verdict = verifyReceipt({ ...receipt, proof: { ...receipt.proof, note } }, policy);
    expect(verdict).toMatchObject({ outcome: 'promised', state: 'logged', witnesses: ['hospital'] });
    const noQuorum = { ...policy, quorum: undefined };
    expect(
      verifyReceipt(
        { ...receipt, proof: { ...receipt.proof, note: { text, signatures: signatures.slice(0, 1) } } },
        noQuorum,
      ),
    ).toMatchObject({
      outcome: 'proved',
      state: 'logged',
    });
  });

  test('are refused for another event, from another log, or under a changed signature', async () => {
    const receipt = await receiptOf(1);
    const failed = (changed: Receipt) =>
      verifyReceipt(changed, policy)
        .checks.filter(({ result }) => result === 'failed')
        .map(({ name }) => name);
    expect(failed({ ...receipt, opening: openings[2]! })).toEqual(['inclusion']);
    expect(failed({ ...receipt, opening: { ...receipt.opening, salt: new Uint8Array(3) } })).toEqual([
      'opening',
      'inclusion',
    ]);
    const foreign = await signNote(receipt.proof.note.text, [
      ed25519NoteSigner(ORIGIN, seed(77)),
      witness,
      postQuantum,
    ]);
    expect(failed({ ...receipt, proof: { ...receipt.proof, note: foreign } })).toEqual(['log-signature']);
    const [first, ...rest] = receipt.proof.note.signatures;
    const signatures = [{ ...first!, signature: flipped(first!.signature, 0) }, ...rest];
    const altered = { ...receipt.proof.note, signatures };
    expect(failed({ ...receipt, proof: { ...receipt.proof, note: altered } })).toEqual(['log-signature']);
    expect(verifyReceipt({ ...receipt, opening: openings[2]! }, policy)).toMatchObject({
      outcome: 'refused',
      state: undefined,
    });
  });

  test('are anchored where the chain has been asked and says so', async () => {
    const receipt = parseReceipt(formatReceipt(await receiptOf(1, 30, [14, 30, 40])));
    const unknown = verifyReceipt(receipt, policy);
    expect(unknown).toMatchObject({ outcome: 'proved', state: 'witnessed' });
    expect(unknown.anchors).toHaveLength(3);
    expect(verifyReceipt(receipt, policy, { anchorOnChain: ({ size }) => size === 40 })).toMatchObject({
      state: 'anchored',
    });
    expect(verifyReceipt(receipt, policy, { anchorOnChain: () => false })).toMatchObject({
      outcome: 'proved',
      state: 'witnessed',
    });
  });

  test('are refused with an anchor of another history or older than the event', async () => {
    const receipt = await receiptOf(1, 30, [40]);
    const [anchor] = receipt.anchors as [Anchor];
    for (const change of [
      { root: flipped(anchor.root, 0) },
      { size: 20 },
      { consistency: [] },
      await anchorAt(13, 30),
      { ...(await anchorAt(30, 30)), root: anchor.root },
    ]) {
      const verdict = verifyReceipt({ ...receipt, anchors: [{ ...anchor, ...change }] }, policy);
      expect(verdict.checks.at(-1)).toMatchObject({ name: 'anchor', result: 'failed' });
      expect(verdict.outcome).toBe('refused');
    }
  });

  test('every change of a single byte of what a receipt proves is refused', async () => {
    const receipt = await receiptOf(1, 40, [30]);
    const holds = (changed: Receipt) => verifyReceipt(changed, policy).outcome === 'proved';
    expect(holds(receipt)).toBe(true);
    const { opening, proof, anchors } = receipt;
    for (let at = 0; at < 32; at++) {
      expect(holds({ ...receipt, opening: { ...opening, salt: flipped(opening.salt, at) } })).toBe(false);
      expect(holds({ ...receipt, opening: { ...opening, previous: flipped(opening.previous!, at) } })).toBe(false);
      expect(holds({ ...receipt, anchors: [{ ...anchors[0]!, root: flipped(anchors[0]!.root, at) }] })).toBe(false);
      const hashes = proof.hashes.with(2, flipped(proof.hashes[2]!, at));
      expect(holds({ ...receipt, proof: { ...proof, hashes } })).toBe(false);
    }
    for (let at = 0; at < opening.event.length; at++) {
      expect(holds({ ...receipt, opening: { ...opening, event: flipped(opening.event, at) } })).toBe(false);
    }
    expect(holds({ ...receipt, opening: { ...opening, sequence: 2 } })).toBe(false);
    expect(holds({ ...receipt, opening: { ...opening, kind: 2 } })).toBe(false);
    expect(holds({ ...receipt, proof: { ...proof, index: 12 } })).toBe(false);
  });

  test('every change of a byte of the JSON is refused, not proved, or proves the same event', async () => {
    const receipt = await receiptOf(1, 40, [30]);
    const json = toUtf8(formatReceipt(receipt));
    const leafHash = toHex(openedLeafHash(receipt.opening));
    for (let at = 0; at < json.length; at += 3) {
      const read = readsOrRefuses(() => parseReceipt(flipped(json, at)));
      const verdict = read === undefined ? undefined : verifyReceipt(read, policy);
      // What nothing signs can change without harm: where an anchor is said to be, spaces between fields.
      if (verdict?.outcome === 'proved') expect(toHex(verdict.leafHash!)).toBe(leafHash);
    }
  });
});

describe('receipts as JSON', () => {
  test('are read as what was written, and written the same', async () => {
    for (const receipt of [await receiptOf(0), await receiptOf(2, 30, [30, 40])]) {
      const json = formatReceipt(receipt);
      const read = parseReceipt(json);
      expect(read).toMatchObject(receipt);
      expect(formatReceipt(read)).toBe(json);
    }
  });

  test('a field too many, too few or of another form is refused', async () => {
    const good = JSON.parse(formatReceipt(await receiptOf(1, 30, [40])));
    const variants: unknown[] = [
      null,
      [],
      { ...good, more: 1 },
      { ...good, format: 'meridian-receipt/v2' },
      { ...good, anchors: {} },
      { ...good, anchors: Array(65).fill(good.anchors[0]) },
      { ...good, proof: 7 },
      { ...good, proof: 'c2sp.org/tlog-proof@v1\n' },
      { ...good, opening: { ...good.opening, sequence: 1 } },
      { ...good, opening: { ...good.opening, salt: good.opening.salt.slice(4) } },
      { ...good, opening: { ...good.opening, event: `${good.opening.event} ` } },
      { ...good, opening: { ...good.opening, kind: 1.5 } },
      { ...good, opening: { ...good.opening, suite: 2 } },
      { ...good, opening: { ...good.opening, previous: undefined } },
      { ...good, anchors: [{ ...good.anchors[0], contract: good.anchors[0].contract.toUpperCase() }] },
      { ...good, anchors: [{ ...good.anchors[0], consistency: Array(64).fill(good.anchors[0].root) }] },
    ];
    for (const variant of variants) {
      expect(() => parseReceipt(JSON.stringify(variant))).toThrow(expect.objectContaining({ code: 'bad-receipt' }));
    }
    expect(() => parseReceipt(' '.repeat((8 << 20) + 1))).toThrow(LedgerError);
  });

  test('no error repeats what is in the receipt', async () => {
    const json = formatReceipt(await receiptOf(1)).replace('"suite": 1', '"suite": "secret"');
    expect(() => parseReceipt(json)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });

  test('random text and random JSON are refused with a LedgerError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        readsOrRefuses(() => parseReceipt(text));
      }),
    );
  });
});
