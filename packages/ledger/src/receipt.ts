import type { Opening } from './leaf.ts';
import type { TlogProof } from './tlog-proof.ts';
import type { TreeHead } from './verify-proof.ts';

/** Where on a chain a tree head was recorded. Data only: whether the chain has it must be asked of the chain. */
export interface Anchor extends TreeHead {
  /** EIP-155 chain id. */
  readonly chainId: number;
  /** Address of the contract, `0x` and 40 lower-case hexadecimal digits. */
  readonly contract: string;
  readonly blockNumber: number;
  /** `0x` and 64 lower-case hexadecimal digits. */
  readonly transactionHash: string;
  /**
   * Consistency proof between the checkpoint of the receipt and the anchored head, from the smaller to the larger.
   * Empty where they have one size.
   */
  readonly consistency: readonly Uint8Array[];
}

/**
 * What a person keeps to show that an event was recorded: the event itself and how it opens its leaf, proof that the
 * leaf is in the log, and where the log was anchored. It grows: a checkpoint with more cosignatures replaces the first,
 * anchors are added; the opening stays.
 */
export interface Receipt {
  readonly proof: TlogProof;
  readonly opening: Opening;
  readonly anchors: readonly Anchor[];
}

/** How far an event has come: in the log, seen by independent witnesses, on a chain. */
export type ReceiptState = 'logged' | 'witnessed' | 'anchored';
