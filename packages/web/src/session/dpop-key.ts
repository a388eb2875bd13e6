import { base64Url } from './pkce.ts';

const DATABASE = 'meridian';
const STORE = 'keys';
const NAME = 'dpop';

/**
 * The key of this browser (RFC 9449, ES256). It cannot be extracted, so a token bound to it is of no use elsewhere. Made
 * when first needed and kept in IndexedDB, which stores the key without showing it.
 */
export async function dpopKey(): Promise<CryptoKeyPair> {
  const database = await open();
  try {
    const kept = await request<CryptoKeyPair | undefined>(database.transaction(STORE).objectStore(STORE).get(NAME));
    if (kept) return kept;
    const made = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    await request(database.transaction(STORE, 'readwrite').objectStore(STORE).put(made, NAME));
    return made;
  } finally {
    database.close();
  }
}

/** The key, looked up once for the page. */
export function keptDpopKey(): () => Promise<CryptoKeyPair> {
  let key: Promise<CryptoKeyPair> | undefined;
  return () => {
    key ??= dpopKey();
    return key;
  };
}

/**
 * A proof for one request (RFC 9449 §4.2).
 *
 * @param now epoch milliseconds
 * @param id unique for each proof
 */
export async function dpopProof(
  key: CryptoKeyPair,
  {
    method,
    url,
    accessToken,
    nonce,
    now,
    id,
  }: { method: string; url: string; accessToken?: string; nonce?: string; now: number; id: string },
): Promise<string> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
  const hash = accessToken === undefined ? undefined : await crypto.subtle.digest('SHA-256', utf8(accessToken));
  const claims = {
    jti: id,
    htm: method,
    htu: url.replace(/[?#].*$/, ''),
    iat: Math.floor(now / 1000),
    ...(hash !== undefined && { ath: base64Url(new Uint8Array(hash)) }),
    ...(nonce !== undefined && { nonce }),
  };
  const signed = `${part(header)}.${part(claims)}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, utf8(signed));
  return `${signed}.${base64Url(new Uint8Array(signature))}`;
}

function part(value: unknown): string {
  return base64Url(utf8(JSON.stringify(value)));
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return request(opening);
}

function request<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('The browser could not keep a key.'));
  });
}
