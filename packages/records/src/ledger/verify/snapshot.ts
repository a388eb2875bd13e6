import type { PoolClient } from 'pg';

/**
 * Begins a transaction that sees one state of the database until it ends: that of an exported snapshot, or a new one. What
 * is written meanwhile does not disturb a verification, and is not part of it.
 */
export async function beginSnapshot(client: PoolClient, snapshot?: string): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  if (snapshot !== undefined) await client.query(`SET TRANSACTION SNAPSHOT ${client.escapeLiteral(snapshot)}`);
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
}

/** Lets other connections see what this transaction sees, as long as it lasts. */
export async function exportSnapshot(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot');
  if (!rows[0]) throw new Error('the server exported no snapshot');
  return rows[0].snapshot;
}
