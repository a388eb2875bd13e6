import type { Vault } from '@meridian/records';
import {
  type ClientModel,
  type Context,
  errors,
  type GrantModel,
  interactionPolicy,
  Provider,
  type ResourceServerInfo,
  type TokenModel,
} from 'oidc-provider';
import { type Client, WEB_CLIENT } from './client.ts';
import type { Clients } from './clients.ts';
import type { Launches } from './launch.ts';
import { ClientAdapter, VaultAdapter } from './oidc-adapter.ts';
import type { SigningKeys } from './signing-keys.ts';
import { covers, isStatic, knownScopes, parseClinicalScope, STATIC_SCOPES } from './smart-scopes.ts';

/** Seconds. */
export const LIFETIMES = {
  accessToken: 300,
  code: 60,
  /** A working day: after that one signs in again. */
  session: 12 * 3600,
  grant: 90 * 24 * 3600,
  refreshToken: 90 * 24 * 3600,
  interaction: 1800,
};

/** The JWS algorithms of SMART clients (SMART App Launch 2.2, "Client Authentication: Asymmetric"), and of newer ones. */
const CLIENT_ALGORITHMS = ['RS384', 'ES384', 'RS256', 'ES256', 'PS256', 'PS384', 'Ed25519', 'EdDSA'];

export interface ProviderParts {
  vault: Vault;
  clients: Clients;
  launches: Launches;
  keys: SigningKeys;
  /** Of the whole server, such as `https://records.example.org`. */
  origin: string;
  /** The FHIR resource of an account that may be signed in. */
  fhirUserOf: (account: string) => Promise<string | undefined>;
  now: () => number;
}

/** The identifier of the issuer; everything of OAuth is below it. */
export function issuerOf(origin: string): string {
  return `${origin}/oauth`;
}

/** Names of cookies. Browsers accept the prefixed ones from https only, and never from another host (RFC 6265bis §4.1.3). */
export function cookieNames(origin: string): { session: string; interaction: string; resume: string; device: string } {
  const secure = origin.startsWith('https:');
  const host = secure ? '__Host-' : '';
  const path = secure ? '__Secure-' : '';
  return {
    session: `${host}meridian-session`,
    interaction: `${path}meridian-interaction`,
    resume: `${path}meridian-resume`,
    device: `${host}meridian-device`,
  };
}

/** The sign-in server: OpenID Connect and OAuth 2.1 by `oidc-provider`, set up as SMART App Launch 2.2 asks. */
export function createProvider(parts: ProviderParts): Provider {
  const { origin, vault, clients, now, keys } = parts;
  const fhir = `${origin}/fhir`;
  const { device: _device, ...names } = cookieNames(origin);
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, secure: origin.startsWith('https:') };
  const provider = new Provider(issuerOf(origin), {
    adapter: (model: string) => (model === 'Client' ? new ClientAdapter(clients) : new VaultAdapter(model, vault, now)),
    jwks: keys.jwks,
    cookies: { names, keys: keys.cookieKeys, long: { ...cookie, path: '/' }, short: cookie },
    scopes: [...STATIC_SCOPES],
    claims: { acr: null, iss: null, sid: null, openid: ['sub', 'amr', 'auth_time'], fhirUser: ['fhirUser'] },
    // SMART wants fhirUser in the identity token itself
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    clientAuthMethods: ['none', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: CLIENT_ALGORITHMS },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: 5,
    rotateRefreshToken: true,
    issueRefreshToken: (_context: Context, client: ClientModel, code: TokenModel) =>
      client.grantTypeAllowed('refresh_token') &&
      (client.clientId === WEB_CLIENT || code.scopes.has('offline_access') || code.scopes.has('online_access')),
    routes: {
      authorization: '/authorize',
      token: '/token',
      jwks: '/jwks',
      revocation: '/revoke',
      end_session: '/logout',
      pushed_authorization_request: '/par',
    },
    ttl: {
      AccessToken: LIFETIMES.accessToken,
      ClientCredentials: LIFETIMES.accessToken,
      AuthorizationCode: LIFETIMES.code,
      IdToken: 3600,
      RefreshToken: LIFETIMES.refreshToken,
      Interaction: LIFETIMES.interaction,
      Session: LIFETIMES.session,
      Grant: LIFETIMES.grant,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: async (_context: Context, client: { clientId: string }, token: TokenModel) =>
          token.clientId === client.clientId,
      },
      dPoP: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: logoutPage, postLogoutSuccessSource: loggedOutPage },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => fhir,
        useGrantedResource: async () => true,
        getResourceServerInfo: (context: Context, resource: string, client: { clientId: string }) =>
          resourceServer(parts, context, resource, client.clientId),
      },
    },
    // pages may call the token endpoint from the origin to which their client is sent back, and from no other
    clientBasedCORS: (_context: Context, sender: string, client: ClientModel) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === sender),
    extraParams: {
      aud: (_context: Context, value: string | undefined) => {
        if (value !== undefined && value.replace(/\/$/, '') !== fhir) {
          throw new errors.InvalidTarget('aud must be the base URL of this FHIR server');
        }
      },
      launch: null,
    },
    interactions: {
      policy: policyOf(),
      url: (_context: Context, interaction: { uid: string }) => `/oauth/interaction/${interaction.uid}`,
    },
    findAccount: async (_context: Context, id: string) => {
      const resource = await parts.fhirUserOf(id);
      return resource && { accountId: id, claims: async () => ({ sub: id, fhirUser: `${fhir}/${resource}` }) };
    },
    loadExistingGrant: (context: Context) => existingGrant(parts, context, fhir),
    extraTokenClaims: (context: Context, token: TokenModel) => tokenClaims(parts, context, token),
    renderError: errorPage,
  });
  // whether a cookie is secure follows the configured origin, which the mount writes into the request
  provider.proxy = true;
  provider.silent = true;
  provider.use(tellLaunchContext(parts));
  return provider;
}

