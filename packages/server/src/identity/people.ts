import type { Account } from './account.ts';
import type { Identity } from './identity.ts';

/** A proxy of a patient, and the account that is one. */
export interface ProxyAccount {
  account: string;
  proxy: Account['proxies'][number];
}

/** What viewing needs to know of accounts. */
export interface People {
  /** Ids of the accounts that act as a FHIR resource, such as `Patient/1`. */
  accountsAs(resource: string): Promise<readonly string[]>;
  /** Accounts that are, or once were, proxies of a patient. */
  proxiesOf(patientId: string): Promise<readonly ProxyAccount[]>;
  /** What to call whoever has an account. */
  nameOf(account: string): Promise<string | undefined>;
  /** Logical ids of the Organizations for which an account works. */
  organizationsOf(account: string): Promise<readonly string[]>;
  /** Roles and organisations of whoever acts as a resource; undefined where nobody does. */
  actor(
    resource: string,
  ): Promise<{ account: string; roles: Account['roles']; organizations: readonly string[] } | undefined>;
}

export function peopleOf(identity: Identity): People {
  return {
    accountsAs: async (resource) => (await identity.accounts.actingAs(resource)).map(({ id }) => id),
    proxiesOf: async (patientId) => {
      const accounts = await identity.accounts.actingFor(patientId);
      return accounts.flatMap(({ id, proxies }) =>
        proxies.filter((proxy) => proxy.patientId === patientId).map((proxy) => ({ account: id, proxy })),
      );
    },
    nameOf: async (account) => (await identity.accounts.get(account))?.account.name,
    organizationsOf: async (account) => (await identity.viewers.of(account))?.organizations ?? [],
    actor: async (resource) => {
      const [account] = await identity.accounts.actingAs(resource);
      const known = account && (await identity.viewers.of(account.id));
      return known && { account: known.account.id, roles: known.account.roles, organizations: known.organizations };
    },
  };
}
