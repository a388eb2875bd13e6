import type { IncomingMessage, ServerResponse } from 'node:http';
import { type PostgresVault, VaultConflict } from '@meridian/records';
import type { Viewer } from '@meridian/viewing';
import type { Provider } from 'oidc-provider';
import { OAuthTokens } from '../access/oauth-tokens.ts';
import type { ServerKey } from '../access/server-key.ts';
import { type Bearer, Tokens } from '../access/tokens.ts';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { RateLimiter } from '../http/rate-limit.ts';
import { AccountError, type AccountInput } from './account.ts';
import { AccountApi } from './account-api.ts';
import { Accounts } from './accounts.ts';
import { AdminApi } from './admin-api.ts';
import { webClient } from './client.ts';
import { Clients } from './clients.ts';
import { CredentialStore } from './credentials.ts';
import { type DemoAccount, openDemoAccounts } from './demo-accounts.ts';
import { type ExternalSettings, ExternalSignIn } from './external.ts';
import { InteractionApi } from './interaction-api.ts';
import { introspect } from './introspection.ts';
import { Launches } from './launch.ts';
import { handToProvider } from './mount.ts';
import { jsonAnswer, notFound, type OAuthRequest } from './oauth-request.ts';
import { Passkeys } from './passkeys.ts';
import { Passwords } from './password.ts';
import { cookieNames, createProvider, issuerOf } from './provider.ts';
import { Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';
import { openSigningKeys } from './signing-keys.ts';
import { smartConfiguration } from './smart-configuration.ts';
import { Throttle } from './throttle.ts';
import { Viewers, viewerOf } from './viewers.ts';

export interface IdentityOptions {
  vault: PostgresVault;
  /** Signs the tokens of `meridian token`. */
  serverKey: ServerKey;
  /** Such as `https://records.example.org`. */
  origin: string;
  dataFolder: string;
  /** Whether accounts of the demonstration are good. */
  demo: boolean;
  external: ExternalSettings | undefined;
  /** Logical ids of the Organizations for which somebody works, by the records (see organizations.ts). */
  organizationsOf: (resource: string) => Promise<readonly string[]>;
  now: () => number;
  /** Told of faults of ours while signing in. */
  onFault: (error: unknown) => void;
}

const OWN_PATHS: ReadonlySet<string> = new Set([
  'interaction',
  'account',
  'launch',
  'accounts',
  'clients',
  'introspect',
  'external',
  'demo',
]);

/** How the bearer of a request is found, with the limits that every request has. */
export type BearerOf = () => Promise<Bearer>;

/** Who people and programs are: accounts, sign-in, tokens, and everything below `/oauth`. */
export class Identity {
  readonly accounts: Accounts;
  readonly viewers: Viewers;
  readonly tokens: Tokens;
  /** For requests of each address that nobody is known for: each leaves something in the vault for a while. */
  readonly limiter = new RateLimiter({ perSecond: 50, burst: 500 }, () => performance.now());
  readonly #options: IdentityOptions;
  readonly #provider: Provider;
  readonly #oauth: OAuthTokens;
  readonly #interactions: InteractionApi;
  readonly #account: AccountApi;
  readonly #admin: AdminApi;
  readonly #external: ExternalSignIn | undefined;
  readonly #credentials: CredentialStore;
  readonly #passwords = new Passwords();
  #demo: DemoAccount[] = [];

  /** Opens the keys in the vault, which are made at the first start. */
  static async open(options: IdentityOptions): Promise<Identity> {
    return new Identity(options, await openSigningKeys(options.vault));
  }

  private constructor(options: IdentityOptions, keys: Awaited<ReturnType<typeof openSigningKeys>>) {
    const { vault, origin, now, demo, organizationsOf } = options;
    const accounts = new Accounts(vault, now);
    const clients = new Clients(vault, webClient(origin), now);
    const credentials = new CredentialStore(vault);
    const launches = new Launches(vault, now);
    const passkeys = new Passkeys(vault, origin, now);
    const throttle = new Throttle(vault, now, Buffer.from(keys.deviceKey, 'base64url'));
    const viewers = new Viewers({ vault, accounts, organizationsOf, demo, now });
    const passwords = this.#passwords;
    const signIn = new SignIn({ vault, accounts, credentials, passwords, passkeys, throttle, demo, now });
    const external = options.external && new ExternalSignIn(options.external, vault, origin, now);
    const fhirUserOf = async (id: string): Promise<string | undefined> => {
      const found = await accounts.get(id);
      return found && signIn.mayEnter(found.account) ? found.account.resource : undefined;
    };
    const provider = createProvider({ vault, clients, launches, keys, origin, fhirUserOf, now });
    this.#options = options;
    this.#provider = provider;
    provider.on('server_error', (_context: unknown, error: unknown) => options.onFault(error));
    this.#oauth = new OAuthTokens({
      issuer: issuerOf(origin),
      audience: `${origin}/fhir`,
      jwks: keys.jwks,
      vault,
      viewers,
      clients,
      now,
    });
    this.#interactions = new InteractionApi({
      provider,
      vault,
      accounts,
      clients,
      launches,
      passkeys,
      signIn,
      throttle,
      external,
      origin,
      now,
    });
    this.#account = new AccountApi({
      accounts,
      sessions: new Sessions(vault, clients),
      credentials,
      passwords,
      passkeys,
      launches,
      signIn,
      now,
      sessionCookie: cookieNames(origin).session,
    });
    this.#admin = new AdminApi({ accounts, clients, credentials, passwords });
    this.#external = external;
    this.#credentials = credentials;
    this.accounts = accounts;
    this.viewers = viewers;
    this.tokens = new Tokens(options.serverKey, now, { vault, accounts, viewers, oauth: this.#oauth });
  }

  /** Makes the accounts of the demonstration and shows them at `/oauth/demo`. Nothing where the demonstration is off. */
  async openDemo(wanted: readonly AccountInput[]): Promise<readonly DemoAccount[]> {
    if (!this.#options.demo) return [];
    const { dataFolder } = this.#options;
    const parts = { accounts: this.accounts, credentials: this.#credentials, passwords: this.#passwords, dataFolder };
    this.#demo = await openDemoAccounts(parts, wanted);
    return this.#demo;
  }

  /** The viewer that whoever acts as a resource is after signing in; undefined where nobody does. */
  async viewerAs(resource: string): Promise<Viewer | undefined> {
    const [account] = await this.accounts.actingAs(resource);
    const known = account && (await this.viewers.of(account.id));
    const facts = { purpose: undefined, launchPatient: undefined, keyThumbprint: undefined };
    return known && viewerOf(known, { ...facts, scope: 'user/*.cruds', authenticatedAt: this.#options.now() });
  }

  /** Whether a request is answered by `answer`; the rest is for the sign-in server itself, by `handOver`. */
  answers(path: readonly string[]): boolean {
    return OWN_PATHS.has(path[0] ?? '');
  }

  /** Answers a JSON request below `/oauth`. */
  async answer(request: OAuthRequest, bearerOf: BearerOf): Promise<Answer> {
    try {
      return await this.#route(request, bearerOf);
    } catch (error) {
      if (error instanceof AccountError) throw refusal(422, 'business-rule', error.message);
      if (error instanceof VaultConflict) throw refusal(409, 'conflict', error.message);
      throw error;
    }
  }

  async #route(request: OAuthRequest, bearerOf: BearerOf): Promise<Answer> {
    switch (request.path[0]) {
      case 'interaction':
        return this.#interactions.answer(request);
      case 'account':
        return this.#account.answer(request, await bearerOf());
      case 'launch':
        return this.#account.launch(request, await bearerOf());
      case 'accounts':
      case 'clients':
        return this.#admin.answer(request, await bearerOf());
      case 'introspect':
        return introspect(request, await bearerOf(), this.#oauth, this.#options.origin);
      case 'external':
        return this.#callback(request);
      case 'demo':
        return this.#showDemo();
      default:
        throw notFound();
    }
  }

  /** `/.well-known/smart-configuration`, for pages of any origin: it says nothing about anybody. */
  smartConfiguration(): Answer {
    return jsonAnswer(smartConfiguration(this.#options.origin), 200, { 'access-control-allow-origin': '*' });
  }

  /** Gives a request below `/oauth` to the sign-in server, which writes the answer itself. */
  handOver(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return handToProvider(this.#provider, this.#options.origin, message, response);
  }

  async #callback(request: OAuthRequest): Promise<Answer> {
    if (this.#external === undefined || request.path[1] !== 'callback' || request.method !== 'GET') throw notFound();
    return this.#external.callback(request);
  }

  async #showDemo(): Promise<Answer> {
    if (this.#demo.length === 0) throw notFound();
    return jsonAnswer(this.#demo);
  }
}
