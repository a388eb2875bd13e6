import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServerKey, Tokens } from '@meridian/server';
import { CommandError } from '../command-error.ts';

/** Gives a bearer token that is good for the next request at least. */
export type TokenSource = () => Promise<string>;

type Environment = Readonly<Record<string, string | undefined>>;

const LIFETIME_SECONDS = 3600;

/** The data folder of a command: what was given, else of the environment, else `./data`. */
export function dataFolder(given: string | undefined, environment: Environment): string {
  return resolve(given ?? environment.MERIDIAN_DATA?.trim() ?? './data');
}

/**
 * Opens the key that signs tokens. Throws CommandError where no server has been started with this data folder, or it is
 * not this user's to read: a key made now would be one that the server does not know.
 */
export async function openKey(folder: string): Promise<ServerKey> {
  try {
    await access(join(folder, 'server-key.jwk'));
  } catch (error) {
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES';
    throw new CommandError(
      denied
        ? `The data folder ${folder} may not be read by this user; run the command as the server's user.`
        : `There is no server key in ${folder}; name the server's data folder with --data, or start the server once.`,
    );
  }
  // loaded when it is needed: most commands need no server
  const { openServerKey } = await import('@meridian/server');
  return openServerKey(folder);
}

/** The token that was given, or tokens for a program, minted with the key in the data folder whenever one grows old. */
export async function tokenSource(
  given: { token?: string; data?: string },
  environment: Environment,
  now: () => number,
): Promise<TokenSource> {
  const token = given.token ?? environment.MERIDIAN_TOKEN?.trim();
  if (token) return async () => token;
  const folder = dataFolder(given.data, environment);
  const key = await openKey(folder).catch((error: unknown) => {
    if (!(error instanceof CommandError) || given.data !== undefined) throw error;
    throw new CommandError(`A token is needed: give one with --token or MERIDIAN_TOKEN. (${error.message})`);
  });
  const server = await import('@meridian/server');
  return mintedTokens(new server.Tokens(key, now), now);
}

/** Tokens for a program, a new one whenever half the life of the last is over. */
export function mintedTokens(tokens: Tokens, now: () => number): TokenSource {
  let minted: { token: string; until: number } | undefined;
  return async () => {
    if (minted === undefined || minted.until < now()) {
      const fresh = await tokens.mint({ actor: 'system', system: true, expiresInSeconds: LIFETIME_SECONDS });
      minted = { token: fresh, until: now() + (LIFETIME_SECONDS * 1000) / 2 };
    }
    return minted.token;
  };
}

/** Which key signed a token (`kid` of its header, RFC 7515 §4.1.4); undefined where it does not say. */
export function keyOf(token: string): string | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
    const kid = typeof header === 'object' && header !== null && 'kid' in header ? header.kid : undefined;
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}
