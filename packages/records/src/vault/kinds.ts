import type { VaultKind } from './vault.ts';

/** Numbers of the kinds on disk. Part of the storage format: never reused. */
export const VAULT_KINDS: Readonly<Record<VaultKind, number>> = {
  account: 1,
  credential: 2,
  session: 3,
  oidc: 4,
  client: 5,
  'viewing-request': 6,
  'viewing-grant': 7,
  'access-code': 8,
  'health-link': 9,
  preferences: 10,
  notice: 11,
  review: 12,
  'dead-letter': 13,
  other: 14,
};
