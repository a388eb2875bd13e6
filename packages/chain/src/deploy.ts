import { readFileSync } from 'node:fs';
import { type Address, encodeDeployData, type Hex, isAddressEqual } from 'viem';
import { anchorAbi, registryAbi } from './abi.ts';
import { asking, ChainError } from './chain-error.ts';
import type { ChainConnection } from './connection.ts';
import { type Sender, transact } from './transaction.ts';

/** Where the two contracts are. */
export interface Contracts {
  readonly registry: Address;
  readonly anchor: Address;
}

export interface DeployOptions {
  /** First default admin and first registrar. Default: the sender. */
  readonly admin?: Address;
  /** Seconds between the proposal of another admin and its acceptance. Default three days. */
  readonly adminDelay?: number;
}

/** The code to deploy of a compiled contract, from `generated/`. */
export function bytecodeOf(contract: 'OrgRegistry' | 'LogAnchor'): Hex {
  const text = readFileSync(new URL(`../generated/${contract}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { bytecode: Hex }).bytecode;
}

/** Puts both contracts on the chain, in two transactions. Throws `unreachable`, `not-mined`. */
export async function deploy(
  connection: ChainConnection,
  sender: Sender,
  { admin = sender.address, adminDelay = 3 * 86_400 }: DeployOptions = {},
): Promise<Contracts> {
  const create = async (data: Hex): Promise<Address> => {
    const { contractAddress } = await transact(connection, sender, { data });
    if (!contractAddress) throw new ChainError('not-mined', 'The node mined a deployment and names no contract.');
    return contractAddress;
  };
  const registry = await create(
    encodeDeployData({ abi: registryAbi, bytecode: bytecodeOf('OrgRegistry'), args: [adminDelay, admin] }),
  );
  const anchor = await create(
    encodeDeployData({ abi: anchorAbi, bytecode: bytecodeOf('LogAnchor'), args: [registry] }),
  );
  return { registry, anchor };
}

/** Throws `no-contract` where `contracts` are not two of ours that belong together; `unreachable`. */
export async function checkContracts({ client }: ChainConnection, { registry, anchor }: Contracts): Promise<void> {
  const registered = await asking(() =>
    client.readContract({ address: anchor, abi: anchorAbi, functionName: 'registry' }),
  );
  if (!isAddressEqual(registered, registry)) {
    throw new ChainError('no-contract', `The contract ${anchor} trusts another registry; check both addresses.`);
  }
}
