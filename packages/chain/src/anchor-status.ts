import type { ConfirmedAnchor } from './anchor-state.ts';
import type { ChainErrorCode } from './chain-error.ts';

/**
 * How far anchoring has come. `anchored`: every leaf of the log is under `anchored`. `pending`: some are not, and wait for
 * their time or for a chain that answers. `sent`: a transaction with the rest is on its way, or its block is young.
 * `halted`: the chain and the log exclude each other; nothing is signed until somebody has looked.
 */
export type AnchorProgress = 'pending' | 'sent' | 'anchored' | 'halted';

/** What the anchoring job can say of itself, for health pages, metrics and receipts. */
export interface AnchorStatus {
  readonly progress: AnchorProgress;
  /** Newest anchor that is deep enough: good for the receipt of every event before its size. */
  readonly anchored: ConfirmedAnchor | undefined;
  /** Leaves of the log that are not under it. */
  readonly waiting: number;
  /** Why the last attempt failed; undefined where it did not. `unavailable`: the log or the store failed, not the chain. */
  readonly problem: { readonly code: ChainErrorCode | 'unavailable'; readonly sentence: string } | undefined;
  /** Attempts that failed since the last that did not. */
  readonly failures: number;
}
