import { type Address, type Hex, keccak256, type LocalAccount, type TransactionReceipt } from 'viem';
import { asking, ChainError, chainErrorOf } from './chain-error.ts';
import type { ChainConnection } from './connection.ts';

/** Pays for transactions. Needs no right on the contracts. */
export type Sender = LocalAccount;

/** A transaction that is signed but not sent: its hash is known before anything can go wrong. */
export interface SignedTransaction {
  readonly hash: Hex;
  readonly serialized: Hex;
  readonly nonce: number;
  /** Wei per gas at most (EIP-1559). */
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What a transaction does; without `to` it deploys. */
export interface TransactionCall {
  readonly to?: Address;
  readonly data: Hex;
  /** The transaction of the same sender and nonce that this one is to replace in the node's pool. */
  readonly replaces?: Pick<SignedTransaction, 'nonce' | 'maxFeePerGas' | 'maxPriorityFeePerGas'>;
}

/**
 * Signs a transaction with the sender's next nonce that is not mined yet. One sender must serve one sequence of
 * transactions. Throws `unreachable`; a call that would fail fails here.
 */
export async function signTransaction(
  { client, chainId }: ChainConnection,
  sender: Sender,
  call: TransactionCall,
): Promise<SignedTransaction> {
  const target = call.to === undefined ? {} : { to: call.to };
  const [gas, fees, nextNonce, balance] = await asking(() =>
    Promise.all([
      // On what is mined, not on what is in the pool: the pool may hold the very transaction that is to be replaced.
      client.estimateGas({ account: sender.address, data: call.data, blockTag: 'latest', ...target }),
      client.estimateFeesPerGas(),
      client.getTransactionCount({ address: sender.address, blockTag: 'latest' }),
      client.getBalance({ address: sender.address }),
    ]),
  );
  const { replaces } = call;
  // Who has no money can only be on a chain that charges nothing, whatever tip its nodes suggest.
  const offered = balance === 0n ? { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n } : fees;
  const maxPriorityFeePerGas = raised(offered.maxPriorityFeePerGas, replaces?.maxPriorityFeePerGas);
  const maxFeePerGas = raised(offered.maxFeePerGas, replaces?.maxFeePerGas);
  const serialized = await sender.signTransaction({
    type: 'eip1559',
    chainId,
    nonce: nextNonce,
    // The head may have moved between the estimate and the block, by one hash of the proof or so.
    gas: (gas * 6n) / 5n,
    maxFeePerGas,
    maxPriorityFeePerGas,
    data: call.data,
    ...target,
  });
  return { hash: keccak256(serialized), serialized, nonce: nextNonce, maxFeePerGas, maxPriorityFeePerGas };
}

// Nodes take a second transaction of one nonce only where it pays a tenth more (Besu, Geth), so give an eighth; but never
// more than ten times what the chain asks now, or a chain that stands still for a day would make the next block a feast.
function raised(fee: bigint, replaced: bigint | undefined): bigint {
  if (replaced === undefined) return fee;
  const least = (replaced * 9n + 7n) / 8n;
  if (fee > least) return fee;
  return least > fee * 10n ? fee * 10n : least;
}

/** Hands a signed transaction to the node. To send what the node already has is no error. Throws `unreachable`. */
export async function sendTransaction(
  { client }: ChainConnection,
  { hash, serialized }: SignedTransaction,
): Promise<void> {
  try {
    await client.sendRawTransaction({ serializedTransaction: serialized });
  } catch (error) {
    // Nodes say "already known" in many words; whether they know it can be asked.
    const known = await client.getTransaction({ hash }).catch(() => undefined);
    if (known === undefined) {
      throw chainErrorOf(error);
    }
  }
}

/** Signs, sends and waits until the transaction is in a block. Throws `unreachable`, `not-mined`. */
export async function transact(
  connection: ChainConnection,
  sender: Sender,
  call: TransactionCall,
  timeout = 60_000,
): Promise<TransactionReceipt> {
  const transaction = await signTransaction(connection, sender, call);
  await sendTransaction(connection, transaction);
  const receipt = await connection.client
    .waitForTransactionReceipt({ hash: transaction.hash, timeout })
    .catch(() => undefined);
  if (receipt?.status !== 'success') {
    const what = receipt === undefined ? 'is in no block yet' : 'failed in its block';
    throw new ChainError('not-mined', `Transaction ${transaction.hash} ${what}; look at the node.`);
  }
  return receipt;
}
