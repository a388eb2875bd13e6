/** The index columns of a resource row (see migrations/001-store.sql). */
export interface IndexColumns {
  tokens: BigInt64Array;
  keys: BigInt64Array;
  numbers: Float64Array;
  /** Epoch milliseconds; `NO_DATE` where the type's principal date is absent. */
  dateLow: bigint;
  dateHigh: bigint | undefined;
  /** Displays of codes, for the dictionary behind `:text`. */
  displays: readonly Display[];
}

/** The display of a code that comes with a system. */
export interface Display {
  type: string;
  key: string;
  /** Token of the code with its system. */
  token: bigint;
  text: string;
}

/** `date_low` of a resource without a principal date: sorts behind every date. */
export const NO_DATE = -(2n ** 62n);
/** Open ends of periods, as stored. */
export const PAST = -(2n ** 53n);
export const FUTURE = 2n ** 53n;
