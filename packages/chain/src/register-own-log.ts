import { type Address, isAddressEqual } from 'viem';
import type { ChainConnection } from './connection.ts';
import { type Bytes32, hashOfText } from './log-id.ts';
import { RegistryClient } from './registry-client.ts';
import type { Sender } from './transaction.ts';

/** A log of one's own, to be anchored. */
export interface OwnLog {
  /** First line of its checkpoints. */
  readonly origin: string;
  /** Its C2SP verifier key, `name+hash+key`. */
  readonly verifierKey: string;
}

/**
 * Registers organisation and log where they are not, and new keys where the log has them. `sender` is registrar, as far as
 * the organisation is missing, and controller of the organisation. Throws what the registry says where it is not.
 */
export async function registerOwnLog(
  connection: ChainConnection,
  sender: Sender,
  registryAddress: Address,
  {
    log,
    organisation,
    origin,
    verifierKey,
    anchoringKey,
  }: OwnLog & {
    readonly log: Bytes32;
    readonly organisation: Bytes32;
    readonly anchoringKey: Address;
  },
): Promise<void> {
  const registry = new RegistryClient(connection, registryAddress);
  if ((await registry.organisation(organisation)) === undefined) {
    await registry.registerOrganisation(sender, organisation, sender.address);
  }
  const registered = await registry.log(log);
  if (registered === undefined) {
    await registry.registerLog(sender, { organisation, origin, verifierKey, anchoringKey });
  } else if (
    registered.verifierKeyHash !== hashOfText(verifierKey) ||
    !isAddressEqual(registered.anchoringKey, anchoringKey)
  ) {
    await registry.changeLogKeys(sender, log, verifierKey, anchoringKey);
  }
}
