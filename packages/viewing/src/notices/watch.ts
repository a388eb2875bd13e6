import type { Flag, Notice } from './notice.ts';
import type { Told } from './notices.ts';

/** Somebody saw something of a patient's record. */
export interface Seen {
  patientId: string;
  actor: string;
  account: string | undefined;
  /** The event of the view, 16 hexadecimal digits. */
  event: string;
  /** Epoch milliseconds. */
  at: number;
  purpose: string;
  /** On what permission (see the rule that admitted it). */
  basis: string | undefined;
}

export interface WatchParts {
  now: () => number;
  /** Whether the actor is the patient, or somebody who stands for them: nobody is told of their own looking. */
  isOwn(seen: Seen): boolean | Promise<boolean>;
  /** What is unusual about this view. */
  flagsOf(seen: Seen): Promise<readonly Flag[]>;
  nameOf(actor: string): Promise<NonNullable<Notice['by']>>;
  tellView(told: Told): Promise<void>;
  /** Puts it before a privacy officer. */
  review(seen: Seen, by: NonNullable<Notice['by']>, flags: readonly Flag[]): Promise<void>;
  onFault(error: unknown): void;
}

/** Views of one actor and patient within this time are one visit to the record: told once. */
const ONE_VISIT = 10 * 60_000;
const MOST_VISITS = 50_000;
const MOST_WAITING = 10_000;

/**
 * Watches views as they are committed, beside the way of the answers: tells the patient and flags the unusual. Every view
 * is in the ledger whatever happens here; what is lost when a process dies is the telling, and "who looked" still has it.
 */
export class ViewWatch {
  readonly #parts: WatchParts;
  readonly #visits = new Map<string, number>();
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Never throws and never waits. */
  saw(seen: Seen): void {
    if (this.#isKnown(seen) || this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    this.#work = this.#work
      .then(() => this.#look(seen))
      .catch(this.#parts.onFault)
      .finally(() => {
        this.#waiting--;
      });
  }

  /** Resolves when everything seen so far was dealt with. */
  settled(): Promise<void> {
    return this.#work;
  }

  async #look(seen: Seen): Promise<void> {
    if (await this.#parts.isOwn(seen)) return;
    const flags = await this.#parts.flagsOf(seen);
    const by = await this.#parts.nameOf(seen.actor);
    const about = `AuditEvent/${seen.event}`;
    await this.#parts.tellView({ kind: 'record-viewed', patientId: seen.patientId, about, by, flags });
    // a broken glass has its review already
    if (flags.some((flag) => flag !== 'break-glass')) await this.#parts.review(seen, by, flags);
  }

  #isKnown({ actor, patientId }: Seen): boolean {
    const visit = `${actor} ${patientId}`;
    const now = this.#parts.now();
    const last = this.#visits.get(visit);
    if (last !== undefined && now - last < ONE_VISIT) return true;
    if (this.#visits.size >= MOST_VISITS) this.#visits.clear();
    this.#visits.set(visit, now);
    return false;
  }
}
