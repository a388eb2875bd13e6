import { toUtf8 } from './bytes.ts';
import { formatLeaf, LEAF_KIND, leafOf, type Opening, openedLeafHash } from './leaf.ts';
import { ed25519Cosigner, ed25519NoteSigner, mlDsa44Cosigner } from './note-key.ts';
import { parsePolicy } from './policy.ts';
import type { Anchor, Receipt } from './receipt.ts';
import { entries, logOf, readerOf, seed, signedCheckpoint } from './test-log.ts';
import { formatVerifierKey } from './vkey.ts';

/** A log of 40 leaves with three events of one subject in it, for the tests of this package. */

export const ORIGIN = 'log.example';
export const log = ed25519NoteSigner(ORIGIN, seed(1));
export const witness = ed25519Cosigner('w1.example', seed(2), () => 1_800_000_000);
export const postQuantum = mlDsa44Cosigner('w2.example', seed(3), () => 1_800_000_060);
export const policy = parsePolicy(
  [
    `log ${formatVerifierKey(log.key)}`,
    `witness hospital ${formatVerifierKey(witness.key)}`,
    `witness university ${formatVerifierKey(postQuantum.key)}`,
    'group both all hospital university',
    'quorum both',
    '',
  ].join('\n'),
);

/** Openings of three events of one subject. */
export const openings: Opening[] = [];
for (let sequence = 0; sequence < 3; sequence++) {
  const previous = sequence === 0 ? undefined : openedLeafHash(openings[sequence - 1]!);
  const event = toUtf8(`{"what":"view","number":${sequence}}`);
  openings.push({ suite: 1, kind: LEAF_KIND.event, salt: seed(50 + sequence), event, sequence, previous });
}
const leaves = entries(40).map((entry, i) =>
  i % 10 === 3 && i < 30 ? formatLeaf(leafOf(openings[(i - 3) / 10]!)) : entry,
);
export const indexes = [3, 13, 23];
const { storage, head } = await logOf(leaves);
const reader = await readerOf(storage, head);

/** Receipt of one of the three, under a checkpoint of `size` leaves, with anchors of these sizes. */
export async function receiptOf(number: number, size = 40, anchorSizes: readonly number[] = []): Promise<Receipt> {
  const index = indexes[number]!;
  const note = await signedCheckpoint(ORIGIN, { size, root: await reader.root(size) }, [log, witness, postQuantum]);
  const hashes = await reader.proveInclusion(index, size);
  const anchors = await Promise.all(anchorSizes.map((anchored) => anchorAt(anchored, size)));
  return { proof: { index, hashes, note }, opening: openings[number]!, anchors };
}

/** An anchor of the first `size` leaves, tied to a checkpoint of another size. */
export async function anchorAt(size: number, checkpointSize: number): Promise<Anchor> {
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
