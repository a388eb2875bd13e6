import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { ORIGIN, TestBrowser } from './browser.ts';
import type { TestAnswer, TestJson, TestServer } from './server.ts';

/** Somebody signed in, whose tokens are bound to a key of their own (RFC 9449). */
export interface DpopClient {
  /** A request with the access token and a fresh proof. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  /** The Authorization header alone, as a thief would have it. */
  authorization: string;
  /** A proof for another request, or of another time. */
  proof(method: string, path: string): Promise<string>;
}

/** Signs in by password and binds the session to a new key. */
export async function dpopClient(server: TestServer, username: string, password: string): Promise<DpopClient> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const browser = new TestBrowser(server);
  const { uid = '', exchange } = await browser.authorize();
  const entered = await browser.interaction(uid, 'password', { username, password });
  if (entered.status !== 200) throw new Error(`sign-in of ${username} failed: ${entered.text}`);
  const { code = '' } = await browser.follow(entered);
  const token = await browser.exchange(
    { ...exchange, code },
    { dpop: await proofOf(privateKey, jwk, 'POST', `${ORIGIN}/oauth/token`, undefined) },
  );
  const access = String(token.json.access_token);
  const proof = (method: string, path: string): Promise<string> =>
    proofOf(privateKey, jwk, method, `${ORIGIN}${path.split('?', 1)[0]}`, access);
  return {
    authorization: `DPoP ${access}`,
    proof,
    call: async (method, path, body, headers = {}) => {
      const type = path.startsWith('/fhir') ? 'application/fhir+json' : 'application/json';
      return server.raw(method, path, body === undefined ? undefined : JSON.stringify(body), {
        authorization: `DPoP ${access}`,
        dpop: await proof(method, path),
        ...(body !== undefined && { 'content-type': type }),
        ...headers,
      });
    },
  };
}

async function proofOf(
  key: CryptoKey,
  jwk: JWK,
  method: string,
  url: string,
  access: string | undefined,
): Promise<string> {
  const ath = access === undefined ? {} : { ath: createHash('sha256').update(access).digest('base64url') };
  return new SignJWT({ htm: method, htu: url, jti: randomUUID(), ...ath })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .setIssuedAt()
    .sign(key);
}

/** Creates an account as an administrator would; answers its password. */
export async function createAccount(server: TestServer, account: object): Promise<string> {
  const { json, status, text } = await server.raw('POST', '/oauth/accounts', JSON.stringify(account), {
    'content-type': 'application/json',
  });
  if (status !== 201) throw new Error(`the account was not made: ${text}`);
  return String((json as TestJson & { password: unknown }).password);
}
