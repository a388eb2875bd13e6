import type { TreeHead } from '@meridian/ledger';
import { type Address, type Hex, hashTypedData, recoverTypedDataAddress, type TypedDataDefinition, toHex } from 'viem';
import { ChainError } from './chain-error.ts';
import type { Bytes32 } from './log-id.ts';

const TYPES = {
  Head: [
    { name: 'log', type: 'bytes32' },
    { name: 'size', type: 'uint64' },
    { name: 'root', type: 'bytes32' },
  ],
} as const;

/**
 * A tree head over the signature of the log's anchoring key. Good on every chain, so that two histories told to two
 * chains contradict each other on both (see LogAnchor.sol).
 */
export interface HeadStatement extends TreeHead {
  readonly log: Bytes32;
  /** r, s, v: 65 bytes. */
  readonly signature: Hex;
}

/** The secp256k1 key that signs head statements; a local account of viem is one, and so can be a key in an HSM. */
export interface AnchoringKey {
  readonly address: Address;
  signTypedData(definition: TypedDataDefinition<typeof TYPES, 'Head'>): Promise<Hex>;
}

function typedData(log: Bytes32, { size, root }: TreeHead): TypedDataDefinition<typeof TYPES, 'Head'> {
  if (!Number.isSafeInteger(size) || size < 0 || root.length !== 32) {
    throw new ChainError('bad-argument', 'A tree head is a size from 0 to 2^53 - 1 and a root of 32 bytes.');
  }
  return {
    domain: { name: 'Meridian log head', version: '1' },
    types: TYPES,
    primaryType: 'Head',
    message: { log, size: BigInt(size), root: toHex(root) },
  };
}

/** The EIP-712 digest of a head: `statementDigest` of LogAnchor.sol. */
export function headDigest(log: Bytes32, head: TreeHead): Bytes32 {
  return hashTypedData(typedData(log, head));
}

/**
 * Signs a head. Whoever calls this must have made sure that the log never signed another history: two statements that
 * contradict each other are the end of the log.
 */
export async function signHead(key: AnchoringKey, log: Bytes32, head: TreeHead): Promise<HeadStatement> {
  return { log, size: head.size, root: head.root, signature: await key.signTypedData(typedData(log, head)) };
}

/** Address of the key that signed the statement; of no key anybody has where the statement was altered. */
export async function signerOf({ log, signature, ...head }: HeadStatement): Promise<Address> {
  return recoverTypedDataAddress({ ...typedData(log, head), signature });
}
