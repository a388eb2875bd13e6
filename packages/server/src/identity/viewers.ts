import type { PostgresVault } from '@meridian/records';
import type { Role, Viewer } from '@meridian/viewing';
import type { Account } from './account.ts';
import type { Accounts } from './accounts.ts';

/** An account with the organisations for which it works. */
export interface KnownAccount {
  account: Account;
  organizations: readonly string[];
}

/** What a token says about one request's viewer, besides who it is. */
export interface TokenFacts {
  purpose: string | undefined;
  scope: string;
  launchPatient: string | undefined;
  /** Epoch milliseconds. */
  authenticatedAt: number;
  keyThumbprint: string | undefined;
}

export interface ViewersParts {
  vault: PostgresVault;
  accounts: Accounts;
  /** Logical ids of the Organizations of a Practitioner, with those of which they are part. */
  organizationsOf: (resource: string) => Promise<readonly string[]>;
  /** Whether accounts of the demonstration are good. */
  demo: boolean;
  now: () => number;
}

/** Organisations come from records that may change without the account: looked up again after this time. */
const FRESH = 60_000;
const MOST = 10_000;

interface Entry {
  known: Promise<KnownAccount | undefined>;
  until: number;
}

/** Who accounts are to those who decide. Remembers them, and forgets at once when an account changes anywhere. */
export class Viewers {
  readonly #parts: ViewersParts;
  readonly #entries = new Map<string, Entry>();
  #hearing = false;

  constructor(parts: ViewersParts) {
    this.#parts = parts;
    parts.vault.onChanged((kind, id) => {
      if (kind === 'account') this.#entries.delete(id);
    });
    parts.vault.onHearing((hearing) => {
      this.#hearing = hearing;
      this.#entries.clear();
    });
  }

  /** Undefined where there is no such account or it may not act. */
  of(id: string): Promise<KnownAccount | undefined> {
    const now = this.#parts.now();
    const standing = this.#entries.get(id);
    if (standing && standing.until > now) return standing.known;
    const known = this.#load(id);
    // a change that comes while it loads deletes the entry, so that nobody after it sees what was before
    if (this.#hearing) {
      if (this.#entries.size >= MOST) this.#entries.clear();
      this.#entries.set(id, { known, until: now + FRESH });
      known.catch(() => this.#entries.delete(id));
    }
    return known;
  }

  async #load(id: string): Promise<KnownAccount | undefined> {
    const { accounts, organizationsOf, demo } = this.#parts;
    const found = await accounts.get(id);
    if (found === undefined) return undefined;
    const { account } = found;
    if (account.state !== 'active' || (account.demo && !demo)) return undefined;
    const given = account.organizations;
    return { account, organizations: given.length > 0 ? given : await organizationsOf(account.resource) };
  }
}

/** The viewer that an account is in one request. */
export function viewerOf({ account, organizations }: KnownAccount, facts: TokenFacts): Viewer {
  const { resource, roles, proxies } = account;
  return {
    actor: resource,
    account: account.id,
    roles,
    organizations,
    patientId: resource.startsWith('Patient/') ? resource.slice('Patient/'.length) : undefined,
    proxyFor: proxies,
    purpose: facts.purpose ?? purposeOf(roles),
    scope: facts.scope,
    launchPatient: facts.launchPatient,
    authenticatedAt: facts.authenticatedAt,
    keyThumbprint: facts.keyThumbprint,
    presentedGrants: [],
  };
}

/** A program with a token of its own, or a name without an account: only the former may do anything. */
export function bareViewer(actor: string, system: boolean, facts: TokenFacts): Viewer {
  return {
    actor,
    account: undefined,
    roles: system ? ['system'] : [],
    organizations: [],
    patientId: undefined,
    proxyFor: [],
    purpose: facts.purpose ?? (system ? 'HOPERAT' : 'TREAT'),
    scope: facts.scope,
    launchPatient: facts.launchPatient,
    authenticatedAt: facts.authenticatedAt,
    keyThumbprint: facts.keyThumbprint,
    presentedGrants: [],
  };
}

/** The purpose for which somebody of these roles acts unless a token says another (v3-ActReason, PurposeOfUse). */
function purposeOf(roles: readonly Role[]): string {
  if (roles.includes('patient') || roles.includes('proxy')) return 'PATRQT';
  if (roles.includes('researcher')) return 'HRESCH';
  const administrative: readonly Role[] = ['administrator', 'auditor', 'records-officer', 'privacy-officer', 'system'];
  return roles.length > 0 && roles.every((role) => administrative.includes(role)) ? 'HOPERAT' : 'TREAT';
}
