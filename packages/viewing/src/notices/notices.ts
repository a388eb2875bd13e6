import { type Vault, type VaultChange, VaultConflict } from '@meridian/records';
import type { Flag, Notice, NoticeKind } from './notice.ts';
import { DEFAULT_PREFERENCES, isQuiet, type Preferences, wantsView } from './preferences.ts';

/** Kept for two years. */
const KEPT = 2 * 365 * 24 * 3600_000;
const MOST_LISTED = 200;
const A_DAY = 24 * 3600_000;
/** Live listeners of one account: tabs and devices. */
const MOST_LISTENERS = 20;
/** Notices that are remembered as shown to open windows. */
const MOST_PUBLISHED = 1000;

/** Something to tell, before it is known to whom. */
export interface Told {
  kind: NoticeKind;
  patientId: string;
  about: string;
  by?: NonNullable<Notice['by']>;
  flags?: readonly Flag[];
}

/** Sends a notice outside of the app: mail, webhook. Failures are its own to retry and to report. */
export type Deliver = (notice: Notice, preferences: Preferences) => void;

export interface NoticesParts {
  vault: Vault;
  now: () => number;
  newId: () => string;
  /** The accounts that stand for a patient: their own, and their proxies'. */
  accountsOf(patientId: string): Promise<readonly string[]>;
  deliver: Deliver;
  /** Nothing that fails here may undo what it tells of. */
  onFault(error: unknown): void;
}

/** Tells people what happens to a record: in the app within a second, and outside of it as they prefer. */
export class Notices {
  readonly #parts: NoticesParts;
  readonly #listeners = new Map<string, Set<(notice: Notice) => void>>();
  readonly #published = new Set<string>();
  readonly #stop: () => void;

  constructor(parts: NoticesParts) {
    this.#parts = parts;
    this.#stop = parts.vault.onChanged((kind, id) => {
      if (kind === 'notice') void this.#publish(id).catch(parts.onFault);
    });
  }

  close(): void {
    this.#stop();
    this.#listeners.clear();
  }

  async preferencesOf(patientId: string): Promise<Preferences> {
    const found = await this.#parts.vault.get<{ preferences: Preferences }>('preferences', patientId);
    return found?.content.preferences ?? DEFAULT_PREFERENCES;
  }

  async setPreferences(patientId: string, preferences: Preferences): Promise<void> {
    await this.#parts.vault.change([
      { op: 'put', kind: 'preferences', id: patientId, content: { preferences }, patientId },
    ]);
  }

  /** Tells the patient and whoever stands for them, also by mail and webhook as the patient prefers. */
  async tell(told: Told): Promise<void> {
    const [first] = await this.#keep(await this.#parts.accountsOf(told.patientId), told);
    if (!first) return;
    const preferences = await this.preferencesOf(told.patientId);
    // in quiet hours the app shows it all the same: nobody is woken by what waits in a list
    if (isQuiet(preferences, this.#parts.now()) && !first.flags.includes('break-glass')) return;
    this.#parts.deliver(first, preferences);
  }

  /** Tells certain accounts, such as the requester of an approval, in the app alone: addresses are the patient's. */
  async tellAccounts(accounts: readonly string[], told: Told): Promise<void> {
    await this.#keep(accounts, told);
  }

  async #keep(accounts: readonly string[], told: Told): Promise<readonly Notice[]> {
    const notices = accounts.map((account) => this.#noticeFor(account, told));
    if (notices.length > 0) await this.#parts.vault.change(notices.map((notice) => put(notice)));
    return notices;
  }

  /** A view took place: told at once, counted for the digest, or left to "who looked", as the patient prefers. */
  async tellView(told: Told): Promise<void> {
    const wanted = wantsView(await this.preferencesOf(told.patientId), told.flags ?? []);
    if (wanted === 'now') await this.tell(told);
    if (wanted === 'digest') await this.#count(told.patientId);
  }

  /** Newest first. */
  async list(account: string): Promise<Notice[]> {
    const found = await this.#parts.vault.find<{ notice: Notice }>('notice', `account:${account}`, MOST_LISTED);
    return found.map(({ content }) => content.notice).sort((a, b) => b.at - a.at);
  }

  async markRead(account: string, ids: readonly string[]): Promise<void> {
    for (const id of ids.slice(0, MOST_LISTED)) {
      const found = await this.#parts.vault.get<{ notice: Notice }>('notice', id);
      const notice = found?.content.notice;
      if (!found || !notice || notice.account !== account || notice.read) continue;
      await this.#parts.vault.change([put({ ...notice, read: true }, found.revision)]).catch((error: unknown) => {
        if (!(error instanceof VaultConflict)) throw error;
      });
    }
  }

  /** Live notices of one account. Undefined: it has too many listeners already. */
  listen(account: string, listener: (notice: Notice) => void): (() => void) | undefined {
    const listeners = this.#listeners.get(account) ?? new Set();
    if (listeners.size >= MOST_LISTENERS) return undefined;
    listeners.add(listener);
    this.#listeners.set(account, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(account);
    };
  }

  /** Sends the digests that are due; to be called every few minutes. */
  async sendDigests(): Promise<void> {
    const found = await this.#parts.vault.find<Digest>('preferences', 'digests', 1000);
    for (const { id, content, revision } of found) {
      if (this.#parts.now() - content.since < A_DAY) continue;
      try {
        await this.#parts.vault.change([{ op: 'remove', kind: 'preferences', id, revision }]);
      } catch (error) {
        if (error instanceof VaultConflict) continue;
        throw error;
      }
      await this.tell({ kind: 'digest', patientId: content.patientId, about: `AuditEvent?since=${content.since}` });
    }
  }

  async #count(patientId: string): Promise<void> {
    const id = `digest/${patientId}`;
    for (let attempt = 0; attempt < 5; attempt++) {
      const found = await this.#parts.vault.get<Digest>('preferences', id);
      const content: Digest = found
        ? { ...found.content, views: found.content.views + 1 }
        : { patientId, since: this.#parts.now(), views: 1 };
      try {
        await this.#parts.vault.change([
          {
            op: 'put',
            kind: 'preferences',
            id,
            content,
            lookups: ['digests'],
            revision: found?.revision ?? 0,
            patientId,
          },
        ]);
        return;
      } catch (error) {
        if (!(error instanceof VaultConflict)) throw error;
      }
    }
  }

  async #publish(id: string): Promise<void> {
    // a change of this process is heard twice: at once, and when the database tells all processes
    if (this.#listeners.size === 0 || this.#published.has(id)) return;
    if (this.#published.size >= MOST_PUBLISHED) this.#published.clear();
    this.#published.add(id);
    const found = await this.#parts.vault.get<{ notice: Notice }>('notice', id);
    const notice = found?.content.notice;
    if (!notice || notice.read) return;
    for (const listener of this.#listeners.get(notice.account) ?? []) listener(notice);
  }

  #noticeFor(account: string, { kind, patientId, about, by, flags = [] }: Told): Notice {
    const { now, newId } = this.#parts;
    return { id: newId(), kind, account, patientId, at: now(), about, flags, read: false, ...(by && { by }) };
  }
}

interface Digest {
  readonly [name: string]: unknown;
  patientId: string;
  /** Epoch milliseconds of the first view counted. */
  since: number;
  views: number;
}

function put(notice: Notice, revision = 0): VaultChange {
  return {
    op: 'put',
    kind: 'notice',
    id: notice.id,
    content: { notice },
    lookups: [`account:${notice.account}`],
    expires: notice.at + KEPT,
    revision,
    ...(notice.patientId !== undefined && { patientId: notice.patientId }),
  };
}
