import { type Context, EVENT_KIND, type Vault } from '@meridian/records';
import { type RequestedScope, SENSITIVITIES } from '../approval/requested-scope.ts';
import { ApprovalError } from '../approval/viewing-request.ts';
import type { Grant } from '../grants/grant.ts';
import type { VaultGrants } from '../grants/vault-grants.ts';
import { putReview, type Review } from '../reviews/review.ts';
import type { Role, Viewer } from '../viewer.ts';

/** Why the glass may be broken. The words beside it are the clinician's own. */
export const GLASS_REASONS = [
  'life-threatening',
  'patient-cannot-answer',
  'danger-to-others',
  'child-protection',
  'no-time-to-ask',
] as const;
export type GlassReason = (typeof GLASS_REASONS)[number];

/** Who treats people in emergencies. */
const MAY_BREAK: readonly Role[] = ['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist'];
/** Purposes of use during an emergency: treatment, emergency treatment, break the glass (v3-ActReason). */
const PURPOSES = ['TREAT', 'ETREAT', 'BTG'];
/** How recently the person must have proven who they are. */
export const FRESH_MS = 5 * 60_000;
const DEFAULT_MINUTES = 60;
const LONGEST_MINUTES = 240;
/** A review is overdue after three days. */
const REVIEW_DUE = 3 * 24 * 3600_000;

/** The person must sign in again before this (RFC 9470, OAuth 2.0 Step Up Authentication Challenge). */
export class StaleAuthentication extends Error {
  constructor() {
    super('Prove again who you are before you break the glass: sign in anew and retry.');
    this.name = 'StaleAuthentication';
  }
}

export interface GlassAsked {
  patientId: string;
  reason: string;
  words: string;
  minutes?: number;
  /** Only so much; everything that the patient did not remove where it is absent. */
  scope?: RequestedScope;
}

export interface BreakGlassParts {
  vault: Vault;
  grants: VaultGrants;
  now: () => number;
  newId: () => string;
  hasPatient(id: string): Promise<boolean>;
  nameOf(viewer: Viewer): Promise<{ name: string; role: string; organization?: string }>;
  /** Told after the commit; must not throw. */
  onBroken(grant: Grant, review: Review): void;
}

/** Opens a record in an emergency: at once, for a short time, told to the patient and reviewed by somebody else. */
export async function breakGlass(
  parts: BreakGlassParts,
  viewer: Viewer,
  asked: GlassAsked,
  context: Context,
): Promise<Grant> {
  const { vault, grants, now, newId } = parts;
  const at = now();
  const minutes = checkGlass(viewer, asked, at);
  if (!(await parts.hasPatient(asked.patientId))) throw new ApprovalError(404, 'There is no such patient.');
  const grant: Grant = {
    id: newId(),
    kind: 'break-glass',
    account: viewer.account as string,
    actor: viewer.actor,
    patientId: asked.patientId,
    scope: asked.scope ?? { types: [], sensitivities: [...SENSITIVITIES], records: [] },
    purposes: PURPOSES,
    from: at,
    until: at + minutes * 60_000,
    viewsLeft: undefined,
    keyThumbprint: undefined,
    ended: undefined,
  };
  const review: Review = {
    id: newId(),
    kind: 'break-glass',
    patientId: asked.patientId,
    by: { actor: viewer.actor, account: grant.account, ...(await parts.nameOf(viewer)) },
    at,
    due: at + REVIEW_DUE,
    reason: asked.reason,
    words: asked.words,
    about: `ViewingGrant/${grant.id}`,
    flags: ['break-glass'],
    state: 'open',
  };
  const issued = grants.issue(grant, context);
  const broken = {
    kind: EVENT_KIND.brokeGlass,
    patientId: grant.patientId,
    context,
    subjects: [`ViewingGrant/${grant.id}`, `Review/${review.id}`],
  };
  await vault.change([issued.change, putReview(review, 0)], [broken, issued.event]);
  parts.onBroken(grant, review);
  return grant;
}

/** The minutes asked for, after everything else was checked. */
function checkGlass(viewer: Viewer, { reason, words, minutes = DEFAULT_MINUTES }: GlassAsked, at: number): number {
  if (viewer.account === undefined || !viewer.roles.some((role) => MAY_BREAK.includes(role))) {
    throw new ApprovalError(403, 'Only people who treat patients can break the glass.');
  }
  if (at - viewer.authenticatedAt > FRESH_MS) throw new StaleAuthentication();
  if (!(GLASS_REASONS as readonly string[]).includes(reason)) {
    throw new ApprovalError(400, `The reason must be one of ${GLASS_REASONS.join(', ')}.`);
  }
  if (typeof words !== 'string' || words.trim().length < 10 || words.length > 1000) {
    throw new ApprovalError(
      400,
      'Say in 10 to 1,000 characters what is happening: the reviewer and the patient read it.',
    );
  }
  if (!Number.isInteger(minutes) || minutes < 5 || minutes > LONGEST_MINUTES) {
    throw new ApprovalError(400, `minutes must be a whole number from 5 to ${LONGEST_MINUTES}.`);
  }
  return minutes;
}
