import { sha256 } from '@meridian/ledger';
import { encodeAbiParameters, type Hex, keccak256, toHex } from 'viem';

/** 32 bytes in hexadecimal digits. */
export type Bytes32 = Hex;

/** SHA-256 of a line of text: how origins and C2SP verifier keys stand on the chain, which then names nobody. */
export function hashOfText(text: string): Bytes32 {
  return toHex(sha256(new TextEncoder().encode(text)));
}

/**
 * Identifier of a log on the chain: keccak-256 of its organisation and the SHA-256 of its origin line (`logIdOf` in
 * OrgRegistry.sol).
 *
 * @param organisation 32 bytes that the organisation chose, such as `hashOfText('hospital.example')`
 * @param origin first line of the checkpoints of the log (C2SP tlog-checkpoint)
 */
export function logIdOf(organisation: Bytes32, origin: string): Bytes32 {
  return keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [organisation, hashOfText(origin)]));
}
