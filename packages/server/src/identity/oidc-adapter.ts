import { type Vault, VaultConflict } from '@meridian/records';
import { type Adapter, errors } from 'oidc-provider';
import { clientMetadata } from './client.ts';
import type { Clients } from './clients.ts';

type Payload = Record<string, unknown>;

/** How long the documents of a model without an end of its own are kept: none should be. */
const NO_END = 3600;

/** Keeps one model of the sign-in server in the vault, sealed. */
export class VaultAdapter implements Adapter {
  readonly #model: string;
  readonly #vault: Vault;
  readonly #now: () => number;

  constructor(model: string, vault: Vault, now: () => number) {
    this.#model = model;
    this.#vault = vault;
    this.#now = now;
  }

  async upsert(id: string, payload: Payload, expiresIn: number | undefined): Promise<void> {
    const { grantId, uid, accountId } = payload;
    const lookups = [
      ...(typeof grantId === 'string' ? [`grant/${grantId}`] : []),
      ...(typeof uid === 'string' ? [`uid/${this.#model}/${uid}`] : []),
      ...(typeof accountId === 'string' ? [`account/${accountId}`] : []),
    ];
    try {
      await this.#vault.change([
        {
          op: 'put',
          kind: 'oidc',
          id: this.#id(id),
          content: payload,
          lookups,
          expires: this.#now() + (expiresIn ?? NO_END) * 1000,
          // of two that show the same proof at once, the second is the replay
          ...(this.#model === 'ReplayDetection' && { revision: 0 }),
        },
      ]);
    } catch (error) {
      if (error instanceof VaultConflict) throw new errors.InvalidGrant('proof was used before');
      throw error;
    }
  }

  async find(id: string): Promise<Payload | undefined> {
    const found = await this.#vault.get('oidc', this.#id(id));
    return found && { ...found.content };
  }

  async findByUid(uid: string): Promise<Payload | undefined> {
    const [found] = await this.#vault.find('oidc', `uid/${this.#model}/${uid}`, 1);
    return found && { ...found.content };
  }

  /** Only the device flow asks, which is off. */
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  /** Marks as used. Of two that use the same code or token at once, one fails here. */
  async consume(id: string): Promise<void> {
    const found = await this.#vault.get('oidc', this.#id(id));
    if (found === undefined || found.content.consumed !== undefined) throw new errors.InvalidGrant('already used');
    const { grantId, accountId } = found.content;
    try {
      await this.#vault.change([
        {
          op: 'put',
          kind: 'oidc',
          id: this.#id(id),
          content: { ...found.content, consumed: Math.floor(this.#now() / 1000) },
          lookups: [
            ...(typeof grantId === 'string' ? [`grant/${grantId}`] : []),
            ...(typeof accountId === 'string' ? [`account/${accountId}`] : []),
          ],
          ...(found.expires !== undefined && { expires: found.expires }),
          revision: found.revision,
        },
      ]);
    } catch (error) {
      if (error instanceof VaultConflict) throw new errors.InvalidGrant('already used');
      throw error;
    }
  }

  async destroy(id: string): Promise<void> {
    await this.#vault.change([{ op: 'remove', kind: 'oidc', id: this.#id(id) }]);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const found = await this.#vault.find('oidc', `grant/${grantId}`, 1000);
    const own = found.filter(({ id }) => id.startsWith(`${this.#model}/`));
    if (own.length > 0) {
      await this.#vault.change(own.map(({ id }) => ({ op: 'remove', kind: 'oidc', id }) as const));
    }
  }

  #id(id: string): string {
    return `${this.#model}/${id}`;
  }
}

/** Clients come from the registry and are changed only there. */
export class ClientAdapter implements Adapter {
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  async find(id: string): Promise<Payload | undefined> {
    // whatever comes as client_id is looked up
    const client = /^[\w-]{1,64}$/.test(id) ? await this.#clients.active(id) : undefined;
    return client && clientMetadata(client);
  }

  async findByUid(): Promise<undefined> {
    return undefined;
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async upsert(): Promise<void> {
    throw new Error('clients are registered by administrators only');
  }

  async consume(): Promise<void> {
    throw new Error('a client cannot be consumed');
  }

  async destroy(): Promise<void> {
    throw new Error('clients are removed by administrators only');
  }

  async revokeByGrantId(): Promise<void> {
    throw new Error('a client has no grant');
  }
}
