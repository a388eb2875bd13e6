import { type Context, EVENT_KIND, type Vault } from '@meridian/records';
import { ApprovalError } from '../approval/viewing-request.ts';
import type { Flag } from '../notices/notice.ts';
import type { Viewer } from '../viewer.ts';
import { putReview, REVIEW_OUTCOMES, type Review, type ReviewOutcome } from './review.ts';

const MOST = 500;
const REVIEW_DUE = 7 * 24 * 3600_000;

/** How often each flag and outcome occurred, and who broke the glass most. */
export interface ReviewStatistics {
  open: number;
  overdue: number;
  byFlag: Partial<Record<Flag, number>>;
  byOutcome: Partial<Record<ReviewOutcome, number>>;
  /** Actors with the most reviews, most first; at most 20. */
  byActor: { actor: string; name: string; reviews: number; notJustified: number }[];
}

/** The privacy officer's worklist. */
export class Reviews {
  readonly #vault: Vault;
  readonly #now: () => number;
  readonly #onClosed: (review: Review) => void;

  /** @param onClosed told after the commit; must not throw */
  constructor(vault: Vault, now: () => number, onClosed: (review: Review) => void) {
    this.#vault = vault;
    this.#now = now;
    this.#onClosed = onClosed;
  }

  async list(viewer: Viewer, state: 'open' | 'closed'): Promise<Review[]> {
    requireOfficer(viewer);
    return this.#find(`state:${state}`);
  }

  /** What was found about one patient's record: for the patient. The caller has checked who asks. */
  ofPatient(patientId: string): Promise<Review[]> {
    return this.#find(`patient:${patientId}`);
  }

  /** Puts an unusual view on the list. Several of one actor and patient within a day are one item. */
  async flag(review: Omit<Review, 'kind' | 'due' | 'state'>): Promise<Review | undefined> {
    const known = await this.#find(`patient:${review.patientId}`);
    const isSame = ({ by, at, kind, state }: Review): boolean =>
      kind === 'unusual-access' && state === 'open' && by.actor === review.by.actor && review.at - at < 24 * 3600_000;
    if (known.some(isSame)) return undefined;
    const made: Review = { ...review, kind: 'unusual-access', due: review.at + REVIEW_DUE, state: 'open' };
    await this.#vault.change([putReview(made, 0)]);
    return made;
  }

  async close(
    viewer: Viewer,
    id: string,
    verdict: { outcome: string; words: string },
    context: Context,
  ): Promise<Review> {
    requireOfficer(viewer);
    const { outcome, words } = verdict;
    if (!(REVIEW_OUTCOMES as readonly string[]).includes(outcome)) {
      throw new ApprovalError(400, `The outcome must be one of ${REVIEW_OUTCOMES.join(', ')}.`);
    }
    if (typeof words !== 'string' || words.trim().length < 3 || words.length > 2000) {
      throw new ApprovalError(400, 'Say in 3 to 2,000 characters how you came to this outcome.');
    }
    const found = await this.#vault.get<{ review: Review }>('review', id);
    if (!found) throw new ApprovalError(404, 'There is no such review.');
    const { review } = found.content;
    if (review.by.account === viewer.account) throw new ApprovalError(403, 'Nobody can review their own access.');
    if (review.state === 'closed') throw new ApprovalError(409, 'This review is closed already.');
    const closed: Review = {
      ...review,
      state: 'closed',
      closed: { at: this.#now(), by: viewer.actor, outcome: outcome as ReviewOutcome, words },
    };
    const event = {
      kind: EVENT_KIND.breakGlassReviewed,
      patientId: review.patientId,
      context,
      subjects: [`Review/${id}`],
    };
    await this.#vault.change([putReview(closed, found.revision)], [event]);
    this.#onClosed(closed);
    return closed;
  }

  async statistics(viewer: Viewer): Promise<ReviewStatistics> {
    if (!viewer.roles.some((role) => ['privacy-officer', 'auditor'].includes(role))) throw forOfficers();
    const all = await this.#find('all', 1000);
    const byActor = new Map<string, ReviewStatistics['byActor'][number]>();
    for (const { by, closed } of all) {
      const entry = byActor.get(by.actor) ?? { actor: by.actor, name: by.name, reviews: 0, notJustified: 0 };
      entry.reviews++;
      if (closed?.outcome === 'not-justified') entry.notJustified++;
      byActor.set(by.actor, entry);
    }
    const open = all.filter(({ state }) => state === 'open');
    return {
      open: open.length,
      overdue: open.filter(({ due }) => due < this.#now()).length,
      byFlag: tally(all.flatMap(({ flags }) => flags)),
      byOutcome: tally(all.flatMap(({ closed }) => (closed ? [closed.outcome] : []))),
      byActor: [...byActor.values()].sort((a, b) => b.reviews - a.reviews).slice(0, 20),
    };
  }

  async #find(lookup: string, most = MOST): Promise<Review[]> {
    const found = await this.#vault.find<{ review: Review }>('review', lookup, most);
    return found.map(({ content }) => content.review).sort((a, b) => b.at - a.at);
  }
}

function requireOfficer(viewer: Viewer): void {
  if (!viewer.roles.includes('privacy-officer')) throw forOfficers();
}

function forOfficers(): ApprovalError {
  return new ApprovalError(403, 'This is for privacy officers.');
}

function tally<Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
