import { randomUUID } from 'node:crypto';
import {
  type Context,
  EVENT_KIND,
  type Vault,
  type VaultChange,
  VaultConflict,
  type VaultDocument,
} from '@meridian/records';
import { type Account, AccountError, type AccountInput, canonicalUsername } from './account.ts';

/** An account with the revision that a change must name. */
export interface StoredAccount {
  account: Account;
  revision: number;
}

const ALL = 'all';
/** What ends with one account's rights: sessions, grants, codes and refresh tokens, in portions of this many. */
const PORTION = 500;
const MOST_ACTING = 50;

/** The accounts of an installation, in the vault. Every change is an event. */
export class Accounts {
  readonly #vault: Vault;
  readonly #now: () => number;
  readonly #newId: () => string;

  constructor(vault: Vault, now: () => number, newId: () => string = randomUUID) {
    this.#vault = vault;
    this.#now = now;
    this.#newId = newId;
  }

  async get(id: string): Promise<StoredAccount | undefined> {
    return stored(await this.#vault.get<Account>('account', id));
  }

  async byUsername(username: string): Promise<StoredAccount | undefined> {
    return this.#one(usernameLookup(canonicalUsername(username)));
  }

  /** By the resource it acts as; undefined where several accounts act as the same. */
  async byResource(resource: string): Promise<StoredAccount | undefined> {
    const found = await this.#vault.find<Account>('account', `resource/${resource}`, 2);
    return found.length === 1 ? stored(found[0]) : undefined;
  }

  /** All active accounts that act as a resource, such as both accounts of one Practitioner. */
  actingAs(resource: string): Promise<Account[]> {
    return this.#active(`resource/${resource}`);
  }

  /** All active accounts that act, or once acted, for a patient; `proxies` says when and how. */
  actingFor(patientId: string): Promise<Account[]> {
    return this.#active(`proxy/${patientId}`);
  }

  /** By a subject that an external identity provider vouches for. */
  async bySubject(issuer: string, subject: string): Promise<StoredAccount | undefined> {
    return this.#one(subjectLookup(issuer, subject));
  }

  /** By id, username or resource, as a person at the console names it. */
  async named(name: string): Promise<StoredAccount | undefined> {
    return (await this.get(name)) ?? (await this.byUsername(name)) ?? (await this.byResource(name));
  }

  /** @param after the id of the last account of the page before */
  async list(limit: number, after?: string): Promise<StoredAccount[]> {
    const found = await this.#vault.find<Account>('account', ALL, limit, after);
    return found.map((document) => ({ account: document.content, revision: document.revision }));
  }

  /** @throws AccountError where the username is taken */
  async create(input: AccountInput, context: Context, demo = false): Promise<Account> {
    const account: Account = { ...input, id: this.#newId(), created: this.#now(), demo };
    await this.#save(account, 0, [reserve(input.username, account.id, 0)], context);
    return account;
  }

  /**
   * Replaces an account. Its sessions and tokens end: what they were given may not hold any more.
   *
   * @throws AccountError where the username is taken; VaultConflict where the revision is not what stands
   */
  async replace(standing: StoredAccount, input: AccountInput, context: Context): Promise<Account> {
    const { id, created, demo, username } = standing.account;
    const account: Account = { ...input, id, created, demo };
    const renames: VaultChange[] =
      username === input.username
        ? []
        : [reserve(input.username, id, 0), { op: 'remove', kind: 'other', id: reservation(username) }];
    await this.#save(account, standing.revision, renames, context);
    await this.endSessions(id);
    return account;
  }

  async remove(standing: StoredAccount, context: Context): Promise<void> {
    const { id, username } = standing.account;
    await this.#vault.change(
      [
        { op: 'remove', kind: 'account', id, revision: standing.revision },
        { op: 'remove', kind: 'credential', id },
        { op: 'remove', kind: 'other', id: reservation(username) },
      ],
      [changed(standing.account, context)],
    );
    await this.endSessions(id);
  }

  /** Ends everything that lets this account in: sessions, grants, codes, refresh tokens; access tokens with them. */
  async endSessions(id: string): Promise<void> {
    for (;;) {
      const documents = await this.#vault.find('oidc', `account/${id}`, PORTION);
      if (documents.length === 0) return;
      await this.#vault.change(documents.map((document) => ({ op: 'remove', kind: 'oidc', id: document.id }) as const));
    }
  }

  async #save(account: Account, revision: number, others: VaultChange[], context: Context): Promise<void> {
    const put: VaultChange = {
      op: 'put',
      kind: 'account',
      id: account.id,
      content: account,
      lookups: [
        ALL,
        usernameLookup(account.username),
        `resource/${account.resource}`,
        ...account.subjects.map(({ issuer, subject }) => subjectLookup(issuer, subject)),
        ...new Set(account.proxies.map(({ patientId }) => `proxy/${patientId}`)),
      ],
      revision,
    };
    const taken = others.length > 0 && (await this.byUsername(account.username));
    if (taken && taken.account.id !== account.id) throw usernameTaken();
    try {
      await this.#vault.change([put, ...others], [changed(account, context)]);
    } catch (error) {
      // two that choose the same name at once: the reservation lets one through
      if (error instanceof VaultConflict && (await this.byUsername(account.username))?.account.id !== account.id) {
        throw usernameTaken();
      }
      throw error;
    }
  }

  async #active(lookup: string): Promise<Account[]> {
    const found = await this.#vault.find<Account>('account', lookup, MOST_ACTING);
    return found.map(({ content }) => content).filter(({ state }) => state === 'active');
  }

  async #one(lookup: string): Promise<StoredAccount | undefined> {
    return stored((await this.#vault.find<Account>('account', lookup, 1))[0]);
  }
}

function stored(document: VaultDocument<Account> | undefined): StoredAccount | undefined {
  return document && { account: document.content, revision: document.revision };
}

function usernameTaken(): AccountError {
  return new AccountError('This username is taken; choose another.');
}

function usernameLookup(username: string): string {
  return `username/${username}`;
}

function subjectLookup(issuer: string, subject: string): string {
  return `subject/${issuer}\n${subject}`;
}

/** A document whose only purpose is that there cannot be two: lookups may repeat, ids not. */
function reservation(username: string): string {
  return `username/${username}`;
}

function reserve(username: string, account: string, revision: number): VaultChange {
  return { op: 'put', kind: 'other', id: reservation(username), content: { account }, revision };
}

function changed(account: Account, context: Context) {
  return {
    kind: EVENT_KIND.accountChanged,
    context,
    subjects: [`Account/${account.id}`],
    ...ownChain(account),
  };
}

/** Events about an account of a patient stand in that patient's own chain, where the patient finds them. */
export function ownChain({ resource }: Account): { patientId?: string } {
  return resource.startsWith('Patient/') ? { patientId: resource.slice('Patient/'.length) } : {};
}
