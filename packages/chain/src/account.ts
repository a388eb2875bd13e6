import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { AnchoringKey } from './head-statement.ts';
import type { Sender } from './transaction.ts';

/** The account of a secp256k1 private key (32 bytes in hexadecimal digits): pays, and signs head statements. */
export function accountOf(privateKey: Hex): Sender & AnchoringKey {
  return privateKeyToAccount(privateKey);
}
