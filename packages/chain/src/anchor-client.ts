import type { Anchor, TreeHead } from '@meridian/ledger';
import { type Address, encodeFunctionData, fromHex, type Hex, toHex } from 'viem';
import { anchorAbi } from './abi.ts';
import { asking, ChainError } from './chain-error.ts';
import type { ChainConnection } from './connection.ts';
import type { HeadStatement } from './head-statement.ts';
import type { Bytes32 } from './log-id.ts';
import { type Sender, type SignedTransaction, signTransaction, type TransactionCall, transact } from './transaction.ts';

/** The newest head of a log in the contract. Size 0 and the root of zeros where none was anchored. */
export interface ChainHead extends TreeHead {
  readonly blockNumber: number;
  /** When the block was made, as it says; POSIX seconds. */
  readonly time: number;
  /** The log was shown to have signed two histories. */
  readonly forked: boolean;
}

/** An anchor found on the chain. */
export interface AnchorEvent extends TreeHead {
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  /** Block of the anchor before, 0 for the first. */
  readonly previousBlock: number;
}

/** Proof that a log signed a head which the history it signed later does not contain (see LogAnchor.sol). */
export interface ForkEvidence {
  readonly earlier: HeadStatement;
  /** Of the same size or larger. */
  readonly later: HeadStatement;
  /** Root that the first `earlier.size` leaves of the later tree have; `later.root` where the sizes are one. */
  readonly rootOfEarlier: Uint8Array;
  /** Consistency proof from there to the later head. */
  readonly proof: readonly Uint8Array[];
}

/**
 * What the chain says of an anchor. `held`: there, in a block that is deep enough. `unconfirmed`: there, but the block is
 * young and may go. `absent`: not there. `forked`: there, but the log was shown to have two histories. `elsewhere`: on
 * another chain or in another contract than this client trusts; its own chain must be asked.
 */
export type AnchorVerdict = 'held' | 'unconfirmed' | 'absent' | 'forked' | 'elsewhere';

/** Speaks to a LogAnchor. Every call may throw `unreachable`; changes throw `refused` with the contract's reason. */
export class AnchorClient {
  readonly connection: ChainConnection;
  readonly address: Address;

  constructor(connection: ChainConnection, address: Address) {
    this.connection = connection;
    this.address = address;
  }

  /** Anchors a head and waits for the block. The anchoring job does this with more care. Gives the transaction. */
  async anchor(sender: Sender, statement: HeadStatement, proof: readonly Uint8Array[]): Promise<Hex> {
    const call = this.#anchorCall(statement, proof);
    return (await transact(this.connection, sender, call)).transactionHash;
  }

  /** A transaction that anchors a head, signed but not sent. Throws `refused` where the contract would not take it. */
  async signAnchor(
    sender: Sender,
    statement: HeadStatement,
    proof: readonly Uint8Array[],
    replaces?: TransactionCall['replaces'],
  ): Promise<SignedTransaction> {
    const call = this.#anchorCall(statement, proof);
    return signTransaction(this.connection, sender, replaces === undefined ? call : { ...call, replaces });
  }

  /** Shows the contract that a log has forked, and waits for the block. Anyone may. */
  async reportFork(sender: Sender, { earlier, later, rootOfEarlier, proof }: ForkEvidence): Promise<Hex> {
    if (earlier.log !== later.log) throw new ChainError('bad-argument', 'The statements are of two logs.');
    const args = [
      earlier.log,
      statementArgument(earlier),
      statementArgument(later),
      toHex(rootOfEarlier),
      proof.map((hash) => toHex(hash)),
    ] as const;
    const data = encodeFunctionData({ abi: anchorAbi, functionName: 'reportFork', args });
    return (await transact(this.connection, sender, { to: this.address, data })).transactionHash;
  }

  /** The newest head of the log. Throws `no-contract`. */
  async latest(log: Bytes32): Promise<ChainHead> {
    const [root, size, block, time, forked] = await asking(() =>
      this.connection.client.readContract({
        address: this.address,
        abi: anchorAbi,
        functionName: 'heads',
        args: [log],
      }),
    );
    return { root: fromHex(root, 'bytes'), size: count(size), blockNumber: count(block), time: count(time), forked };
  }

  /** The anchors of the log in one block, in order. */
  async anchorsInBlock(log: Bytes32, blockNumber: number): Promise<AnchorEvent[]> {
    const block = BigInt(blockNumber);
    const events = await asking(() =>
      this.connection.client.getContractEvents({
        address: this.address,
        abi: anchorAbi,
        eventName: 'Anchored',
        args: { log },
        fromBlock: block,
        toBlock: block,
        strict: true,
      }),
    );
    return events.map(({ args, blockHash, transactionHash }) => ({
      size: count(args.size),
      root: fromHex(args.root, 'bytes'),
      blockNumber,
      blockHash,
      transactionHash,
      previousBlock: count(args.previousBlock),
    }));
  }

  /**
   * Every anchor of the log, newest first, by the back links of the events: one question a block that holds some,
   * none for the others. Ends early where the node has thrown old events away.
   */
  async *historyOf(log: Bytes32): AsyncGenerator<AnchorEvent> {
    let { blockNumber } = await this.latest(log);
    while (blockNumber > 0) {
      const events = await this.anchorsInBlock(log, blockNumber);
      yield* events.toReversed();
      const previous = events[0]?.previousBlock ?? 0;
      // A chain only links backwards; a node that does not would lead round in circles.
      if (previous >= blockNumber)
        throw new ChainError('unreachable', 'The node gives events that cannot be; ask another.');
      blockNumber = previous;
    }
  }

  /**
   * Asks the chain about the anchor in a receipt. The caller trusts this contract on this chain, and knows the log: an
   * anchor that names another contract proves nothing, since anyone can deploy one.
   *
   * @param confirmations blocks that must be there from the anchor's on, itself counted
   */
  async verifyAnchor(log: Bytes32, anchor: Anchor, confirmations = 1): Promise<AnchorVerdict> {
    const { client, chainId } = this.connection;
    if (anchor.chainId !== chainId || anchor.contract.toLowerCase() !== this.address.toLowerCase()) return 'elsewhere';
    const tip = await asking(() => client.getBlockNumber());
    if (anchor.blockNumber > Number(tip)) return 'absent';
    const root = toHex(anchor.root);
    const events = await this.anchorsInBlock(log, anchor.blockNumber);
    const found = events.some(
      (event) =>
        event.size === anchor.size && toHex(event.root) === root && event.transactionHash === anchor.transactionHash,
    );
    if (!found) return 'absent';
    if ((await this.latest(log)).forked) return 'forked';
    return Number(tip) - anchor.blockNumber + 1 >= confirmations ? 'held' : 'unconfirmed';
  }

  #anchorCall(statement: HeadStatement, proof: readonly Uint8Array[]): { to: Address; data: Hex } {
    const args = [statement.log, statementArgument(statement), proof.map((hash) => toHex(hash))] as const;
    return { to: this.address, data: encodeFunctionData({ abi: anchorAbi, functionName: 'anchor', args }) };
  }
}

function statementArgument({ size, root, signature }: HeadStatement) {
  return { size: BigInt(size), root: toHex(root), signature };
}

function count(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ChainError('bad-argument', 'The chain holds a number above 2^53 - 1, which no log of ours reaches.');
  }
  return Number(value);
}
