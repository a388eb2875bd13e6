import { type Address, encodeDeployData, getContractAddress, type Hex, isAddressEqual } from 'viem';
import { anchorAbi, registryAbi } from './abi.ts';
import { accountOf } from './account.ts';
import { AnchorClient } from './anchor-client.ts';
import { type AnchorTarget, EvmAnchorTarget } from './anchor-target.ts';
import { asking, ChainError } from './chain-error.ts';
import { type ChainConnection, connectChain } from './connection.ts';
import { bytecodeOf, type Contracts } from './deploy.ts';
import { type Bytes32, hashOfText, logIdOf } from './log-id.ts';
import { type OwnLog, registerOwnLog } from './register-own-log.ts';
import { type Sender, transact } from './transaction.ts';

/** A development chain and the log that is anchored on it. A `LocalChain` is one. */
export interface DevelopmentChain {
  readonly url: string;
  readonly chainId: number;
  readonly senderKey: Hex;
  readonly anchoringKey: Hex;
}

/** Where the contracts of a development chain are, and the log on it: the same after the chain was wiped. */
export function developmentAddresses(chain: DevelopmentChain, { origin }: OwnLog): Contracts & { log: Bytes32 } {
  const from = accountOf(chain.senderKey).address;
  return {
    registry: getContractAddress({ from, nonce: 0n }),
    anchor: getContractAddress({ from, nonce: 1n }),
    log: logIdOf(organisationOf(origin), origin),
  };
}

/**
 * Connects to a development chain, and first puts on it what is missing: money, contracts, organisation, log. Give it to
 * the anchoring job as `openTarget`, and a chain that was wiped is set up again before it is anchored to. Never for a
 * chain that others rely on: here one key holds every office. Throws `unreachable`, `wrong-chain`, `no-contract`.
 */
export async function openDevelopmentTarget(chain: DevelopmentChain, log: OwnLog): Promise<AnchorTarget> {
  const connection = await connectChain(chain.url, { chainId: chain.chainId });
  const sender = accountOf(chain.senderKey);
  const key = accountOf(chain.anchoringKey);
  const contracts = developmentAddresses(chain, log);
  await fund(connection, sender.address);
  await deployMissing(connection, sender, contracts);
  await registerOwnLog(connection, sender, contracts.registry, {
    ...log,
    log: contracts.log,
    organisation: organisationOf(log.origin),
    anchoringKey: key.address,
  });
  const client = new AnchorClient(connection, contracts.anchor);
  return new EvmAnchorTarget(client, { log: contracts.log, key, sender });
}

const organisationOf = (origin: string): Bytes32 => hashOfText(`organisation of ${origin}`);

async function fund({ client }: ChainConnection, address: Address): Promise<void> {
  const ether = 10n ** 18n;
  if ((await asking(() => client.getBalance({ address }))) > ether) return;
  const request = { method: 'anvil_setBalance', params: [address, `0x${(1_000_000n * ether).toString(16)}`] };
  await asking(() => client.request<{ Method: string; Parameters: string[]; ReturnType: null }>(request));
}

async function deployMissing(connection: ChainConnection, sender: Sender, contracts: Contracts): Promise<void> {
  const { registry, anchor } = contracts;
  const deployments: [Address, Hex][] = [
    [registry, encodeDeployData({ abi: registryAbi, bytecode: bytecodeOf('OrgRegistry'), args: [0, sender.address] })],
    [anchor, encodeDeployData({ abi: anchorAbi, bytecode: bytecodeOf('LogAnchor'), args: [registry] })],
  ];
  for (const [address, data] of deployments) {
    if (await asking(() => connection.client.getCode({ address }))) continue;
    const { contractAddress } = await transact(connection, sender, { data });
    if (!contractAddress || !isAddressEqual(contractAddress, address)) {
      const message = 'The sender has done other things on this chain; remove the folder of the chain to begin anew.';
      throw new ChainError('no-contract', message);
    }
  }
}
