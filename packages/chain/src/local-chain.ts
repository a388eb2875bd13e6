import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hex, toHex } from 'viem';
import { askNode, findAnvil, freePort, startAnvil, stopProcess } from './anvil-process.ts';
import { ChainError } from './chain-error.ts';
import { writeDurably } from './file-anchor-store.ts';

export interface LocalChainOptions {
  /** The data folder; the chain lives in `chain/` below it. */
  readonly dataFolder: string;
  /** Anvil to run. Default: the one that npm brought. */
  readonly binary?: string;
  /** Seconds between copies of the chain to the disk: what a crash may lose, and is then anchored again. Default 60. */
  readonly stateInterval?: number;
  /** The chain is begun anew once its copy is larger. Bytes; default 64 MiB, some 2,400 anchors of 27 KB each. */
  readonly maxStateBytes?: number;
}

/** A chain of one machine for trying things out: anchoring works from the first minute, but proves nothing to others. */
export interface LocalChain {
  readonly url: string;
  readonly chainId: number;
  readonly pid: number;
  /** Deploys, registers and pays. In the data folder, readable by the owner only. */
  readonly senderKey: Hex;
  /** Signs head statements. */
  readonly anchoringKey: Hex;
  /**
   * Begins the chain anew, at the same address, if it has outgrown `maxStateBytes`; to be called now and then, such as
   * every hour. The next look of the anchoring job finds it empty and anchors again.
   */
  keepBounded(): Promise<void>;
  /** Has the chain written to the disk and ends it. */
  stop(): Promise<void>;
}

/** What stays the same from start to start. */
interface Identity {
  chainId: number;
  senderKey: Hex;
  anchoringKey: Hex;
}

const DEFAULT_INTERVAL = 60;
const DEFAULT_MAX_BYTES = 64 * 2 ** 20;

/**
 * Starts the local chain of a data folder, or takes over the one that a killed server left running. One server at a time:
 * the caller holds the data folder. Listens on the loopback interface only. Throws `no-local-chain`.
 *
 * A copy of the chain that cannot be read, or has grown too large, is put aside (one is kept) and the chain begins anew
 * under the same chain id; the anchoring job then finds its anchors gone and anchors again.
 */
export async function startLocalChain(options: LocalChainOptions): Promise<LocalChain> {
  const binary = options.binary ?? findAnvil();
  if (binary === undefined) {
    const platform = `${process.platform} ${process.arch}`;
    throw new ChainError('no-local-chain', `There is no local chain for ${platform}; set MERIDIAN_CHAIN_URL.`);
  }
  const folder = join(options.dataFolder, 'chain');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const identity = await identityOf(folder);
  const launch = (port: number) => start(binary, folder, identity.chainId, port, options);
  let running = (await adopt(folder, identity.chainId)) ?? (await launch(await freePort()));
  const { url } = running;
  return {
    ...identity,
    url,
    get pid() {
      return running.pid;
    },
    keepBounded: async () => {
      if (await fits(join(folder, 'state.json'), options)) return;
      await stopProcess(running.pid);
      running = await launch(running.port);
    },
    stop: async () => {
      await stopProcess(running.pid);
      await rm(join(folder, 'process.json'), { force: true });
    },
  };
}

interface Running {
  pid: number;
  port: number;
  url: string;
}

/** The anvil of this folder that still runs: it has the pid that was written down, works here, and is of our chain. */
async function adopt(folder: string, chainId: number): Promise<Running | undefined> {
  const { pid, port } = await readJson<{ pid: number; port: number }>(join(folder, 'process.json'), {
    pid: 0,
    port: 0,
  });
  if (!(Number.isInteger(pid) && pid > 1 && isAnvilOf(pid, folder))) return undefined;
  const url = `http://127.0.0.1:${port}`;
  if ((await askNode(url, 'eth_chainId')) === toHex(chainId)) return { pid, port, url };
  // Ours, but it does not answer: two on one copy of the chain would overwrite each other's.
  await stopProcess(pid);
  return undefined;
}

async function start(
  binary: string,
  folder: string,
  chainId: number,
  port: number,
  options: LocalChainOptions,
): Promise<Running> {
  const state = join(folder, 'state.json');
  const { stateInterval = DEFAULT_INTERVAL } = options;
  if (!((await fits(state, options)) && (await isReadable(state)))) await putAside(state);
  const copies = ['--state', state, '--state-interval', `${stateInterval}`];
  // A few states for questions that are asked while a block comes in; without this, anvil keeps many in a cache folder.
  const flags = ['--chain-id', `${chainId}`, ...copies, '--prune-history', '16'];
  const { pid, url } = await startAnvil(binary, port, flags, folder).catch(async (error: unknown) => {
    // A copy that anvil itself does not take: begin anew, once.
    if (!(await putAside(state))) throw error;
    return startAnvil(binary, port, flags, folder);
  });
  await writeDurably(join(folder, 'process.json'), JSON.stringify({ pid, port }));
  return { pid, port, url };
}

async function fits(state: string, { maxStateBytes = DEFAULT_MAX_BYTES }: LocalChainOptions): Promise<boolean> {
  const found = await stat(state).catch(() => undefined);
  return found === undefined || found.size <= maxStateBytes;
}

/** Whether the copy is whole: a crash in the middle of writing leaves half of one. True where there is none. */
async function isReadable(state: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(state, 'utf8'));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Gives false where there was nothing to put aside. */
async function putAside(state: string): Promise<boolean> {
  return rename(state, `${state}.old`).then(
    () => true,
    () => false,
  );
}

async function identityOf(folder: string): Promise<Identity> {
  const path = join(folder, 'identity.json');
  const kept = await readJson<Identity | undefined>(path, undefined);
  if (kept !== undefined) return kept;
  const made: Identity = {
    // Beyond the ids that public chains have registered, and another on each machine: receipts cannot be mixed up.
    chainId: randomInt(2 ** 40, 2 ** 47),
    senderKey: toHex(randomBytes(32)),
    anchoringKey: toHex(randomBytes(32)),
  };
  await writeDurably(path, JSON.stringify(made));
  return made;
}

async function readJson<T>(path: string, otherwise: T): Promise<T> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw new ChainError('no-local-chain', `${path} cannot be read: remove the folder it is in to begin a new chain.`);
  }
}

/** Whether a process is anvil on this folder. A pid alone proves nothing: it is given again after a reboot. */
function isAnvilOf(pid: number, folder: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(join(folder, 'state.json'));
  } catch {
    return false;
  }
}
