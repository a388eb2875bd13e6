import type { Http } from './http.ts';

/** What somebody asks to see, or may see, of one record. Empty lists restrict nothing. */
export interface RequestedScope {
  types: readonly string[];
  period?: { start?: string; end?: string };
  sensitivities: readonly string[];
  records: readonly string[];
}

/** Somebody as notices and requests name them. */
export interface Person {
  actor: string;
  name: string;
  role: string;
  organization?: string;
}

export interface ViewingRequest {
  id: string;
  patientId: string;
  requester: Person;
  scope: RequestedScope;
  purpose: string;
  words: string;
  minutes: number;
  views?: number;
  /** Epoch milliseconds. */
  created: number;
  expires: number;
  approvers: readonly { name: string; needed: number }[];
  voices: readonly { account: string; decision: 'approve' | 'refuse' }[];
  state: 'waiting' | 'approved' | 'refused' | 'withdrawn' | 'expired';
  answer?: string;
  grant?: string;
}

/** A permission that ends. */
export interface Grant {
  id: string;
  kind: 'approval' | 'access-code' | 'break-glass' | 'court-order';
  actor: string;
  patientId: string;
  scope: RequestedScope;
  /** Epoch milliseconds. */
  from: number;
  until: number;
  viewsLeft?: number;
  ended?: { at: number; by: string };
}

export interface Notice {
  id: string;
  kind: string;
  patientId?: string;
  /** Epoch milliseconds. */
  at: number;
  about: string;
  by?: Person;
  flags: readonly string[];
  read: boolean;
}

export interface Preferences {
  views: 'every' | 'unusual' | 'break-glass' | 'digest';
  email?: string;
  webhook?: string;
  /** Minutes after midnight in an IANA zone. */
  quiet?: { from: number; until: number; zone: string };
  neverAsk: readonly string[];
}

/** An approval may narrow what was asked for. */
export interface Decision {
  decision: 'approve' | 'refuse';
  scope?: RequestedScope;
  minutes?: number;
  views?: number;
  answer?: string;
}

export interface ActingPerson {
  name: string;
  relation: 'parent' | 'guardian' | 'attorney';
  scope: 'read' | 'decide' | 'decide-jointly';
  from: string;
  until?: string;
}

export interface HealthLink {
  id: string;
  label: string;
  /** Epoch milliseconds. */
  created: number;
  expires: number;
  hasPasscode: boolean;
  viewsLeft: number;
  uses: readonly { at: number; recipient: string }[];
  revoked: boolean;
}

export interface HealthLinkAsked {
  patient: string;
  label: string;
  /** Epoch milliseconds. */
  expires: number;
  passcode?: string;
  views?: number;
}

export type ReviewOutcome = 'justified' | 'not-justified' | 'follow-up';

export interface Review {
  id: string;
  kind: 'break-glass' | 'unusual-access';
  patientId: string;
  by: Person;
  /** Epoch milliseconds. */
  at: number;
  due: number;
  reason?: string;
  words?: string;
  about: string;
  flags: readonly string[];
  state: 'open' | 'closed';
  closed?: { at: number; by: string; outcome: ReviewOutcome; words: string };
}

export interface ReviewStatistics {
  open: number;
  overdue: number;
  byFlag: Readonly<Record<string, number>>;
  byOutcome: Readonly<Record<string, number>>;
  byActor: readonly { actor: string; name: string; reviews: number; notJustified: number }[];
}

const id = encodeURIComponent;

/** `/viewing` and `/tokens` of the own server (docs/viewing.md). */
export class ViewingClient {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async requestsAbout(patientId: string, signal: AbortSignal): Promise<readonly ViewingRequest[]> {
    const path = `/viewing/requests?patient=${id(patientId)}`;
    return (await this.#http.json<{ requests: ViewingRequest[] }>(path, { signal })).requests;
  }

  decide(request: string, decision: Decision): Promise<ViewingRequest> {
    return this.#post(`/viewing/requests/${id(request)}/decision`, decision);
  }

  async grantsAbout(patientId: string, signal: AbortSignal): Promise<readonly Grant[]> {
    const path = `/viewing/grants?patient=${id(patientId)}`;
    return (await this.#http.json<{ grants: Grant[] }>(path, { signal })).grants;
  }

  endGrant(grant: string): Promise<Grant> {
    return this.#post(`/viewing/grants/${id(grant)}/end`, undefined);
  }

  async notices(signal: AbortSignal): Promise<readonly Notice[]> {
    return (await this.#http.json<{ notices: Notice[] }>('/viewing/notices', { signal })).notices;
  }

  async markRead(ids: readonly string[]): Promise<void> {
    await this.#http.send('/viewing/notices/read', { method: 'POST', json: { ids } });
  }

  preferences(patientId: string, signal: AbortSignal): Promise<Preferences> {
    return this.#http.json(`/viewing/preferences/${id(patientId)}`, { signal });
  }

  setPreferences(patientId: string, json: Preferences): Promise<Preferences> {
    return this.#http.json(`/viewing/preferences/${id(patientId)}`, { method: 'PUT', json });
  }

  async proxies(patientId: string, signal: AbortSignal): Promise<readonly ActingPerson[]> {
    return (await this.#http.json<{ proxies: ActingPerson[] }>(`/viewing/proxies/${id(patientId)}`, { signal }))
      .proxies;
  }

  async policies(signal: AbortSignal): Promise<readonly { name: string; text: string }[]> {
    type Answer = { policies: { name: string; text: string }[] };
    return (await this.#http.json<Answer>('/viewing/policies', { signal })).policies;
  }

  async reviews(state: 'open' | 'closed', signal: AbortSignal): Promise<readonly Review[]> {
    return (await this.#http.json<{ reviews: Review[] }>(`/viewing/reviews?state=${state}`, { signal })).reviews;
  }

  statistics(signal: AbortSignal): Promise<ReviewStatistics> {
    return this.#http.json('/viewing/reviews/statistics', { signal });
  }

  closeReview(review: string, verdict: { outcome: ReviewOutcome; words: string }): Promise<Review> {
    return this.#post(`/viewing/reviews/${id(review)}/closure`, verdict);
  }

  accessCode(asked: { patient: string; organization: string; minutes: number }): Promise<{
    code: string;
    /** Epoch milliseconds. */
    expires: number;
  }> {
    return this.#post('/tokens/access-codes', asked);
  }

  async healthLinks(patientId: string, signal: AbortSignal): Promise<readonly HealthLink[]> {
    const path = `/tokens/health-links?patient=${id(patientId)}`;
    return (await this.#http.json<{ links: HealthLink[] }>(path, { signal })).links;
  }

  /** Puts on record that a part of the record leaves the screen; to be awaited before it does. */
  async disclosed(patient: string, how: 'print' | 'file'): Promise<void> {
    await this.#post('/viewing/disclosures', { patient, how });
  }

  /** The link itself is in this answer and never again. */
  createHealthLink(asked: HealthLinkAsked): Promise<HealthLink & { link: string }> {
    return this.#post('/tokens/health-links', asked);
  }

  async revokeHealthLink(link: string): Promise<void> {
    await this.#http.send(`/tokens/health-links/${id(link)}`, { method: 'DELETE' });
  }

  #post<T>(path: string, json: unknown): Promise<T> {
    return this.#http.json(path, { method: 'POST', ...(json !== undefined && { json }) });
  }
}
