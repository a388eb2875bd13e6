import { type Address, encodeFunctionData, isAddressEqual, zeroAddress } from 'viem';
import { registryAbi } from './abi.ts';
import { asking } from './chain-error.ts';
import type { ChainConnection } from './connection.ts';
import { type Bytes32, hashOfText, logIdOf } from './log-id.ts';
import { type Sender, transact } from './transaction.ts';

/** A log, as the registry has it. */
export interface RegisteredLog {
  readonly organisation: Bytes32;
  /** SHA-256 of the C2SP verifier key. */
  readonly verifierKeyHash: Bytes32;
  readonly anchoringKey: Address;
}

/** A log to be registered. */
export interface LogRegistration {
  readonly organisation: Bytes32;
  /** First line of its checkpoints. */
  readonly origin: string;
  /** Its C2SP verifier key, `name+hash+key`. */
  readonly verifierKey: string;
  /** Address of the key that signs its head statements. */
  readonly anchoringKey: Address;
}

/** Speaks to an OrgRegistry. Every change throws `refused` with the contract's reason, `unreachable` or `not-mined`. */
export class RegistryClient {
  readonly #connection: ChainConnection;
  readonly #address: Address;

  constructor(connection: ChainConnection, address: Address) {
    this.#connection = connection;
    this.#address = address;
  }

  /** Admits an organisation; `sender` is a registrar. */
  async registerOrganisation(sender: Sender, organisation: Bytes32, controller: Address): Promise<void> {
    await this.#change(sender, { functionName: 'registerOrganisation', args: [organisation, controller] });
  }

  /** Suspends an organisation or lets it act again; `sender` is a registrar. */
  async setSuspended(sender: Sender, organisation: Bytes32, suspended: boolean): Promise<void> {
    await this.#change(sender, { functionName: 'setSuspended', args: [organisation, suspended] });
  }

  /** Registers a log and gives its identifier; `sender` is the controller of the organisation. */
  async registerLog(sender: Sender, registration: LogRegistration): Promise<Bytes32> {
    const { organisation, origin, verifierKey, anchoringKey } = registration;
    const args = [organisation, hashOfText(origin), hashOfText(verifierKey), anchoringKey] as const;
    await this.#change(sender, { functionName: 'registerLog', args });
    return logIdOf(organisation, origin);
  }

  /** Gives a log new keys; `sender` is the controller. Destroy the old anchoring key: it can still prove a fork. */
  async changeLogKeys(sender: Sender, log: Bytes32, verifierKey: string, anchoringKey: Address): Promise<void> {
    await this.#change(sender, { functionName: 'changeLogKeys', args: [log, hashOfText(verifierKey), anchoringKey] });
  }

  /** Makes known that the organisation runs the witness of this C2SP verifier key; `sender` is the controller. */
  async registerWitness(sender: Sender, organisation: Bytes32, verifierKey: string): Promise<void> {
    await this.#change(sender, { functionName: 'registerWitness', args: [organisation, hashOfText(verifierKey)] });
  }

  /** Proposes another controller, who must accept; `sender` is the present one. */
  async proposeController(sender: Sender, organisation: Bytes32, next: Address): Promise<void> {
    await this.#change(sender, { functionName: 'proposeController', args: [organisation, next] });
  }

  /** Takes over as controller; `sender` was proposed. */
  async acceptController(sender: Sender, organisation: Bytes32): Promise<void> {
    await this.#change(sender, { functionName: 'acceptController', args: [organisation] });
  }

  /** The log, or undefined where it is not registered. */
  async log(log: Bytes32): Promise<RegisteredLog | undefined> {
    const [organisation, verifierKeyHash, anchoringKey] = await asking(() =>
      this.#connection.client.readContract({ ...this.#contract(), functionName: 'logs', args: [log] }),
    );
    return isAddressEqual(anchoringKey, zeroAddress) ? undefined : { organisation, verifierKeyHash, anchoringKey };
  }

  /** Controller of an organisation and whether it is suspended, or undefined where there is none. */
  async organisation(organisation: Bytes32): Promise<{ controller: Address; suspended: boolean } | undefined> {
    const [controller, suspended] = await asking(() =>
      this.#connection.client.readContract({
        ...this.#contract(),
        functionName: 'organisations',
        args: [organisation],
      }),
    );
    return isAddressEqual(controller, zeroAddress) ? undefined : { controller, suspended };
  }

  #contract() {
    return { address: this.#address, abi: registryAbi };
  }

  async #change(sender: Sender, call: RegistryChange): Promise<void> {
    const data = encodeFunctionData({ abi: registryAbi, ...call });
    await transact(this.#connection, sender, { to: this.#address, data });
  }
}

type RegistryChange =
  | { functionName: 'registerOrganisation'; args: readonly [Bytes32, Address] }
  | { functionName: 'setSuspended'; args: readonly [Bytes32, boolean] }
  | { functionName: 'proposeController'; args: readonly [Bytes32, Address] }
  | { functionName: 'acceptController'; args: readonly [Bytes32] }
  | { functionName: 'registerLog'; args: readonly [Bytes32, Bytes32, Bytes32, Address] }
  | { functionName: 'changeLogKeys'; args: readonly [Bytes32, Bytes32, Address] }
  | { functionName: 'registerWitness'; args: readonly [Bytes32, Bytes32] };
