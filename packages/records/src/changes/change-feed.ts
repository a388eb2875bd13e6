import pg from 'pg';
import type { Change } from '../store.ts';
import { typeNumber } from '../types.ts';
import { CHANGES, WATCHED } from './watched.ts';

/** Between two tries to connect again. */
const RETRY = 1000;
const PAYLOAD = /^(\d{1,5}) (-?\d{1,19})$/;

type Listener = (change: Change) => void;

/** Tells listeners of committed writes: of this process by `tell`, of others by LISTEN. */
export class ChangeFeed {
  readonly #connection: pg.ClientConfig;
  readonly #listeners = new Set<Listener>();
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #heardBefore = false;
  #closed = false;

  constructor(connection: pg.ClientConfig) {
    this.#connection = connection;
  }

  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** To be called between the commit and the answer. */
  tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Begins to listen; connects again for ever until it is closed. */
  async open(): Promise<void> {
    const client = new pg.Client({
      ...this.#connection,
      application_name: 'meridian changes',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    this.#client = client;
    let lost = false;
    const onLost = (): void => {
      if (lost) return;
      lost = true;
      if (!this.#closed) this.#retry = setTimeout(() => void this.open(), RETRY).unref();
    };
    client.on('error', onLost);
    client.on('end', onLost);
    client.on('notification', ({ payload }) => this.#heard(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANGES}`);
      this.#hearsAgain();
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

  /** What was missed meanwhile is not known: anything may have changed. */
  #hearsAgain(): void {
    if (this.#heardBefore) for (const type of WATCHED) this.tell({ type, id: undefined, patient: undefined });
    this.#heardBefore = true;
  }

  #heard(payload: string): void {
    const [, type, patient] = PAYLOAD.exec(payload) ?? [];
    if (type === undefined || patient === undefined) return;
    const name = WATCHED.find((watched) => typeNumber(watched) === Number(type));
    if (name !== undefined) this.tell({ type: name, id: undefined, patient: BigInt(patient) });
  }
}
