import { describe, expect, test } from 'vitest';
import { toBase64, toUtf8 } from './bytes.ts';
import { formatLeaf, leafOf, openedLeafHash } from './leaf.ts';
import { logOf, signedCheckpoint } from './test-log.ts';
import { log, ORIGIN, openings, receiptOf } from './test-receipt.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts';

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
    const one = await logOf([formatLeaf(leafOf(openings[0]!))]);
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
