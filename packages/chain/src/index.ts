export { accountOf } from './account.ts';
export {
  AnchorClient,
  type AnchorEvent,
  type AnchorVerdict,
  type ChainHead,
  type ForkEvidence,
} from './anchor-client.ts';
export { AnchorJob, type AnchorJobOptions, type AnchorSource, type Clock } from './anchor-job.ts';
export * from './anchor-state.ts';
export * from './anchor-status.ts';
export * from './anchor-target.ts';
export { ChainError, type ChainErrorCode } from './chain-error.ts';
export * from './connection.ts';
export { type Contracts, checkContracts, type DeployOptions, deploy } from './deploy.ts';
export * from './development.ts';
export { FileAnchorStore } from './file-anchor-store.ts';
export * from './head-statement.ts';
export * from './local-chain.ts';
export * from './log-id.ts';
export type { OwnLog } from './register-own-log.ts';
export * from './registry-client.ts';
export * from './shared-chain.ts';
export { systemClock } from './system-clock.ts';
export type { Sender, SignedTransaction } from './transaction.ts';
