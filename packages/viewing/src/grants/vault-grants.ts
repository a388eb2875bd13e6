import type { Context, Vault, VaultChange, VaultEvent } from '@meridian/records';
import { EVENT_KIND, VaultConflict } from '@meridian/records';
import { ApprovalError } from '../approval/viewing-request.ts';
import type { Viewer } from '../viewer.ts';
import { type Grant, type Grants, isInForce } from './grant.ts';

/** How long an ended grant is still kept, for the patient to look at: one year. */
const KEPT = 365 * 24 * 3600_000;
const MOST = 200;
/** How often a use that met another one is tried again. */
const TRIES = 5;

/** Grants in the vault. Each is sealed under its patient's key; issue, use and end are events in the patient's chain. */
export class VaultGrants implements Grants {
  readonly #vault: Vault;
  readonly #now: () => number;
  /** What `inForce` found, by account; forgotten when any grant of the account changes. */
  readonly #byAccount = new Map<string, Promise<readonly Grant[]>>();

  constructor(vault: Vault, now: () => number) {
    this.#vault = vault;
    this.#now = now;
    vault.onChanged((kind) => {
      // which account a grant belongs to is sealed, so all are forgotten; there are few changes and the next read is cheap
      if (kind === 'viewing-grant') this.#byAccount.clear();
    });
  }

  async inForce(viewer: Viewer, patientId: string | undefined): Promise<readonly Grant[]> {
    if (viewer.account === undefined) return [];
    const now = this.#now();
    const all = await this.#ofAccount(viewer.account);
    return all.filter(
      (grant) => (patientId === undefined || grant.patientId === patientId) && isInForce(grant, viewer, now),
    );
  }

  async get(id: string): Promise<{ grant: Grant; revision: number } | undefined> {
    const found = await this.#vault.get<{ grant: Grant }>('viewing-grant', id);
    return found && { grant: found.content.grant, revision: found.revision };
  }

  /** Grants about a patient, in force or ended within a year, newest change first. */
  async ofPatient(patientId: string): Promise<readonly Grant[]> {
    const found = await this.#vault.find<{ grant: Grant }>('viewing-grant', `patient:${patientId}`, MOST);
    return found.map(({ content }) => content.grant);
  }

  async ofAccount(account: string): Promise<readonly Grant[]> {
    return this.#ofAccount(account);
  }

  /** The change and the event by which a grant is issued; to be carried out together with its cause. */
  issue(grant: Grant, context: Context): { change: VaultChange; event: VaultEvent } {
    return { change: this.#put(grant, 0), event: eventOf(grant, 'tokenIssued', context) };
  }

  /** Binds a grant to its viewer's key, once; afterwards only that key can collect its token again. */
  async bind(id: string, viewer: Viewer, thumbprint: string): Promise<Grant> {
    const found = await this.get(id);
    if (!found || found.grant.account !== viewer.account || this.#isOver(found.grant)) {
      throw new ApprovalError(404, 'There is no permission of yours under this id, or it has ended.');
    }
    const { grant, revision } = found;
    if (grant.keyThumbprint === thumbprint) return grant;
    if (grant.keyThumbprint !== undefined) {
      throw new ApprovalError(
        409,
        'This permission belongs to another of your devices; ask the patient again for this one.',
      );
    }
    const bound = { ...grant, keyThumbprint: thumbprint };
    await this.#vault.change([this.#put(bound, revision)]);
    return bound;
  }

  /**
   * Uses grants for one request: counts a view where views are counted, and puts the use on record. Answers the ids of
   * those that were still good.
   */
  async used(ids: readonly string[], context: Context): Promise<string[]> {
    const good: string[] = [];
    for (const id of ids) if (await this.#use(id, context)) good.push(id);
    return good;
  }

  async #use(id: string, context: Context): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.get(id);
      if (!found || this.#isOver(found.grant) || found.grant.viewsLeft === 0) return false;
      const { grant, revision } = found;
      const { viewsLeft } = grant;
      const changes = viewsLeft === undefined ? [] : [this.#put({ ...grant, viewsLeft: viewsLeft - 1 }, revision)];
      try {
        await this.#vault.change(changes, [eventOf(grant, 'tokenUsed', context)]);
        return true;
      } catch (error) {
        if (!(error instanceof VaultConflict) || attempt === TRIES) throw error;
      }
    }
  }

  /** Ends a grant at once: by the patient, a proxy, the viewer, or a reviewer. */
  async end(id: string, context: Context): Promise<Grant> {
    const found = await this.get(id);
    if (!found) throw new ApprovalError(404, 'There is no such permission.');
    const { grant, revision } = found;
    if (grant.ended) return grant;
    const over = { ...grant, ended: { at: this.#now(), by: context.actor } };
    await this.#vault.change([this.#put(over, revision)], [eventOf(grant, 'tokenEnded', context)]);
    return over;
  }

  #isOver(grant: Grant): boolean {
    return grant.ended !== undefined || this.#now() >= grant.until;
  }

  #put(grant: Grant, revision: number): VaultChange {
    return {
      op: 'put',
      kind: 'viewing-grant',
      id: grant.id,
      content: { grant },
      lookups: [`patient:${grant.patientId}`, `account:${grant.account}`],
      expires: grant.until + KEPT,
      revision,
      patientId: grant.patientId,
    };
  }

  #ofAccount(account: string): Promise<readonly Grant[]> {
    const known = this.#byAccount.get(account);
    if (known) return known;
    const found = this.#vault
      .find<{ grant: Grant }>('viewing-grant', `account:${account}`, MOST)
      .then((documents) => documents.map(({ content }) => content.grant));
    if (this.#byAccount.size >= 10_000) this.#byAccount.clear();
    this.#byAccount.set(account, found);
    found.catch(() => this.#byAccount.delete(account));
    return found;
  }
}

function eventOf(grant: Grant, kind: 'tokenIssued' | 'tokenUsed' | 'tokenEnded', context: Context): VaultEvent {
  return { kind: EVENT_KIND[kind], patientId: grant.patientId, context, subjects: [`ViewingGrant/${grant.id}`] };
}
