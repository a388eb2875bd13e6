import {
  assembleProof,
  consistencyRanges,
  emptyRoot,
  type SubtreeHash,
  type TreeHead,
  treeHasher,
} from '@meridian/ledger';

/** A log whose leaves are all the same, so that trees of any size are quickly made. */
export interface TestLog {
  head(size: number): TreeHead;
  /** Consistency proof between two sizes. */
  prove(oldSize: number, newSize: number): Uint8Array[];
}

/** Logs of different entries have different histories from their first leaf on. */
export function testLog(entry = 'entry'): TestLog {
  const levels = [treeHasher.leaf(new TextEncoder().encode(entry))];
  const hashOf: SubtreeHash = ({ level }) => {
    for (let at = levels.length; at <= level; at++) levels.push(treeHasher.node(levels[at - 1]!, levels[at - 1]!));
    return levels[level]!;
  };
  return {
    head: (size) => ({
      size,
      root: size === 0 ? emptyRoot() : assembleProof([{ start: 0, end: size }], hashOf)[0]!,
    }),
    prove: (oldSize, newSize) => assembleProof(consistencyRanges(oldSize, newSize), hashOf),
  };
}
