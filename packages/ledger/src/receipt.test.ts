import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex, toUtf8 } from './bytes.ts';
import { LedgerError } from './error.ts';
import { openedLeafHash } from './leaf.ts';
import { ed25519NoteSigner } from './note-key.ts';
import type { Anchor, Receipt } from './receipt.ts';
import { formatReceipt, parseReceipt } from './receipt-json.ts';
import { signNote } from './signed-note.ts';
import { flipped, readsOrRefuses, seed } from './test-log.ts';
import { anchorAt, ORIGIN, openings, policy, postQuantum, receiptOf, witness } from './test-receipt.ts';
import { verifyReceipt } from './verify-receipt.ts';

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
