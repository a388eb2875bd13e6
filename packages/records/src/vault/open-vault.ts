import { createSecretKey } from 'node:crypto';
import type { Database } from '../postgres/database.ts';
import type { StoreParts } from '../store-parts.ts';
import { ChangeChannel } from './change-channel.ts';
import { PostgresVault } from './postgres-vault.ts';

/** A vault, with the connection that hears of other processes' changes. */
export interface OpenVault {
  vault: PostgresVault;
  close(): Promise<void>;
}

/** The vault of an installation, under the keys of its store. */
export async function openVault(
  database: Database,
  parts: Pick<StoreParts, 'pool' | 'keys' | 'ids' | 'hash' | 'now'>,
): Promise<OpenVault> {
  const notifyKey = createSecretKey(await parts.keys.secret('vault notifications'));
  const { pool, keys, ids, hash, now } = parts;
  const vault = new PostgresVault({ pool, keys, ids, hash, now, notifyKey });
  const channel = new ChangeChannel({
    connection: database.connection,
    key: notifyKey,
    onChange: (kind, id) => vault.heard(kind, id),
    onHearing: (hearing) => vault.hearing(hearing),
  });
  await channel.open();
  return { vault, close: () => channel.close() };
}
