import { AccountError } from './account.ts';
import { isStatic, parseClinicalScope } from './smart-scopes.ts';

/** The web application of this installation: never asked for consent, because it is the record system itself. */
export const WEB_CLIENT = 'meridian-web';

/** A program that was registered. */
export type Client = {
  id: string;
  /** As shown to those who are asked. */
  name: string;
  /**
   * `browser` and `native` keep no secret (PKCE); `server` proves itself by `private_key_jwt`; `service` does so too and
   * acts for nobody but its own account (SMART Backend Services).
   */
  kind: 'browser' | 'native' | 'server' | 'service';
  redirectUris: string[];
  /** Scopes it may ask for; a broader one covers narrower ones. */
  scopes: string[];
  /** Public keys (RFC 7517). */
  jwks?: { keys: Record<string, unknown>[] };
  /** The account of a service. */
  account?: string;
  state: 'active' | 'suspended';
  /** Epoch milliseconds. */
  created: number;
};

export type ClientInput = Omit<Client, 'id' | 'created'>;

const KINDS = ['browser', 'native', 'server', 'service'] as const;
const FIELDS = new Set(['name', 'kind', 'redirectUris', 'scopes', 'jwks', 'account', 'state']);
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** Reads a client from JSON that an administrator sent. @throws AccountError with a sentence for the administrator */
export function readClient(json: unknown): ClientInput {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new AccountError('A client must be a JSON object.');
  }
  const given = json as Record<string, unknown>;
  if (Object.keys(given).some((name) => !FIELDS.has(name))) {
    throw new AccountError('A client has no member of that name; keys are given in jwks, not by a URL.');
  }
  const kind = KINDS.find((one) => one === given.kind);
  if (kind === undefined) throw new AccountError(`kind must be of: ${KINDS.join(', ')}.`);
  const { name, account } = given;
  if (typeof name !== 'string' || name.length === 0 || name.length > 128) {
    throw new AccountError('name must be a text of 1 to 128 characters.');
  }
  const keyed = kind === 'server' || kind === 'service';
  if (keyed !== (given.jwks !== undefined)) {
    throw new AccountError('jwks must hold the public keys of a server or service, and of no other kind.');
  }
  if ((kind === 'service') !== (typeof account === 'string')) {
    throw new AccountError('account must name the account of a service, and of no other kind.');
  }
  return {
    name,
    kind,
    redirectUris: readRedirects(given.redirectUris, kind),
    scopes: readScopes(given.scopes, kind),
    ...(keyed && { jwks: readJwks(given.jwks) }),
    ...(typeof account === 'string' && { account }),
    state: given.state === 'suspended' ? 'suspended' : 'active',
  };
}

/** Exact URIs only: whole, without fragment, and https unless on the same machine (RFC 9700 §2.1). */
function readRedirects(value: unknown, kind: Client['kind']): string[] {
  const uris = strings(value ?? [], 'redirectUris', 10);
  if ((kind === 'service') !== (uris.length === 0)) {
    throw new AccountError('redirectUris must name at least one URI, and none for a service.');
  }
  for (const uri of uris) {
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
    const own = kind === 'native' && url !== undefined && /^[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:$/.test(url.protocol);
    if (url === undefined || uri.includes('#') || url.username !== '' || !(secure || own)) {
      throw new AccountError('Each redirect URI must be https (or http on this machine), whole, without a fragment.');
    }
  }
  return uris;
}

function readScopes(value: unknown, kind: Client['kind']): string[] {
  const scopes = strings(value, 'scopes', 60);
  for (const scope of scopes) {
    const parsed = parseClinicalScope(scope);
    const fits = parsed
      ? (parsed.context === 'system') === (kind === 'service')
      : isStatic(scope) && kind !== 'service';
    if (!fits) {
      throw new AccountError('scopes must be SMART scopes: system/… for a service, patient/… and user/… for others.');
    }
  }
  return scopes;
}

function readJwks(value: unknown): { keys: Record<string, unknown>[] } {
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  const good =
    Array.isArray(keys) &&
    keys.length > 0 &&
    keys.length <= 10 &&
    keys.every((key) => typeof key === 'object' && key !== null && typeof key.kid === 'string');
  if (!good) throw new AccountError('jwks must be a JSON Web Key Set of 1 to 10 keys, each with its kid.');
  if (keys.some((key) => PRIVATE_MEMBERS.some((member) => member in key))) {
    throw new AccountError('jwks must hold public keys only; replace this key pair, for it has been shown to others.');
  }
  return { keys: keys as Record<string, unknown>[] };
}

function strings(value: unknown, name: string, most: number): string[] {
  if (
    !Array.isArray(value) ||
    value.length > most ||
    !value.every((one) => typeof one === 'string' && one.length < 512)
  ) {
    throw new AccountError(`${name} must be a list of at most ${most} texts.`);
  }
  return [...new Set(value as string[])];
}

/** A client as the sign-in server reads it (OpenID Connect Dynamic Client Registration 1.0 §2). */
export function clientMetadata(client: Client): Record<string, unknown> {
  const service = client.kind === 'service';
  const keyed = service || client.kind === 'server';
  return {
    client_id: client.id,
    client_name: client.name,
    application_type: client.kind === 'native' ? 'native' : 'web',
    redirect_uris: client.redirectUris,
    response_types: service ? [] : ['code'],
    grant_types: service ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: keyed ? 'private_key_jwt' : 'none',
    ...(client.jwks && { jwks: client.jwks }),
  };
}

/** The client of the web application. */
export function webClient(origin: string): Client {
  return {
    id: WEB_CLIENT,
    name: 'Meridian',
    kind: 'browser',
    redirectUris: [`${origin}/signed-in`],
    scopes: ['openid', 'fhirUser', 'online_access', 'user/*.cruds', 'patient/*.cruds'],
    state: 'active',
    created: 0,
  };
}
