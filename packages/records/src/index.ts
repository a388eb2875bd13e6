export { aroundData, type KeptContent, keptContentOf, withKeptContent } from './content/binary-content.ts';
export { type ContentParts, LARGE, moveLargeContent } from './content/large-content.ts';
export { StoreError } from './errors.ts';
export { EVENT_KIND, type EventKind } from './events/event.ts';
export type { StoreEvent } from './events/record-events.ts';
export { QueueFull } from './group.ts';
export { RootKeyError } from './keys/root-key.ts';
export * from './labels.ts';
export * from './ledger/index.ts';
export { type OpenRecordsOptions, openRecords, type Records } from './open-records.ts';
export * from './postgres/index.ts';
export type { PostgresStore } from './postgres-store.ts';
export { SealBroken } from './sealing/seal.ts';
export { DEFAULT_PAGE, LARGEST_PAGE } from './search/engine.ts';
export type * from './store.ts';
export type { PostgresVault } from './vault/postgres-vault.ts';
export {
  type Vault,
  type VaultChange,
  VaultConflict,
  type VaultContent,
  type VaultDocument,
  type VaultEvent,
  type VaultKind,
} from './vault/vault.ts';
export { plainContext } from './view-context.ts';
export * from './visibility.ts';
