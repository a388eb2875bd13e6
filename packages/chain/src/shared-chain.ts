import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, type Hex, isAddress, isHex, toHex } from 'viem';
import { accountOf } from './account.ts';
import { type AnchorTarget, openAnchorTarget } from './anchor-target.ts';
import { ChainError } from './chain-error.ts';
import { connectChain } from './connection.ts';
import { checkContracts, deploy } from './deploy.ts';
import { writeDurably } from './file-anchor-store.ts';
import { type Bytes32, hashOfText, logIdOf } from './log-id.ts';
import { type OwnLog, registerOwnLog } from './register-own-log.ts';
import { RegistryClient } from './registry-client.ts';

/**
 * This server's place on a chain that it shares with others: `chain/member.json` in the data folder. The operator may write
 * any part of it beforehand, such as the contracts that an alliance has deployed; what is missing is made and written.
 */
export interface Membership {
  readonly chainId: number;
  readonly registry: Address;
  readonly anchor: Address;
  /** 32 bytes. Default: the hash of the origin of the log. */
  readonly organisation: Bytes32;
  /** Pays, and acts as controller of the organisation where that was given to it. */
  readonly senderKey: Hex;
  readonly anchoringKey: Hex;
}

export interface SharedChainOptions {
  /** `MERIDIAN_CHAIN_URL`. */
  readonly url: string;
  readonly dataFolder: string;
  readonly log: OwnLog;
}

/** The membership as it is written, or undefined where a part is missing still. Throws `bad-state`. */
export async function readMembership(dataFolder: string): Promise<Membership | undefined> {
  const kept = await readParts(dataFolder);
  return isWhole(kept) ? kept : undefined;
}

/**
 * Connects to the chain of `MERIDIAN_CHAIN_URL`; for the anchoring job's `openTarget`. Where the file names no contracts,
 * deploys them and registers organisation and log, all in the sender's name. Where it does, registers the log if the sender
 * is the organisation's controller, and otherwise throws `refused` and names the account that is waiting to be let in.
 * Contracts that are gone are never replaced: on a shared chain that is for people to look at (`no-contract`).
 */
export async function openSharedTarget({ url, dataFolder, log }: SharedChainOptions): Promise<AnchorTarget> {
  const keys = await withKeys(dataFolder, log);
  const connection = await connectChain(url, keys.chainId === undefined ? {} : { chainId: keys.chainId });
  const sender = accountOf(keys.senderKey);
  const key = accountOf(keys.anchoringKey);
  const { registry, anchor } = keys;
  const contracts = registry && anchor ? { registry, anchor } : await deploy(connection, sender);
  const membership: Membership = { ...keys, ...contracts, chainId: connection.chainId };
  if (!isWhole(keys)) await save(dataFolder, membership);
  await checkContracts(connection, contracts);

  const { organisation } = membership;
  const id = logIdOf(organisation, log.origin);
  const client = new RegistryClient(connection, contracts.registry);
  if ((await client.log(id))?.anchoringKey !== key.address) {
    const own = { ...log, log: id, organisation, anchoringKey: key.address };
    await registerOwnLog(connection, sender, contracts.registry, own).catch((error: unknown) => {
      if (!(error instanceof ChainError && error.code === 'refused')) throw error;
      const message =
        `The registry does not have this log yet: have organisation ${organisation} registered with controller ` +
        `${sender.address}, or have its controller register the log with anchoring key ${key.address}.`;
      throw new ChainError('refused', message, error.reason);
    });
  }
  return openAnchorTarget(url, contracts, { log: id, key, sender }, { chainId: membership.chainId });
}

type Keys = Partial<Membership> & Pick<Membership, 'organisation' | 'senderKey' | 'anchoringKey'>;

/** What the file holds, with keys and organisation, which are written before anything is done with them. */
async function withKeys(dataFolder: string, { origin }: OwnLog): Promise<Keys> {
  const kept = await readParts(dataFolder);
  const { organisation = hashOfText(origin), senderKey = newKey(), anchoringKey = newKey() } = kept;
  const keys = { ...kept, organisation, senderKey, anchoringKey };
  if (!(kept.organisation && kept.senderKey && kept.anchoringKey)) await save(dataFolder, keys);
  return keys;
}

const newKey = (): Hex => toHex(randomBytes(32));

const pathOf = (dataFolder: string): string => join(dataFolder, 'chain', 'member.json');

async function save(dataFolder: string, membership: Partial<Membership>): Promise<void> {
  await mkdir(join(dataFolder, 'chain'), { recursive: true, mode: 0o700 });
  await writeDurably(pathOf(dataFolder), `${JSON.stringify(membership, null, 2)}\n`);
}

async function readParts(dataFolder: string): Promise<Partial<Membership>> {
  let parts: Partial<Record<keyof Membership, unknown>>;
  try {
    parts = JSON.parse(await readFile(pathOf(dataFolder), 'utf8')) as typeof parts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw damaged();
  }
  for (const [name, value] of Object.entries(parts)) {
    const good = name === 'chainId' ? Number.isSafeInteger(value) : isPart(name, value);
    if (!good) throw damaged();
  }
  return parts as Partial<Membership>;
}

function isPart(name: string, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (name === 'registry' || name === 'anchor') return isAddress(value);
  return isHex(value) && value.length === 66;
}

const damaged = () =>
  new ChainError('bad-state', 'chain/member.json in the data folder cannot be read; put it back from a backup.');

function isWhole(parts: Partial<Membership>): parts is Membership {
  const { chainId, registry, anchor, organisation, senderKey, anchoringKey } = parts;
  return [chainId, registry, anchor, organisation, senderKey, anchoringKey].every((part) => part !== undefined);
}
