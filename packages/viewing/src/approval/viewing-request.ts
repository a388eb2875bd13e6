import type { Viewer } from '../viewer.ts';
import { type ApproverGroup, groupOf, outcomeOf, type Voice } from './approvers.ts';
import { isWithin, type RequestedScope } from './requested-scope.ts';

/** Purposes for which one may ask (v3-ActReason, PurposeOfUse). Emergencies do not ask: they break the glass. */
export const ASKABLE_PURPOSES = ['TREAT', 'HPAYMT', 'HOPERAT', 'HRESCH', 'PUBHLTH', 'HLEGAL', 'FAMRQT'] as const;
export type AskablePurpose = (typeof ASKABLE_PURPOSES)[number];

/** Somebody asks to see records of a patient. */
export interface ViewingRequest {
  id: string;
  patientId: string;
  requester: { actor: string; account: string; name: string; role: string; organization?: string };
  scope: RequestedScope;
  purpose: AskablePurpose;
  /** Why, in the requester's words: at most 1,000 characters. */
  words: string;
  /** How long the viewing shall be possible after approval. */
  minutes: number;
  /** How many requests for records; undefined: as many as come. */
  views?: number;
  /** Epoch milliseconds. */
  created: number;
  /** After this nobody can approve any more. */
  expires: number;
  approvers: readonly ApproverGroup[];
  voices: readonly Voice[];
  state: 'waiting' | 'approved' | 'refused' | 'withdrawn';
  /** Said by whoever decided; shown to the requester. */
  answer?: string;
  /** The grant that the approval made. */
  grant?: string;
}

export type RequestState = ViewingRequest['state'] | 'expired';

/** Most that one may ask for: 90 days. */
export const LONGEST_MINUTES = 90 * 24 * 60;
const LONGEST_WORDS = 1000;

/** What is wrong with a request or decision; the message says what to do. `status` is that of HTTP. */
export class ApprovalError extends Error {
  readonly status: 400 | 403 | 404 | 409 | 410 | 429;

  constructor(status: ApprovalError['status'], sentence: string) {
    super(sentence);
    this.name = 'ApprovalError';
    this.status = status;
  }
}

/** The state as of now: what waited too long has expired by itself. */
export function stateOf(request: ViewingRequest, now: number): RequestState {
  return request.state === 'waiting' && now >= request.expires ? 'expired' : request.state;
}

/** Checks the parts that a person wrote. */
export function checkAsked({ purpose, words, minutes, views }: Partial<ViewingRequest>): void {
  if (!(ASKABLE_PURPOSES as readonly unknown[]).includes(purpose)) {
    throw new ApprovalError(400, `The purpose must be one of ${ASKABLE_PURPOSES.join(', ')}.`);
  }
  if (typeof words !== 'string' || words.trim().length < 3 || words.length > LONGEST_WORDS) {
    throw new ApprovalError(400, `Say in 3 to ${LONGEST_WORDS} characters why you ask: the patient reads it.`);
  }
  if (!isWhole(minutes, 5, LONGEST_MINUTES)) {
    throw new ApprovalError(400, `minutes must be a whole number from 5 to ${LONGEST_MINUTES} (90 days).`);
  }
  if (views !== undefined && !isWhole(views, 1, 10_000)) {
    throw new ApprovalError(400, 'views must be a whole number from 1 to 10,000, or absent.');
  }
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}

/** What an approver says. An approval may narrow what was asked for, never widen it. */
export interface Decision {
  decision: 'approve' | 'refuse';
  scope?: RequestedScope;
  minutes?: number;
  views?: number;
  answer?: string;
}

/** The request after this viewer spoke. Throws `ApprovalError` where the viewer may not, or no longer. */
export function decide(request: ViewingRequest, viewer: Viewer, decision: Decision, now: number): ViewingRequest {
  const group = groupOf(viewer, request.patientId, request.approvers, now);
  if (group === undefined || viewer.account === undefined) {
    throw new ApprovalError(404, 'There is no such request that you can decide.');
  }
  refuseUnlessWaiting(request, now);
  if (viewer.account === request.requester.account) {
    throw new ApprovalError(403, 'Nobody can decide about their own request.');
  }
  if (request.voices.some(({ account }) => account === viewer.account)) {
    throw new ApprovalError(409, 'You have decided about this request already; others are still awaited.');
  }
  const narrowed = decision.decision === 'approve' ? narrow(request, decision) : request;
  const voices = [...request.voices, { account: viewer.account, group, at: now, decision: decision.decision }];
  if (decision.answer !== undefined && decision.answer.length > LONGEST_WORDS) {
    throw new ApprovalError(400, `The answer may have ${LONGEST_WORDS} characters.`);
  }
  return {
    ...narrowed,
    voices,
    state: outcomeOf(request.approvers, voices),
    ...(decision.answer !== undefined && { answer: decision.answer }),
  };
}

function narrow(request: ViewingRequest, { scope, minutes, views }: Decision): ViewingRequest {
  if (scope !== undefined && !isWithin(scope, request.scope)) {
    throw new ApprovalError(400, 'An approval can allow less than was asked for, not more.');
  }
  if (minutes !== undefined && !isWhole(minutes, 5, request.minutes)) {
    throw new ApprovalError(400, `minutes must be from 5 to ${request.minutes}, which is what was asked for.`);
  }
  if (views !== undefined && !isWhole(views, 1, request.views ?? 10_000)) {
    throw new ApprovalError(400, 'views must not be more than was asked for.');
  }
  return {
    ...request,
    ...(scope !== undefined && { scope }),
    ...(minutes !== undefined && { minutes }),
    ...(views !== undefined && { views }),
  };
}

/** The requester changes their mind. */
export function withdraw(request: ViewingRequest, viewer: Viewer, now: number): ViewingRequest {
  if (viewer.account !== request.requester.account) {
    throw new ApprovalError(404, 'There is no such request of yours.');
  }
  refuseUnlessWaiting(request, now);
  return { ...request, state: 'withdrawn' };
}

function refuseUnlessWaiting(request: ViewingRequest, now: number): void {
  const state = stateOf(request, now);
  if (state === 'waiting') return;
  if (state === 'expired') throw new ApprovalError(410, 'The request has expired; ask again.');
  throw new ApprovalError(409, `The request is ${state} already.`);
}
