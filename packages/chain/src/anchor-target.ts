import type { TreeHead } from '@meridian/ledger';
import { BlockNotFoundError, type Hex, isAddressEqual, TransactionNotFoundError, toHex } from 'viem';
import { AnchorClient, type AnchorEvent } from './anchor-client.ts';
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
    const { forked, ...head } = await this.#client.latest(log, tip);
    if (head.size === 0) return { tip, head: undefined, forked };
    const root = toHex(head.root);
    const events = await this.#client.anchorsInBlock(log, head.blockNumber);
    const event = events.find(({ size, root: anchored }) => size === head.size && toHex(anchored) === root);
    if (event === undefined) {
      throw new ChainError('unreachable', 'The chain changed while it was looked at; look again.');
    }
    return { tip, head: event, forked };
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

async function orUndefined<T>(missing: abstract new (...args: never[]) => Error, work: () => Promise<T>) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof missing) return undefined;
    return asking<never>(() => Promise.reject(error));
  }
}
