import { type Context, EVENT_KIND, type Vault } from '@meridian/records';
import { type Account, AccountError } from './account.ts';
import { ownChain } from './accounts.ts';

/** A WebAuthn credential (W3C Web Authentication Level 3) of an account. */
export interface Passkey {
  /** Base64url, as authenticators name it. */
  id: string;
  /** COSE key, base64url. */
  publicKey: string;
  counter: number;
  transports: string[];
  /** What its owner calls it. */
  name: string;
  /** Epoch milliseconds. */
  created: number;
  used: number | undefined;
}

/** The secrets of an account. */
export type Credentials = {
  passwordHash?: string;
  totp?: {
    /** Base32. */
    secret: string;
    /** False until a first code was right: a half-done enrolment locks nobody out. */
    confirmed: boolean;
    lastStep: number;
  };
  passkeys: Passkey[];
};

export interface StoredCredentials {
  credentials: Credentials;
  revision: number;
}

/** Secrets of accounts, in documents of their own: nothing that lists or shows accounts ever reads them. */
export class CredentialStore {
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  async of(accountId: string): Promise<StoredCredentials> {
    const found = await this.#vault.get<Credentials>('credential', accountId);
    return found ? { credentials: found.content, revision: found.revision } : { credentials: NONE, revision: 0 };
  }

  /** The id of the account to which a passkey belongs. */
  async ownerOfPasskey(credentialId: string): Promise<string | undefined> {
    return (await this.#vault.find('credential', `passkey/${credentialId}`, 1))[0]?.id;
  }

  /** @throws AccountError where there would be too many passkeys; VaultConflict where something changed meanwhile */
  async save(account: Account, next: Credentials, revision: number, context?: Context): Promise<void> {
    if (next.passkeys.length > MOST_PASSKEYS) {
      throw new AccountError(`An account has at most ${MOST_PASSKEYS} passkeys; remove one that is not used any more.`);
    }
    const event = context && {
      kind: EVENT_KIND.accountChanged,
      context,
      subjects: [`Account/${account.id}`],
      ...ownChain(account),
    };
    await this.#vault.change(
      [
        {
          op: 'put',
          kind: 'credential',
          id: account.id,
          content: next,
          lookups: next.passkeys.map(({ id }) => `passkey/${id}`),
          revision,
        },
      ],
      event ? [event] : [],
    );
  }
}

const NONE: Credentials = { passkeys: [] };
const MOST_PASSKEYS = 12;
