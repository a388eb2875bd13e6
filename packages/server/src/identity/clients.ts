import { randomUUID } from 'node:crypto';
import { type Context, EVENT_KIND, type Vault } from '@meridian/records';
import { type Client, type ClientInput, WEB_CLIENT } from './client.ts';

/** The programs that are registered, in the vault. Every change is an event. */
export class Clients {
  readonly #vault: Vault;
  readonly #web: Client;
  readonly #now: () => number;

  constructor(vault: Vault, web: Client, now: () => number) {
    this.#vault = vault;
    this.#web = web;
    this.#now = now;
  }

  /** Active ones only; the web application is always there. */
  async active(id: string): Promise<Client | undefined> {
    if (id === WEB_CLIENT) return this.#web;
    const found = await this.#vault.get<Client>('client', id);
    return found?.content.state === 'active' ? found.content : undefined;
  }

  async get(id: string): Promise<{ client: Client; revision: number } | undefined> {
    const found = await this.#vault.get<Client>('client', id);
    return found && { client: found.content, revision: found.revision };
  }

  async list(limit: number, after?: string): Promise<Client[]> {
    return (await this.#vault.find<Client>('client', 'all', limit, after)).map(({ content }) => content);
  }

  async create(input: ClientInput, context: Context): Promise<Client> {
    const client: Client = { ...input, id: randomUUID(), created: this.#now() };
    await this.#save(client, 0, context);
    return client;
  }

  async replace(standing: { client: Client; revision: number }, input: ClientInput, context: Context): Promise<Client> {
    const { id, created } = standing.client;
    const client: Client = { ...input, id, created };
    await this.#save(client, standing.revision, context);
    return client;
  }

  async remove(standing: { client: Client; revision: number }, context: Context): Promise<void> {
    const { id } = standing.client;
    await this.#vault.change(
      [{ op: 'remove', kind: 'client', id, revision: standing.revision }],
      [{ kind: EVENT_KIND.accountChanged, context, subjects: [`Client/${id}`] }],
    );
  }

  async #save(client: Client, revision: number, context: Context): Promise<void> {
    await this.#vault.change(
      [{ op: 'put', kind: 'client', id: client.id, content: client, lookups: ['all'], revision }],
      [{ kind: EVENT_KIND.accountChanged, context, subjects: [`Client/${client.id}`] }],
    );
  }
}
