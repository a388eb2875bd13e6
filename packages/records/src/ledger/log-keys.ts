import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, ed25519NoteSigner, type KeySigner, mlDsa44Cosigner } from '@meridian/ledger';
import { writeFileDurably } from '../keys/durable-file.ts';
import { type RootKey, RootKeyError } from '../keys/root-key.ts';

/** The keys that sign checkpoints of the log: Ed25519, and ML-DSA-44 beside it. */
export interface LogKeys {
  /** Name of the log in checkpoints, and of both keys. */
  origin: string;
  signers: readonly KeySigner[];
}

/** The file in the key folder. The seeds in it are wrapped with the root key, under a label that names the origin. */
interface LogKeyFile {
  origin: string;
  epoch: number;
  wrapped: string;
}

const FILE = 'log.key';
const SEED = 32;

export interface LogKeyOptions {
  rootKey: RootKey;
  /** Normally `<data>/keys`. */
  keyFolder: string;
  /** Host under which the log is served; a new log's name begins with it. */
  host: string;
  /** Whether the log has leaves: then the key must be there, for a new one would not be the one that signed them. */
  mustExist: boolean;
  /** POSIX seconds. */
  clock: Clock;
}

/**
 * Opens the log's keys, or makes them for a new log. The file appears whole or not at all, and is never replaced by
 * another key: of two processes that start at once, both use the same. After a renewal of the epoch the seeds are wrapped
 * anew, before the old epoch key is destroyed.
 *
 * @throws RootKeyError where the file is missing although the log has leaves, or the root key does not open it
 */
export function openLogKeys(options: LogKeyOptions): LogKeys {
  const { rootKey, keyFolder, clock, mustExist } = options;
  const path = join(keyFolder, FILE);
  const standing = readFile(path);
  if (!standing && mustExist) {
    throw new RootKeyError(
      `The log has entries, but the key that signs it (${FILE} in the key folder) is missing. Put it back from its backup; a new key would start another log.`,
    );
  }
  const file = standing ?? createFile(path, rootKey, options.host);
  const seeds = unwrap(rootKey, file);
  const renewed = wrap(rootKey, file.origin, seeds);
  if (renewed.epoch !== file.epoch) writeFileDurably(path, bytesOf(renewed));
  const { origin } = file;
  return {
    origin,
    signers: [ed25519NoteSigner(origin, seeds.subarray(0, SEED)), mlDsa44Cosigner(origin, seeds.subarray(SEED), clock)],
  };
}

function createFile(path: string, rootKey: RootKey, host: string): LogKeyFile {
  // unique for each log: a witness that is shown two logs of one name would take them for a fork
  const origin = `${host}/ledger/${randomBytes(8).toString('hex')}`;
  const file = wrap(rootKey, origin, randomBytes(2 * SEED));
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, bytesOf(file));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    // a link refuses to replace what another process has put there meanwhile, which a rename would
    linkSync(draft, path);
    syncFolder(join(path, '..'));
    return file;
  } catch (error) {
    const theirs = readFile(path);
    if (theirs) return theirs;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function wrap(rootKey: RootKey, origin: string, seeds: Buffer): LogKeyFile {
  const { epoch, wrapped } = rootKey.wrap(seeds, labelOf(origin));
  return { origin, epoch, wrapped: wrapped.toString('base64') };
}

function unwrap(rootKey: RootKey, { origin, epoch, wrapped }: LogKeyFile): Buffer {
  try {
    return rootKey.unwrap(epoch, Buffer.from(wrapped, 'base64'), labelOf(origin));
  } catch {
    throw new RootKeyError(
      `The root key does not open ${FILE} in the key folder. Put back the file that belongs to this root key.`,
    );
  }
}

function labelOf(origin: string): string {
  return `ledger/${origin}`;
}

function bytesOf(file: LogKeyFile): Buffer {
  return Buffer.from(`${JSON.stringify(file)}\n`);
}

function readFile(path: string): LogKeyFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { origin, epoch, wrapped } = JSON.parse(text) as Partial<LogKeyFile>;
    if (typeof origin === 'string' && typeof epoch === 'number' && typeof wrapped === 'string') {
      return { origin, epoch, wrapped };
    }
  } catch {
    // told below
  }
  throw new RootKeyError(`${FILE} in the key folder is damaged. Put it back from its backup.`);
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // folders cannot be synced there
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
