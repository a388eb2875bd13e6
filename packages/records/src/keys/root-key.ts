import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SealBroken } from '../sealing/seal.ts';
import { writeFileDurably } from './durable-file.ts';

/**
 * The top of the key tree: epoch keys, held outside the database so that no backup of the database opens itself.
 *
 * `wrap` uses the current epoch's key. `unwrap` fails for an epoch whose key was destroyed: that is how old backups lose
 * their meaning. `label` is authenticated, so that a wrapped key cannot be put in another one's place.
 */
export interface RootKey {
  wrap(plain: Uint8Array, label: string): { epoch: number; wrapped: Buffer };
  unwrap(epoch: number, wrapped: Uint8Array, label: string): Buffer;
}

/** A root key that is missing, malformed or does not fit the stored keys; the message says what to do. */
export class RootKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RootKeyError';
  }
}

const NONCE = 12;
const TAG = 16;

/**
 * Wraps a key with AES-256-GCM and a random nonce (NIST SP 800-38D): nonce ‖ ciphertext ‖ tag. Epoch and patient keys
 * wrap far fewer than 2^32 keys each, which is that mode's bound for random nonces.
 */
export function wrapKey(key: KeyObject, plain: Uint8Array, label: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(label));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undoes `wrapKey`. @throws SealBroken where key, label or bytes differ */
export function unwrapKey(key: KeyObject, wrapped: Uint8Array, label: string): Buffer {
  if (wrapped.length < NONCE + TAG) throw new SealBroken();
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, NONCE));
  decipher.setAAD(Buffer.from(label));
  decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG));
  const plain = decipher.update(wrapped.subarray(NONCE, wrapped.length - TAG));
  try {
    decipher.final();
  } catch {
    throw new SealBroken();
  }
  return plain;
}

const EPOCH_FILE = /^epoch-(\d{1,9})\.key$/;

/**
 * Opens the root key that `MERIDIAN_ROOT_KEY` names: `file:PATH` (created with mode 0600 where it is missing and the
 * folder holds no epoch keys yet) or `env:NAME` (64 hex digits). Epoch keys lie beside it as `epoch-N.key`, wrapped by
 * the root key; for `env:` they lie in `keyFolder`.
 *
 * @param keyFolder folder of the epoch keys, normally `<data>/keys`
 * @throws RootKeyError where the key is missing although epoch keys exist, or has the wrong form
 */
export function openRootKey(specification: string, keyFolder: string, environment: NodeJS.ProcessEnv): RootKey {
  mkdirSync(keyFolder, { recursive: true, mode: 0o700 });
  const epochFiles = readdirSync(keyFolder).filter((name) => EPOCH_FILE.test(name));
  const root = createSecretKey(rootBytes(specification, environment, epochFiles.length > 0));
  const epochs = new Map<number, KeyObject>();
  for (const name of epochFiles) {
    const epoch = Number(EPOCH_FILE.exec(name)?.[1]);
    try {
      epochs.set(epoch, createSecretKey(unwrapKey(root, readFileSync(join(keyFolder, name)), `epoch/${epoch}`)));
    } catch {
      throw new RootKeyError(
        `The root key does not open ${name}. Set MERIDIAN_ROOT_KEY to the key that this data folder was made with.`,
      );
    }
  }
  if (epochs.size === 0) {
    const plain = randomBytes(32);
    writeFileDurably(join(keyFolder, 'epoch-1.key'), wrapKey(root, plain, 'epoch/1'));
    epochs.set(1, createSecretKey(plain));
  }
  return rootKeyOf(epochs);
}

function rootKeyOf(epochs: ReadonlyMap<number, KeyObject>): RootKey {
  const current = Math.max(...epochs.keys());
  const keyOf = (epoch: number): KeyObject => {
    const key = epochs.get(epoch);
    if (!key)
      throw new RootKeyError(`The key of epoch ${epoch} was destroyed; what only it opens cannot be read again.`);
    return key;
  };
  return {
    wrap: (plain, label) => ({ epoch: current, wrapped: wrapKey(keyOf(current), plain, label) }),
    unwrap: (epoch, wrapped, label) => unwrapKey(keyOf(epoch), wrapped, label),
  };
}

function rootBytes(specification: string, environment: NodeJS.ProcessEnv, mustExist: boolean): Buffer {
  const [scheme, rest] = [
    specification.slice(0, specification.indexOf(':')),
    specification.slice(specification.indexOf(':') + 1),
  ];
  if (scheme === 'file') return parseHex(readOrCreate(rest, mustExist), `the file of MERIDIAN_ROOT_KEY`);
  if (scheme === 'env') {
    const value = environment[rest];
    if (!value) throw new RootKeyError(`MERIDIAN_ROOT_KEY names the variable ${rest}, which is not set.`);
    return parseHex(value, `the variable ${rest}`);
  }
  throw new RootKeyError('MERIDIAN_ROOT_KEY must begin with file: or env:. Other key stores are not supported yet.');
}

function readOrCreate(path: string, mustExist: boolean): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (mustExist) {
    throw new RootKeyError(
      'The root key file is missing, but this data folder was sealed with one. Put it back from its backup; without it nothing can be read.',
    );
  }
  const hex = randomBytes(32).toString('hex');
  writeFileDurably(path, Buffer.from(`${hex}\n`));
  return hex;
}

function parseHex(text: string, where: string): Buffer {
  const hex = text.trim();
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) {
    throw new RootKeyError(`A root key is 64 hexadecimal digits (32 bytes); ${where} holds something else.`);
  }
  return Buffer.from(hex, 'hex');
}
