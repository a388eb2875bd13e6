import { hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

/** The key pair that signs this server's tokens (RFC 8037, Ed25519). */
export interface ServerKey {
  /** RFC 7638 thumbprint of the public key. */
  id: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** Hides account names in logs: the same account has the same hash there, and nobody without the key can guess it. */
  logKey: Buffer;
}

const FILE = 'server-key.jwk';

/**
 * Reads the key from the data folder, or makes one on the first start. Only its owner can read the file. Of two servers
 * that start at once, one makes the key and both use it: the file appears whole or not at all, and is never replaced.
 */
export async function openServerKey(dataFolder: string): Promise<ServerKey> {
  const path = join(dataFolder, FILE);
  const jwk = (await readKey(path)) ?? (await createKey(dataFolder, path));
  return fromJwk(jwk);
}

async function readKey(path: string): Promise<JWK | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as JWK;
  } catch {
    throw new Error(
      'The server key in the data folder is damaged; restore server-key.jwk from a backup, or remove it: all tokens then end.',
    );
  }
}

async function createKey(folder: string, path: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(jwk)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return publish(draft, path, jwk);
}

/** A hard link refuses to replace an existing key, which a rename would; where there are no links, the rename must do. */
async function publish(draft: string, path: string, jwk: JWK): Promise<JWK> {
  try {
    await link(draft, path);
    await rm(draft);
    return jwk;
  } catch (error) {
    const standing = await readKey(path);
    if (standing) {
      await rm(draft, { force: true });
      return standing;
    }
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw error;
    await rename(draft, path);
    return jwk;
  }
}

async function fromJwk(jwk: JWK): Promise<ServerKey> {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.d !== 'string' || typeof jwk.x !== 'string') {
    throw new Error(
      'The server key in the data folder is not an Ed25519 key; restore server-key.jwk from a backup, or remove it.',
    );
  }
  const { d, ...publicJwk } = jwk;
  const [privateKey, publicKey, id] = await Promise.all([
    importJWK(jwk, 'EdDSA'),
    importJWK(publicJwk, 'EdDSA'),
    calculateJwkThumbprint(publicJwk),
  ]);
  const logKey = Buffer.from(hkdfSync('sha256', Buffer.from(d, 'base64url'), '', 'meridian log actor', 32));
  return { id, privateKey: privateKey as CryptoKey, publicKey: publicKey as CryptoKey, logKey };
}
