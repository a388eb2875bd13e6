import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Clock, ed25519Cosigner, ed25519NoteSigner, type KeySigner, mlDsa44Cosigner } from '@meridian/ledger';
import { writeFileDurably } from '../keys/durable-file.ts';
import { type RootKey, RootKeyError } from '../keys/root-key.ts';

/** A name and the two keys that sign under it: Ed25519, and ML-DSA-44 beside it. */
export interface LogKeys {
  /** Of the log: its origin in checkpoints. */
  origin: string;
  signers: readonly KeySigner[];
}

/** A file in the key folder. The seeds in it are wrapped with the root key, under a label that holds the name. */
interface SeedFile {
  name: string;
  epoch: number;
  wrapped: string;
}

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
 * Opens the log's keys (`log.key`), or makes them for a new log.
 *
 * @throws RootKeyError where the file is missing although the log has leaves, or the root key does not open it
 */
export function openLogKeys(options: LogKeyOptions): LogKeys {
  const { name, seeds } = openSeeds('log.key', 'ledger', options);
  return {
    origin: name,
    signers: [
      ed25519NoteSigner(name, seeds.subarray(0, SEED)),
      mlDsa44Cosigner(name, seeds.subarray(SEED), options.clock),
    ],
  };
}

/** Opens the keys with which this installation cosigns the logs of others (`witness.key`), or makes them. */
export function openWitnessKeys(options: Omit<LogKeyOptions, 'mustExist'>): readonly KeySigner[] {
  const { name, seeds } = openSeeds('witness.key', 'witness', { ...options, mustExist: false });
  return [
    ed25519Cosigner(name, seeds.subarray(0, SEED), options.clock),
    mlDsa44Cosigner(name, seeds.subarray(SEED), options.clock),
  ];
}

/**
 * Reads two seeds and their name. The file appears whole or not at all, and is never replaced by other seeds: of two
 * processes that start at once, both use the same. After a renewal of the epoch the seeds are wrapped anew, before the old
 * epoch key is destroyed.
 */
function openSeeds(file: string, role: string, options: LogKeyOptions): { name: string; seeds: Buffer } {
  const { rootKey, keyFolder, host, mustExist } = options;
  const path = join(keyFolder, file);
  const standing = readFile(path);
  if (!standing && mustExist) {
    throw new RootKeyError(
      `The log has entries, but the key that signs it (${file} in the key folder) is missing. Put it back from its backup; a new key would start another log.`,
    );
  }
  // unique for each log: a witness that is shown two logs of one name would take them for a fork
  const found = standing ?? createFile(path, rootKey, `${host}/${role}/${randomBytes(8).toString('hex')}`);
  const seeds = unwrap(rootKey, found, file);
  const renewed = wrap(rootKey, found.name, seeds);
  if (renewed.epoch !== found.epoch) writeFileDurably(path, bytesOf(renewed));
  return { name: found.name, seeds };
}

function createFile(path: string, rootKey: RootKey, name: string): SeedFile {
  const file = wrap(rootKey, name, randomBytes(2 * SEED));
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

function wrap(rootKey: RootKey, name: string, seeds: Buffer): SeedFile {
  const { epoch, wrapped } = rootKey.wrap(seeds, labelOf(name));
  return { name, epoch, wrapped: wrapped.toString('base64') };
}

function unwrap(rootKey: RootKey, { name, epoch, wrapped }: SeedFile, file: string): Buffer {
  try {
    return rootKey.unwrap(epoch, Buffer.from(wrapped, 'base64'), labelOf(name));
  } catch {
    throw new RootKeyError(
      `The root key does not open ${file} in the key folder. Put back the file that belongs to this root key.`,
    );
  }
}

function labelOf(name: string): string {
  return `ledger/${name}`;
}

function bytesOf(file: SeedFile): Buffer {
  return Buffer.from(`${JSON.stringify(file)}\n`);
}

function readFile(path: string): SeedFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { name, epoch, wrapped } = JSON.parse(text) as Partial<SeedFile>;
    if (typeof name === 'string' && typeof epoch === 'number' && typeof wrapped === 'string') {
      return { name, epoch, wrapped };
    }
  } catch {
    // told below
  }
  throw new RootKeyError(`${basename(path)} in the key folder is damaged. Put it back from its backup.`);
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
