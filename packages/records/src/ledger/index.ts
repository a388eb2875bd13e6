export type { AnchorRecord } from './anchors.ts';
export type { KnownHeads } from './known-heads.ts';
export type { ReadEvent } from './read-event.ts';
export { CHAIN_PAGE, type MayOpen, type ReceiptAnswer } from './receipts.ts';
export type { SequencerStatus } from './sequencer.ts';
export { type Ledger, type LedgerHealth, type LedgerOptions, startLedger } from './start-ledger.ts';
export type { Finding, FindingKind } from './verify/finding.ts';
export type { VerifyProgress, VerifyReport } from './verify/verify.ts';
export { PostgresWitnessStore } from './witness-store.ts';
