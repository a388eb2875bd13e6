import { BaseError, ContractFunctionZeroDataError, decodeErrorResult, type Hex, isHex, RpcRequestError } from 'viem';
import { anchorAbi, registryAbi } from './abi.ts';

/** What went wrong, for programs; the message says it, and what to do, for people. */
export type ChainErrorCode =
  /** No answer from the node. Try again later; nothing is lost. */
  | 'unreachable'
  /** The node answers with an error. Try again later, and look at the node if it stays. */
  | 'bad-answer'
  /** The node speaks for another chain than the one asked for. */
  | 'wrong-chain'
  /** The chain has no contract of ours at this address. */
  | 'no-contract'
  /** The contract says no; `reason` holds the name of its error. */
  | 'refused'
  /** The transaction was mined and did nothing, or did not come through in time. */
  | 'not-mined'
  /** What the chain holds and what the log holds exclude each other. */
  | 'contradiction'
  /** The caller gave what cannot be meant. */
  | 'bad-argument'
  /** The file with the job's state cannot be read. */
  | 'bad-state'
  /** No local chain can be run here, or it does not come up. */
  | 'no-local-chain';

/** The only error this package throws. Its message never holds keys, nor the address of the node, which may hold a password. */
export class ChainError extends Error {
  readonly code: ChainErrorCode;
  /** Name of the Solidity error where the code is `refused`, such as `SizeNotGrown`. */
  readonly reason: string | undefined;

  constructor(code: ChainErrorCode, message: string, reason?: string) {
    super(message);
    this.name = 'ChainError';
    this.code = code;
    this.reason = reason;
  }
}

/** How often a question that was answered with an error is asked. */
const ATTEMPTS = 4;

/**
 * Asks the node and turns its failures into `ChainError`. Asks again, a few times at once, where the node answered with an
 * error: in the moment in which it takes in a block, anvil has no newest block to speak of, and other nodes may be no better.
 */
export async function asking<T>(question: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await question();
    } catch (cause) {
      const error = chainErrorOf(cause);
      if (attempt === ATTEMPTS || !(error instanceof ChainError && error.code === 'bad-answer')) throw error;
    }
  }
}

/** The `ChainError` that tells of a failure of viem; anything else stays what it is. */
export function chainErrorOf(error: unknown): unknown {
  // The messages of viem hold the URL of the node and the whole call, so none of them is passed on.
  if (!(error instanceof BaseError)) return error;
  const revertData = revertDataOf(error);
  if (revertData !== undefined) {
    const reason = solidityErrorOf(revertData);
    return new ChainError('refused', `The contract refuses: ${reason}. ${ADVICE[reason] ?? ''}`.trim(), reason);
  }
  if (error.walk((cause) => cause instanceof ContractFunctionZeroDataError)) {
    return new ChainError('no-contract', 'There is no such contract on this chain; check the address, or deploy.');
  }
  return error.walk((cause) => cause instanceof RpcRequestError) === null
    ? new ChainError('unreachable', 'The node does not answer; try again later, or check its address.')
    : new ChainError(
        'bad-answer',
        'The node answers with an error; try again later, and look at the node if it stays.',
      );
}

/** What the EVM gave back, where a call or the estimate for a transaction was reverted. */
function revertDataOf(error: BaseError): Hex | undefined {
  const carrier = error.walk((cause) => typeof cause === 'object' && cause !== null && 'data' in cause);
  if (carrier === null || !('data' in carrier)) return undefined;
  const { data } = carrier;
  return isHex(data) && data.length >= 10 ? data : undefined;
}

function solidityErrorOf(data: Hex): string {
  try {
    return decodeErrorResult({ abi: [...registryAbi, ...anchorAbi], data }).errorName;
  } catch {
    return 'unknown error';
  }
}

/** What to do about the errors of the contracts that a caller can do something about. */
const ADVICE: Readonly<Record<string, string>> = {
  LogNotActive: 'Register the log first, or have the suspension of its organisation lifted.',
  LogHasForked: 'It signed two histories; start a new log that commits to it.',
  SizeNotGrown: 'The chain has this head or a newer one; ask for the newest first.',
  WrongSigner: 'Sign with the anchoring key that is registered for the log.',
  NotConsistent: 'Prove consistency from the head that the chain holds now.',
  NoContradiction: 'Both statements can be true.',
  NotController: 'Act as the controller of the organisation, which must not be suspended.',
  AccessControlUnauthorizedAccount: 'Act as a registrar.',
};
