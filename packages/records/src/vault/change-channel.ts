import type { KeyObject } from 'node:crypto';
import pg from 'pg';
import { open, seal } from '../sealing/seal.ts';
import type { VaultKind } from './vault.ts';

export const CHANNEL = 'meridian_vault';
const PLACE = Buffer.from('vault notification');
const RETRY = 1000;

/** The text of a notification. Sealed: PostgreSQL keeps its queue of them in files. */
export function notificationOf(key: KeyObject, kind: VaultKind, id: string): string {
  return seal(key, Buffer.from(JSON.stringify([kind, id])), PLACE).toString('base64');
}

export interface ChangeChannelOptions {
  connection: pg.ClientConfig;
  key: KeyObject;
  onChange: (kind: VaultKind, id: string) => void;
  /** While changes of other processes cannot be heard, nothing may be remembered: told when that begins and ends. */
  onHearing: (hearing: boolean) => void;
}

/** Listens for changes that other processes commit; reconnects for ever until it is closed. */
export class ChangeChannel {
  readonly #options: ChangeChannelOptions;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ChangeChannelOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const client = new pg.Client({
      ...this.#options.connection,
      application_name: 'meridian vault changes',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    this.#client = client;
    let lost = false;
    const onLost = (): void => {
      if (lost) return;
      lost = true;
      this.#options.onHearing(false);
      if (!this.#closed) this.#retry = setTimeout(() => void this.open(), RETRY).unref();
    };
    client.on('error', onLost);
    client.on('end', onLost);
    client.on('notification', ({ payload }) => this.#heard(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      if (!lost) this.#options.onHearing(true);
    } catch {
      onLost();
      await client.end().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
  }

  /** A notification that does not open is not ours: whoever may only NOTIFY cannot make us forget or believe. */
  #heard(payload: string): void {
    let change: [VaultKind, string];
    try {
      change = JSON.parse(open(this.#options.key, Buffer.from(payload, 'base64'), PLACE).toString()) as typeof change;
    } catch {
      return;
    }
    this.#options.onChange(...change);
  }
}
