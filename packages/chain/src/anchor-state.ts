import type { TreeHead } from '@meridian/ledger';
import { fromHex, type Hex, isHex, toHex } from 'viem';
import { ChainError } from './chain-error.ts';
import type { SignedTransaction } from './transaction.ts';

/** An anchor in a block that was deep enough when last looked at: what a receipt says of it, and the hash of the block. */
export interface ConfirmedAnchor extends TreeHead {
  readonly chainId: number;
  /** Lower-case, as receipts have it. */
  readonly contract: string;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
}

/** A transaction on its way, and what it anchors. */
export interface SentAnchor extends TreeHead, Omit<SignedTransaction, 'serialized'> {
  /** When it was signed, POSIX milliseconds. */
  readonly at: number;
}

/**
 * What the anchoring job remembers. The chain is the truth, and all of this can be lost without harm but `signed`: the
 * newest head that the anchoring key signed, which must never be contradicted.
 */
export interface AnchorState {
  readonly signed?: TreeHead;
  readonly sent?: SentAnchor;
  readonly anchored?: ConfirmedAnchor;
}

/** Keeps the state. `save` comes back when it is as safe as the caller wants it to be against a crash. */
export interface AnchorStore {
  load(): Promise<AnchorState>;
  save(state: AnchorState): Promise<void>;
}

/** Keeps the state for as long as the process lives. */
export class MemoryAnchorStore implements AnchorStore {
  #state: AnchorState = {};

  load(): Promise<AnchorState> {
    return Promise.resolve(this.#state);
  }

  save(state: AnchorState): Promise<void> {
    this.#state = state;
    return Promise.resolve();
  }
}

/** The state as JSON, for stores that keep text: hashes in hexadecimal digits, fees as decimal strings. */
export function formatAnchorState({ signed, sent, anchored }: AnchorState): string {
  return JSON.stringify({
    signed: signed && headJson(signed),
    sent: sent && {
      ...headJson(sent),
      hash: sent.hash,
      nonce: sent.nonce,
      maxFeePerGas: `${sent.maxFeePerGas}`,
      maxPriorityFeePerGas: `${sent.maxPriorityFeePerGas}`,
      at: sent.at,
    },
    anchored: anchored && { ...anchored, ...headJson(anchored) },
  });
}

/** Reads what `formatAnchorState` wrote. Throws `bad-state`. */
export function parseAnchorState(text: string): AnchorState {
  try {
    const { signed, sent, anchored } = JSON.parse(text) as Record<string, Record<string, unknown> | undefined>;
    return {
      ...(signed && { signed: readHead(signed) }),
      ...(sent && {
        sent: {
          ...readHead(sent),
          hash: readHash(sent.hash),
          nonce: readCount(sent.nonce),
          maxFeePerGas: BigInt(String(sent.maxFeePerGas)),
          maxPriorityFeePerGas: BigInt(String(sent.maxPriorityFeePerGas)),
          at: readCount(sent.at),
        },
      }),
      ...(anchored && {
        anchored: {
          ...readHead(anchored),
          chainId: readCount(anchored.chainId),
          contract: String(anchored.contract),
          blockNumber: readCount(anchored.blockNumber),
          blockHash: readHash(anchored.blockHash),
          transactionHash: readHash(anchored.transactionHash),
        },
      }),
    };
  } catch {
    throw new ChainError(
      'bad-state',
      'The state of the anchoring job cannot be read: put it back from a backup, or, if the chain holds the newest ' +
        'anchor of this log, remove it.',
    );
  }
}

const headJson = ({ size, root }: TreeHead) => ({ size, root: toHex(root) });

const readHead = ({ size, root }: Record<string, unknown>): TreeHead => ({
  size: readCount(size),
  root: fromHex(readHash(root), 'bytes'),
});

function readHash(value: unknown): Hex {
  if (!isHex(value) || value.length !== 66) throw new TypeError('not 32 bytes');
  return value;
}

function readCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new TypeError('not a count');
  return value;
}
