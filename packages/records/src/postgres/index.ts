export { connectDatabase, type Database, type OpenOptions, openDatabase, type PoolOptions } from './database.ts';
export { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './embedded.ts';
export { DatabaseError, type DatabaseErrorCode } from './errors.ts';
export { MIGRATIONS_FOLDER, type MigrateOptions, migrate } from './migrate.ts';
