import type { VaultChange } from '@meridian/records';
import type { Flag } from '../notices/notice.ts';

/** Something that a privacy officer must look at: a broken glass, or a view that the rules found unusual. */
export interface Review {
  id: string;
  kind: 'break-glass' | 'unusual-access';
  patientId: string;
  by: { actor: string; account: string; name: string; role: string; organization?: string };
  /** Epoch milliseconds. */
  at: number;
  due: number;
  /** Of a broken glass, as the clinician gave them. */
  reason?: string;
  words?: string;
  /** `ViewingGrant/…`, or the event of the view. */
  about: string;
  flags: readonly Flag[];
  state: 'open' | 'closed';
  closed?: { at: number; by: string; outcome: ReviewOutcome; words: string };
}

export const REVIEW_OUTCOMES = ['justified', 'not-justified', 'follow-up'] as const;
export type ReviewOutcome = (typeof REVIEW_OUTCOMES)[number];

/** Reviews are kept for ten years, as the records of a supervisory procedure. */
const KEPT = 10 * 365 * 24 * 3600_000;

/** Reviews are not under the patient's key: that somebody broke the glass is not forgotten with the record. */
export function putReview(review: Review, revision: number): VaultChange {
  return {
    op: 'put',
    kind: 'review',
    id: review.id,
    content: { review },
    lookups: ['all', `state:${review.state}`, `patient:${review.patientId}`, `actor:${review.by.actor}`],
    expires: review.at + KEPT,
    revision,
  };
}
