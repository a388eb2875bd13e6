import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { connectDatabase, type Database } from '../postgres/database.ts';
import { inDatabase, runOnce } from './connection.ts';
import { BROKER_KEY, type BrokerAnswer } from './protocol.ts';

/**
 * A migrated database of its own for a test file (or a test): a copy of a template, on the one server that all test files
 * share. `close` ends its pools and drops it.
 *
 * ```ts
 * const database = await testDatabase();
 * afterAll(() => database.close());
 * const pool = database.pool();
 * ```
 *
 * @param migrated false for an empty one
 */
export async function testDatabase(migrated = true): Promise<Database> {
  const { admin, application, template } = await askBroker(inject(BROKER_KEY));
  const name = `meridian_test_${randomBytes(6).toString('hex')}`;
  const owner = application.user === undefined ? '' : ` OWNER ${application.user}`;
  await runOnce(admin, `CREATE DATABASE ${name}${owner} TEMPLATE ${migrated ? template : 'template0'}`);
  return connectDatabase(inDatabase(application, name), () => runOnce(admin, `DROP DATABASE ${name} WITH (FORCE)`));
}

/**
 * A copy of a test database as it is now, as a backup and its restoration make one. Ends every session of the original:
 * its pools connect anew when they are next used.
 */
export async function copyDatabase(original: Database): Promise<Database> {
  const { admin, application } = await askBroker(inject(BROKER_KEY));
  const name = `meridian_test_${randomBytes(6).toString('hex')}`;
  const owner = application.user === undefined ? '' : ` OWNER ${application.user}`;
  const source = nameOf(original);
  await runOnce(admin, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${source}'`);
  await runOnce(admin, `CREATE DATABASE ${name}${owner} TEMPLATE ${source}`);
  return connectDatabase(inDatabase(application, name), () => runOnce(admin, `DROP DATABASE ${name} WITH (FORCE)`));
}

function nameOf({ connection }: Database): string {
  const { connectionString, database } = connection;
  return connectionString === undefined ? String(database) : new URL(connectionString).pathname.slice(1);
}

async function askBroker(path: string): Promise<BrokerAnswer> {
  const answer = JSON.parse(await text(connect(path))) as BrokerAnswer | { error: string };
  if ('error' in answer) throw new Error(`There is no test database: ${answer.error}`);
  return answer;
}
