import { setTimeout as sleep } from 'node:timers/promises';
import { LedgerError, type TileReader, type TreeHead } from '@meridian/ledger';

/** Somebody outside this database who remembers how far the log has come: a chain, a file, an auditor. */
export interface KnownHeads {
  /** For sentences, such as `the chain`. */
  readonly name: string;
  /** The largest head it knows of the log; undefined where it knows none. Throws where it cannot be asked now. */
  latest(origin: string): Promise<TreeHead | undefined>;
}

/**
 * Asks somebody for their head.
 *
 * @param patience milliseconds
 * @returns undefined where no answer came
 */
export async function askHead(
  memory: KnownHeads,
  origin: string,
  patience: number,
): Promise<{ head: TreeHead | undefined } | undefined> {
  const patient = new AbortController();
  const gone = sleep(patience, undefined, { signal: patient.signal }).catch(() => undefined);
  const answer = memory.latest(origin).then(
    (head) => ({ head }),
    () => undefined,
  );
  try {
    return await Promise.race([answer, gone]);
  } finally {
    patient.abort();
  }
}

/** What somebody outside says about our log. */
export type HeadComparison =
  | { readonly outcome: 'agrees' }
  /** They know more leaves than we have. */
  | { readonly outcome: 'ahead'; readonly size: number }
  /** They know another history. */
  | { readonly outcome: 'contradicts' };

/** Compares a head that somebody knows with our log. */
export async function compareHead(known: TreeHead, ours: TileReader): Promise<HeadComparison> {
  if (known.size > ours.head.size) return { outcome: 'ahead', size: known.size };
  try {
    const root = await ours.root(known.size);
    return Buffer.from(root).equals(known.root) ? { outcome: 'agrees' } : { outcome: 'contradicts' };
  } catch (error) {
    // our own tiles do not hold together: not a word about them can be signed
    if (error instanceof LedgerError) return { outcome: 'contradicts' };
    throw error;
  }
}

/** What the operator reads where a comparison forbids signing; undefined where it does not. */
export function refusalOf(name: string, size: number, comparison: HeadComparison): string | undefined {
  switch (comparison.outcome) {
    case 'agrees':
      return undefined;
    case 'ahead':
      return (
        `The ledger has ${size} entries, but ${name} has seen ${comparison.size}: this database is older than what was ` +
        'shown to others, most likely restored from a backup. Nothing is signed until that is settled, events wait in ' +
        `the outbox. Stop the server and restore a newer state of the database, with at least ${comparison.size} ledger ` +
        'entries; if there is none, see "After a loss" in docs/integrity.md.'
      );
    case 'contradicts':
      return (
        `The ledger of this database has ${size} entries and another history than ${name} has seen: it was changed, or two ` +
        'copies of the database went on separately. Nothing is signed until that is settled, events wait in the outbox. ' +
        'Run `meridian verify` to see what differs, stop the server and restore the copy whose checkpoints were published; ' +
        'see "After a loss" in docs/integrity.md.'
      );
  }
}
