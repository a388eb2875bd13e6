import { type Context, EVENT_KIND, type Vault, type VaultDocument } from '@meridian/records';
import type { Account } from './account.ts';
import { ownChain } from './accounts.ts';
import type { Clients } from './clients.ts';

/** What the sign-in server keeps of a session, as far as it is looked at here. */
export type SessionContent = {
  uid: string;
  /** Epoch seconds. */
  loginTs?: number;
  amr?: string[];
  /** By client. */
  authorizations?: Record<string, { grantId?: string }>;
};

/** The sessions of accounts: who is signed in where, and the end of that. */
export class Sessions {
  readonly #vault: Vault;
  readonly #clients: Clients;

  constructor(vault: Vault, clients: Clients) {
    this.#vault = vault;
    this.#clients = clients;
  }

  async of(account: Account): Promise<VaultDocument<SessionContent>[]> {
    const found = await this.#vault.find<SessionContent>('oidc', `account/${account.id}`, 1000);
    return found.filter(({ id }) => id.startsWith('Session/'));
  }

  /** As their owner sees them. */
  async list(account: Account): Promise<object[]> {
    const found = await this.of(account);
    return Promise.all(
      found.map(async ({ content, expires }) => ({
        id: content.uid,
        signedIn: content.loginTs === undefined ? undefined : new Date(content.loginTs * 1000).toISOString(),
        expires: expires === undefined ? undefined : new Date(expires).toISOString(),
        methods: content.amr ?? [],
        apps: await Promise.all(
          Object.keys(content.authorizations ?? {}).map(
            async (client) => (await this.#clients.active(client))?.name ?? 'an app that is no longer registered',
          ),
        ),
      })),
    );
  }

  /** Ends a session, and every grant, code and token that came of it. */
  async end(account: Account, session: VaultDocument<SessionContent>, context: Context): Promise<void> {
    const grants = Object.values(session.content.authorizations ?? {}).flatMap(({ grantId }) => grantId ?? []);
    const under = await Promise.all(grants.map((grant) => this.#vault.find('oidc', `grant/${grant}`, 500)));
    const ids = [session.id, ...grants.map((grant) => `Grant/${grant}`), ...under.flat().map(({ id }) => id)];
    await this.#vault.change(
      [...new Set(ids)].map((id) => ({ op: 'remove', kind: 'oidc', id }) as const),
      [{ kind: EVENT_KIND.signedOut, context, subjects: [`Account/${account.id}`], ...ownChain(account) }],
    );
  }
}
