import type { Http } from '../../api/http.ts';

/** An account as administrators see it (docs/sign-in.md). */
export interface ManagedAccount {
  id: string;
  username: string;
  name: string;
  kind: 'person' | 'service';
  resource: string;
  roles: readonly string[];
  organizations: readonly string[];
  registrations: readonly string[];
  proxies: readonly unknown[];
  subjects: readonly unknown[];
  state: 'active' | 'suspended';
  demo: boolean;
  created: string;
  revision: number;
}

/** What makes a new account. */
export interface NewAccount {
  username: string;
  name: string;
  resource: string;
  roles: readonly string[];
  registrations: readonly string[];
}

export interface AccountsPage {
  accounts: readonly ManagedAccount[];
  /** Id after which the next page begins; undefined: this was the last. */
  after?: string;
}

const PAGE = 100;

export function listAccounts(http: Http, after: string | undefined, signal: AbortSignal): Promise<AccountsPage> {
  const query = new URLSearchParams({ _count: String(PAGE), ...(after !== undefined && { after }) });
  return http.json(`/oauth/accounts?${query}`, { signal });
}

/** The password is in this answer and never again. */
export function createAccount(http: Http, json: NewAccount): Promise<ManagedAccount & { password?: string }> {
  return http.json('/oauth/accounts', { method: 'POST', json });
}

/** Changes an account as it was seen; one that somebody else changed meanwhile is left alone (409). */
export function changeAccount(
  http: Http,
  { id, revision, created: _created, demo: _demo, ...account }: ManagedAccount,
  change: Partial<Pick<ManagedAccount, 'roles' | 'registrations' | 'state' | 'name'>>,
): Promise<ManagedAccount> {
  return http.json(`/oauth/accounts/${encodeURIComponent(id)}`, {
    method: 'PUT',
    json: { ...account, ...change },
    headers: { 'if-match': `"${revision}"` },
  });
}

/** A new password, shown once; passkeys, second factors and sessions are gone. */
export function resetAccount(http: Http, id: string): Promise<{ password?: string }> {
  return http.json(`/oauth/accounts/${encodeURIComponent(id)}/reset`, { method: 'POST', json: {} });
}

export const ROLES = [
  'western-practitioner',
  'tcm-practitioner',
  'nurse',
  'pharmacist',
  'laboratory',
  'patient',
  'records-officer',
  'privacy-officer',
  'auditor',
  'researcher',
  'ethics-board',
  'administrator',
] as const;

/** The registration that a role needs; undefined for those that need none. */
export function registrationFor(role: string): string | undefined {
  const needed: Readonly<Record<string, string>> = {
    'western-practitioner': 'western-medicine',
    'tcm-practitioner': 'chinese-medicine',
    nurse: 'nursing',
    pharmacist: 'pharmacy',
    laboratory: 'laboratory',
  };
  return needed[role];
}
