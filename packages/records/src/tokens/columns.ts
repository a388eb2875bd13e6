/** The index columns of a resource row (see migrations/001-store.sql). */
export interface IndexColumns {
  tokens: BigInt64Array;
  keys: BigInt64Array;
  numbers: Float64Array;
  /** Epoch milliseconds; `NO_DATE` where the type's principal date is absent. */
  dateLow: bigint;
  dateHigh: bigint | undefined;
  /** Which index keys have a value (see present.ts). */
  present: bigint;
  /** Coded values, for the dictionary of their aliases. */
  coded: readonly CodedValue[];
}

/** A code by which many resources are found, or (without `code`) the system of an identifier. */
export interface CodedValue {
  type: string;
  key: string;
  system: string;
  code?: string;
  /** Token of system and code, or of the system. */
  token: bigint;
  texts: readonly string[];
}

/** First token of a resource that has no principal code, or several. */
export const NO_CODE = 0n;
/** `date_low` of a resource without a principal date: sorts behind every date. */
export const NO_DATE = -(2n ** 62n);
/** Open ends of periods, as stored. */
export const PAST = -(2n ** 53n);
export const FUTURE = 2n ** 53n;
