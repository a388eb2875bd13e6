/** What stands in the way of having a database. */
export type DatabaseErrorCode =
  /** Another living process owns the data folder. */
  | 'in-use'
  /** The cluster was written by another major version of PostgreSQL. */
  | 'other-major'
  /** No PostgreSQL binaries for this platform are installed. */
  | 'no-binaries'
  /** The binaries are there but this account can run them nowhere. */
  | 'cannot-run'
  /** The server was started and did not come up, or stopped again. */
  | 'not-starting'
  /** Files of the data folder are missing or not what they should be. */
  | 'damaged'
  /** The server is older than PostgreSQL 15. */
  | 'unsupported-server'
  /** A migration that was applied reads differently now, is unknown here, or its file name is wrong. */
  | 'migration-mismatch'
  /** A migration was refused by the server. */
  | 'migration-failed';

/** A refusal of the database layer. The message says what to do and holds no record text. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DatabaseError';
    this.code = code;
  }
}