/** What of the requested scopes a client may have: what it was registered for, and of the kind that fits how it asks. */
async function resourceServer(
  { clients, origin }: ProviderParts,
  { oidc }: Context,
  resource: string,
  clientId: string,
): Promise<ResourceServerInfo> {
  const audience = `${origin}/fhir`;
  if (resource.replace(/\/$/, '') !== audience) throw new errors.InvalidTarget('there is only the FHIR server here');
  const client = await clients.active(clientId);
  const { AuthorizationCode, RefreshToken } = oidc.entities;
  const asked = oidc.params?.scope ?? AuthorizationCode?.scope ?? RefreshToken?.scope;
  const scopes = client ? allowedScopes(client, asked) : [];
  if (client?.kind === 'service' && scopes.length === 0) {
    throw new errors.InvalidScope('the client is not registered for any of these scopes', asked ?? '');
  }
  return {
    scope: scopes.join(' '),
    audience,
    accessTokenTTL: LIFETIMES.accessToken,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  };
}

/** A person's app never gets `system/…`, a service nothing else. */
export function allowedScopes(client: Client, asked: string | undefined): string[] {
  const service = client.kind === 'service';
  return knownScopes(asked).filter((scope) => {
    const ofSystem = parseClinicalScope(scope)?.context === 'system';
    return ofSystem === service && covers(client.scopes, scope);
  });
}

/** The grant of this session and client. The web application has one without being asked for. */
async function existingGrant(
  { clients }: ProviderParts,
  { oidc }: Context,
  fhir: string,
): Promise<GrantModel | undefined> {
  const { client, account, provider } = oidc;
  if (client === undefined || account === undefined) return undefined;
  const id = oidc.result?.consent?.grantId ?? oidc.session.grantIdFor(client.clientId);
  const found = id === undefined ? undefined : await provider.Grant.find(id);
  // somebody else has signed in meanwhile
  const standing = found?.accountId === account.accountId ? found : undefined;
  if (client.clientId !== WEB_CLIENT) return standing;
  const web = await clients.active(WEB_CLIENT);
  const grant = standing ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const scopes = web ? allowedScopes(web, oidc.params?.scope) : [];
  grant.addOIDCScope(scopes.filter(isStatic).join(' '));
  grant.addResourceScope(fhir, scopes.join(' '));
  await grant.save();
  return grant;
}

/** What access tokens say besides the usual: which grant they end with, when the person signed in, where they are. */
async function tokenClaims({ launches }: ProviderParts, { oidc }: Context, token: TokenModel): Promise<object> {
  const { grantId } = token;
  if (grantId === undefined) return {};
  const source = oidc.entities.AuthorizationCode ?? oidc.entities.RefreshToken;
  return { grant: grantId, auth_time: source?.authTime ?? 0, ...(await launches.of(grantId)) };
}

function policyOf() {
  const policy = interactionPolicy.base();
  policy
    .get('login')
    .checks.add(
      new interactionPolicy.Check(
        'account_ended',
        'the account may not be signed in any more',
        ({ oidc }) => oidc.session.accountId !== undefined && oidc.account === undefined,
      ),
    );
  // whose record an app opens is asked each time: an answer of yesterday may be about another patient
  policy
    .get('consent')
    .checks.add(
      new interactionPolicy.Check(
        'launch_context',
        'the patient must be chosen',
        ({ oidc }) =>
          oidc.client?.clientId !== WEB_CLIENT &&
          oidc.result?.consent === undefined &&
          needsPatient(oidc.params?.scope),
      ),
    );
  return policy;
}

/** Whether an app with these scopes must be told which patient it is about. */
export function needsPatient(scope: string | undefined): boolean {
  return knownScopes(scope).some(
    (one) => one === 'launch/patient' || one === 'launch' || parseClinicalScope(one)?.context === 'patient',
  );
}

/** SMART's launch context stands beside the access token in the token response. */
function tellLaunchContext({ launches }: ProviderParts) {
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    await next();
    const token = context.path === '/token' ? context.oidc?.entities.AccessToken : undefined;
    if (token?.grantId === undefined || context.status !== 200 || typeof context.body !== 'object') return;
    const { patient, encounter } = await launches.of(token.grantId);
    Object.assign(context.body ?? {}, {
      ...(patient !== undefined && { patient, need_patient_banner: true }),
      ...(encounter !== undefined && { encounter }),
    });
  };
}

/** Plain text: what the caller sent may be in the description, and is never markup here. */
function errorPage(context: Context, out: { error: string; error_description?: string }): void {
  context.type = 'text/plain';
  context.body = `Signing in did not work: ${out.error_description ?? out.error}. Go back to the application and try again.`;
}

function logoutPage(context: Context, form: string): void {
  context.type = 'html';
  context.body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign out</title>
<h1>Sign out?</h1>${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button></html>`;
}

function loggedOutPage(context: Context): void {
  context.type = 'text/plain';
  context.body = 'You are signed out.';
}
