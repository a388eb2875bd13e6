/** What went wrong, for programs; the message says it, and what to do, for people. */
export type LedgerErrorCode =
  | 'bad-encoding'
  | 'bad-note'
  | 'bad-signature'
  | 'unverified-note'
  | 'bad-key'
  | 'bad-checkpoint'
  | 'bad-tile'
  | 'bad-bundle'
  | 'bad-proof'
  | 'bad-policy'
  | 'bad-leaf'
  | 'bad-receipt'
  | 'bad-request'
  | 'bad-witness-answer'
  | 'out-of-range'
  | 'not-found'
  | 'inconsistent'
  | 'conflict';

/**
 * The only error this package throws on bad input. It never carries the input itself: what is parsed here may hold a
 * patient's event.
 */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string) {
    super(message);
    this.name = 'LedgerError';
    this.code = code;
  }
}
