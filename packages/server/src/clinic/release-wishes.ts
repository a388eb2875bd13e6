import type { ReleasePreference, ReleaseWish, ResultClass } from '@meridian/clinic';
import type { Vault, VaultEvent } from '@meridian/records';
import { VaultConflict } from '@meridian/records';
import { LRUCache } from 'lru-cache';

/** What a patient has chosen about results, and what ended a wait. */
export interface ReleaseWishes extends ReleasePreference {
  readonly [name: string]: unknown;
  /** References of reports and results, newest last. */
  seeNow: readonly string[];
  /** Those that a clinician has talked over with the patient. */
  spoke: readonly { report: string; at: string; by: string }[];
}

const NONE: ReleaseWishes = { seeNow: [], spoke: [] };
const MOST = 500;
const MOST_KEPT = 5000;
const TRIES = 5;

/** Wishes of patients, sealed under their own keys. */
export class Wishes {
  readonly #vault: Vault;
  readonly #known = new LRUCache<string, ReleaseWishes>({ max: MOST_KEPT, ttl: 60_000 });
  readonly #stop: () => void;

  constructor(vault: Vault) {
    this.#vault = vault;
    this.#stop = vault.onChanged((kind, id) => {
      if (kind === 'preferences' && id.startsWith('release/')) this.#known.delete(id);
    });
  }

  close(): void {
    this.#stop();
  }

  async of(patientId: string): Promise<ReleaseWishes> {
    const id = `release/${patientId}`;
    const known = this.#known.get(id);
    if (known) return known;
    const wishes = (await this.#vault.get<ReleaseWishes>('preferences', id))?.content ?? NONE;
    this.#known.set(id, wishes);
    return wishes;
  }

  choose(
    patientId: string,
    wish: { general?: ReleaseWish; byClass?: Partial<Record<ResultClass, ReleaseWish>> },
  ): Promise<void> {
    return this.#change(patientId, [], ({ seeNow, spoke }) => ({ ...wish, seeNow, spoke }));
  }

  seeNow(patientId: string, records: readonly string[], event: VaultEvent): Promise<void> {
    return this.#change(patientId, [event], (wishes) => ({
      ...wishes,
      seeNow: [...new Set([...wishes.seeNow, ...records])].slice(-MOST),
    }));
  }

  spoke(
    patientId: string,
    records: readonly string[],
    by: { by: string; at: string },
    event: VaultEvent,
  ): Promise<void> {
    return this.#change(patientId, [event], (wishes) => ({
      ...wishes,
      spoke: [...wishes.spoke, ...records.map((report) => ({ report, ...by }))].slice(-MOST),
    }));
  }

  async #change(
    patientId: string,
    events: readonly VaultEvent[],
    change: (wishes: ReleaseWishes) => ReleaseWishes,
  ): Promise<void> {
    const id = `release/${patientId}`;
    for (let tries = 1; ; tries++) {
      const found = await this.#vault.get<ReleaseWishes>('preferences', id);
      const content = change(found?.content ?? NONE);
      const revision = found?.revision ?? 0;
      try {
        await this.#vault.change([{ op: 'put', kind: 'preferences', id, content, revision, patientId }], events);
        this.#known.delete(id);
        return;
      } catch (error) {
        if (!(error instanceof VaultConflict) || tries === TRIES) throw error;
      }
    }
  }
}
