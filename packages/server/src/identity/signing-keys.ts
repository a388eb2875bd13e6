import { randomBytes } from 'node:crypto';
import { type Vault, VaultConflict } from '@meridian/records';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

/** The keys of the sign-in server. */
export type SigningKeys = {
  /** Private keys: ES256 for access tokens, RS256 for identity tokens (OpenID Connect Core §15.1 asks for it). */
  jwks: { keys: JWK[] };
  /** For signed cookies, the newest first. */
  cookieKeys: string[];
  /** Base64url, 32 bytes: for device cookies. */
  deviceKey: string;
};

const ID = 'sign-in keys';

/** Reads the keys from the vault, or makes them at the first start. Of servers that start at once, one makes them. */
export async function openSigningKeys(vault: Vault): Promise<SigningKeys> {
  const found = await vault.get<SigningKeys>('other', ID);
  if (found) return found.content;
  const content: SigningKeys = {
    jwks: { keys: await Promise.all([makeKey('ES256'), makeKey('RS256')]) },
    cookieKeys: [randomBytes(32).toString('base64url')],
    deviceKey: randomBytes(32).toString('base64url'),
  };
  try {
    await vault.change([{ op: 'put', kind: 'other', id: ID, content, revision: 0 }]);
    return content;
  } catch (error) {
    const standing = error instanceof VaultConflict ? await vault.get<SigningKeys>('other', ID) : undefined;
    if (standing === undefined) throw error;
    return standing.content;
  }
}

async function makeKey(alg: 'ES256' | 'RS256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: randomBytes(12).toString('base64url') };
}
