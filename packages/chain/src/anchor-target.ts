import type { Anchor, TreeHead } from '@meridian/ledger';
import { BlockNotFoundError, type Hex, isAddressEqual, TransactionNotFoundError, toHex } from 'viem';
import { AnchorClient, type AnchorEvent, type AnchorVerdict, type ChainHead } from './anchor-client.ts';
import { asking, ChainError } from './chain-error.ts';
import { type ConnectOptions, connectChain } from './connection.ts';
import { type Contracts, checkContracts } from './deploy.ts';
import { type AnchoringKey, signHead } from './head-statement.ts';
import type { Bytes32 } from './log-id.ts';
import { RegistryClient } from './registry-client.ts';
import { type Sender, type SignedTransaction, sendTransaction, type TransactionCall } from './transaction.ts';

/** The chain at one moment, as far as one log is concerned. */
export interface ChainView {
  /** Number of the newest block. */
  readonly tip: number;
  /** Newest anchor of the log. */
  readonly head: AnchorEvent | undefined;
  readonly forked: boolean;
}

/** Where the anchoring job puts the heads of one log. Every call may throw `ChainError`. */
export interface AnchorTarget {
  readonly chainId: number;
  readonly contract: string;
  view(): Promise<ChainView>;
  /** Hash of the block that has this number now; undefined where there is none. */
  blockHash(blockNumber: number): Promise<Hex | undefined>;
  /** Whether the node has this transaction, mined or not. */
  knows(transactionHash: Hex): Promise<boolean>;
  /** What the chain says of an anchor that was recorded earlier. */
  verify(anchor: Omit<Anchor, 'consistency'>): Promise<AnchorVerdict>;
  /** Signs head and transaction, sends nothing. */
  sign(
    head: TreeHead,
    proof: readonly Uint8Array[],
    replaces?: TransactionCall['replaces'],
  ): Promise<SignedTransaction>;
  send(transaction: SignedTransaction): Promise<void>;
}

export interface AnchoredLog {
  /** Identifier in the registry, see `logIdOf`. */
  readonly log: Bytes32;
  readonly key: AnchoringKey;
  /** Pays. Used for nothing else, or nonces cross. */
  readonly sender: Sender;
}

/**
 * Connects to a chain on which the log is registered. Throws `unreachable`, `wrong-chain`, `no-contract`, or `refused`
 * where the registry does not have the log with this key.
 */
export async function openAnchorTarget(
  url: string,
  contracts: Contracts,
  anchored: AnchoredLog,
  options: ConnectOptions = {},
): Promise<AnchorTarget> {
  const connection = await connectChain(url, options);
  await checkContracts(connection, contracts);
  const registered = await new RegistryClient(connection, contracts.registry).log(anchored.log);
  if (registered === undefined || !isAddressEqual(registered.anchoringKey, anchored.key.address)) {
    const message = 'The registry does not have this log with this anchoring key; its organisation must register it.';
    throw new ChainError('refused', message, 'LogNotActive');
  }
  return new EvmAnchorTarget(new AnchorClient(connection, contracts.anchor), anchored);
}

/** How often a chain that changes is looked at before it is left for later. */
const LOOKS = 5;

/** A LogAnchor on an EVM chain. */
export class EvmAnchorTarget implements AnchorTarget {
  readonly #client: AnchorClient;
  readonly #anchored: AnchoredLog;

  constructor(client: AnchorClient, anchored: AnchoredLog) {
    this.#client = client;
    this.#anchored = anchored;
  }

  get chainId(): number {
    return this.#client.connection.chainId;
  }

  get contract(): string {
    return this.#client.address.toLowerCase();
  }

  async view(): Promise<ChainView> {
    const { log } = this.#anchored;
    const tip = Number(await asking(() => this.#client.connection.client.getBlockNumber()));
    for (let look = 0; look < LOOKS; look++) {
      // Not "as of block `tip`": nodes that keep little history answer for the newest block only. An anchor that is newer
      // than `tip` merely counts as not confirmed yet.
      const head = await this.#client.latest(log);
      if (head.size === 0) return { tip, head: undefined, forked: head.forked };
      const event = await this.#eventOf(head);
      if (event !== undefined) return { tip, head: event, forked: head.forked };
    }
    throw new ChainError('bad-answer', 'The chain changes while it is looked at; look again.');
  }

  /** Undefined where the node has the state of a block already but not its events, or the block was replaced meanwhile. */
  async #eventOf({ size, root, blockNumber }: ChainHead): Promise<AnchorEvent | undefined> {
    try {
      const events = await this.#client.anchorsInBlock(this.#anchored.log, blockNumber);
      return events.find((event) => event.size === size && toHex(event.root) === toHex(root));
    } catch (error) {
      if (error instanceof ChainError && error.code === 'bad-answer') return undefined;
      throw error;
    }
  }

  async blockHash(blockNumber: number): Promise<Hex | undefined> {
    return orUndefined(BlockNotFoundError, async () => {
      const { hash } = await this.#client.connection.client.getBlock({ blockNumber: BigInt(blockNumber) });
      return hash;
    });
  }

  async knows(hash: Hex): Promise<boolean> {
    const found = await orUndefined(TransactionNotFoundError, () =>
      this.#client.connection.client.getTransaction({ hash }),
    );
    return found !== undefined;
  }

  verify(anchor: Omit<Anchor, 'consistency'>): Promise<AnchorVerdict> {
    return this.#client.verifyAnchor(this.#anchored.log, { ...anchor, consistency: [] });
  }

  async sign(
    head: TreeHead,
    proof: readonly Uint8Array[],
    replaces?: TransactionCall['replaces'],
  ): Promise<SignedTransaction> {
    const { key, log, sender } = this.#anchored;
    return this.#client.signAnchor(sender, await signHead(key, log, head), proof, replaces);
  }

  send(transaction: SignedTransaction): Promise<void> {
    return sendTransaction(this.#client.connection, transaction);
  }
}

/** The answer, or undefined where the node says that there is none. */
function orUndefined<T>(missing: abstract new (...args: never[]) => Error, question: () => Promise<T>) {
  return asking<T | undefined>(() =>
    question().catch((error: unknown) => {
      if (error instanceof missing) return undefined;
      throw error;
    }),
  );
}
