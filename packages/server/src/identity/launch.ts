import { randomBytes } from 'node:crypto';
import { type Vault, VaultConflict } from '@meridian/records';

/** What an app is told about where it was opened (SMART App Launch 2.2, "launch context"). */
export type LaunchContext = {
  /** Logical id of the Patient. */
  patient?: string;
  /** Logical id of the Encounter. */
  encounter?: string;
};

type Launch = LaunchContext & { account: string };

const LAUNCH_LIFETIME = 5 * 60_000;

/** Launches that wait for their app, and the contexts that grants carry. */
export class Launches {
  readonly #vault: Vault;
  readonly #now: () => number;

  constructor(vault: Vault, now: () => number) {
    this.#vault = vault;
    this.#now = now;
  }

  /** A new `launch` parameter: good for this account, for five minutes, once. */
  async mint(account: string, context: LaunchContext): Promise<string> {
    const id = randomBytes(24).toString('base64url');
    const content: Launch = { ...context, account };
    await this.#vault.change([
      { op: 'put', kind: 'other', id: `launch/${id}`, content, expires: this.#now() + LAUNCH_LIFETIME, revision: 0 },
    ]);
    return id;
  }

  /** Uses a launch up. Undefined where it is unknown, over, used or another account's. */
  async take(id: string, account: string): Promise<LaunchContext | undefined> {
    if (!/^[\w-]{32}$/.test(id)) return undefined;
    const found = await this.#vault.get<Launch>('other', `launch/${id}`);
    if (found === undefined || found.content.account !== account) return undefined;
    try {
      await this.#vault.change([{ op: 'remove', kind: 'other', id: `launch/${id}`, revision: found.revision }]);
    } catch (error) {
      if (error instanceof VaultConflict) return undefined;
      throw error;
    }
    const { patient, encounter } = found.content;
    return { ...(patient !== undefined && { patient }), ...(encounter !== undefined && { encounter }) };
  }

  /** Ties a context to a grant: every token of the grant carries it. */
  async attach(grantId: string, account: string, context: LaunchContext, expires: number): Promise<void> {
    const lookups = [`grant/${grantId}`, `account/${account}`];
    await this.#vault.change([{ op: 'put', kind: 'oidc', id: contextId(grantId), content: context, lookups, expires }]);
  }

  async of(grantId: string): Promise<LaunchContext> {
    return (await this.#vault.get<LaunchContext>('oidc', contextId(grantId)))?.content ?? {};
  }
}

function contextId(grantId: string): string {
  return `LaunchContext/${grantId}`;
}
