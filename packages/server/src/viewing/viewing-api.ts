import type { IncomingMessage } from 'node:http';
import { type Context, EVENT_KIND, type RecordStore } from '@meridian/records';
import {
  ApprovalError,
  type BreakGlassParts,
  breakGlass,
  decidesFor,
  type Notices,
  PreferencesError,
  type Reviews,
  readPreferences,
  readScope,
  ScopeError,
  StaleAuthentication,
  stateOf,
  type VaultGrants,
  type Viewer,
  type ViewingRequest,
  type ViewingRequests,
} from '@meridian/viewing';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { first, parseQuery } from '../http/query-string.ts';
import { jsonAnswer, jsonBody, only, optionalNumber, text } from './json-request.ts';
import { noticeStream } from './notice-stream.ts';
import type { PatientProxies } from './patient-proxies.ts';
import type { PolicyText } from './policy-texts.ts';

export interface ViewingApiParts {
  requests: ViewingRequests;
  grants: VaultGrants;
  reviews: Reviews;
  notices: Notices;
  glass: BreakGlassParts;
  proxies: PatientProxies;
  policies: readonly PolicyText[];
  /** Whether a viewer may see a resource, without a view of it on record. */
  sees(caller: Caller, type: string, id: string): Promise<boolean>;
  /** Commits an event that stands for itself. */
  record: RecordStore['record'];
  /** Epoch milliseconds. */
  now: () => number;
}

/** Who asks, as the front knows it. */
export interface Caller {
  viewer: Viewer;
  context: Context;
}

/** A request below `/viewing` that was understood. */
export interface ViewingAsked {
  /** For logs and metrics: names nobody. */
  template: string;
  answer(message: IncomingMessage, caller: Caller): Promise<Answer>;
}

interface Call extends Caller {
  id: string;
  query: string;
  message: IncomingMessage;
}

type Run = (parts: ViewingApiParts, call: Call) => Promise<Answer>;

const ID = '([A-Za-z0-9\\-.]{1,64})';

const ROUTES: readonly { method: string; template: string; pattern: RegExp; run: Run }[] = [
  route('POST', 'requests', ask),
  route('GET', 'requests', listRequests),
  route('GET', 'requests/{id}', async ({ requests, now }, { viewer, id }) =>
    jsonAnswer(200, shown(await requests.get(viewer, id), now())),
  ),
  route('POST', 'requests/{id}/decision', decideRequest),
  route('POST', 'requests/{id}/withdrawal', async ({ requests, now }, { viewer, id, context }) =>
    jsonAnswer(200, shown(await requests.withdraw(viewer, id, context), now())),
  ),
  route('GET', 'grants', listGrants),
  route('POST', 'grants/{id}/end', endGrant),
  route('POST', 'break-glass', openGlass),
  route('GET', 'reviews', async ({ reviews }, { viewer, query }) => {
    const state = first(parseQuery(query), 'state') === 'closed' ? 'closed' : 'open';
    return jsonAnswer(200, { reviews: await reviews.list(viewer, state) });
  }),
  route('GET', 'reviews/statistics', async ({ reviews }, { viewer }) =>
    jsonAnswer(200, await reviews.statistics(viewer)),
  ),
  route('POST', 'reviews/{id}/closure', closeReview),
  route('POST', 'disclosures', disclose),
  route('GET', 'notices', async ({ notices }, { viewer }) =>
    jsonAnswer(200, { notices: await notices.list(accountOf(viewer)) }),
  ),
  route('POST', 'notices/read', readNotices),
  route('GET', 'stream', async ({ notices }, { viewer }) => noticeStream(notices, accountOf(viewer))),
  route('GET', 'preferences/{id}', async ({ notices, now }, { viewer, id }) => {
    requireDecider(viewer, id, now());
    return jsonAnswer(200, await notices.preferencesOf(id));
  }),
  route('PUT', 'preferences/{id}', setPreferences),
  route('GET', 'proxies/{id}', async ({ proxies, now }, { viewer, id }) => {
    requireDecider(viewer, id, now());
    return jsonAnswer(200, { proxies: await proxies.of(id) });
  }),
  route('GET', 'policies', async ({ policies }) => jsonAnswer(200, { policies })),
];

function route(method: string, path: string, run: Run): (typeof ROUTES)[number] {
  const pattern = new RegExp(`^${path.replace('{id}', ID)}$`);
  return { method, template: `/viewing/${path}`, pattern, run };
}

/** Approval, break-glass, reviews and notices over HTTP, without the transport. */
export class ViewingApi {
  readonly #parts: ViewingApiParts;

  constructor(parts: ViewingApiParts) {
    this.#parts = parts;
  }

  /** Understands a method and a URL below `/viewing/`. Throws 404 or 405. */
  ask(method: string, url: string): ViewingAsked {
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const found = ROUTES.filter(({ pattern }) => pattern.test(path));
    if (found.length === 0) {
      throw refusal(
        404,
        'not-found',
        'There is nothing at this URL; docs/viewing.md lists what there is below /viewing.',
      );
    }
    // a fixed path goes before one with an id in its place
    const chosen = found.find((each) => each.method === method);
    if (!chosen) {
      const allow = [...new Set(found.map((each) => each.method))].join(', ');
      throw refusal(405, 'not-supported', `This answers to ${allow}.`, { allow });
    }
    const id = chosen.pattern.exec(path)?.[1] ?? '';
    const query = mark < 0 ? '' : url.slice(mark + 1);
    return {
      template: chosen.template,
      answer: (message, caller) => withStatus(() => chosen.run(this.#parts, { ...caller, id, query, message })),
    };
  }
}

/** The errors of `@meridian/viewing` as HTTP. */
export async function withStatus(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApprovalError) throw refusal(error.status, CODES[error.status], error.message);
    if (error instanceof ScopeError || error instanceof PreferencesError) throw refusal(400, 'value', error.message);
    if (error instanceof StaleAuthentication) {
      // RFC 9470 §3
      const challenge = 'Bearer realm="meridian", error="insufficient_user_authentication", max_age="300"';
      throw refusal(401, 'login', error.message, { 'www-authenticate': challenge });
    }
    throw error;
  }
}

const CODES = {
  400: 'value',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'expired',
  429: 'throttled',
} as const;

async function ask({ requests, now }: ViewingApiParts, { viewer, context, message }: Call): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['patient', 'scope', 'purpose', 'words', 'minutes', 'views']);
  const views = optionalNumber(body, 'views');
  const asked = {
    patientId: text(body, 'patient'),
    scope: readScope(body.scope),
    purpose: text(body, 'purpose') as ViewingRequest['purpose'],
    words: text(body, 'words'),
    minutes: optionalNumber(body, 'minutes') ?? 24 * 60,
    ...(views !== undefined && { views }),
  };
  const request = await requests.ask(viewer, asked, context);
  return jsonAnswer(201, shown(request, now()), { location: `/viewing/requests/${request.id}` });
}

async function listRequests({ requests, now }: ViewingApiParts, { viewer, query }: Call): Promise<Answer> {
  const patient = first(parseQuery(query), 'patient');
  const found =
    patient === undefined
      ? [...(await requests.ofRequester(viewer)), ...(await requests.ofRoles(viewer))]
      : await requests.ofPatient(viewer, patient);
  return jsonAnswer(200, { requests: found.map((request) => shown(request, now())) });
}

async function decideRequest(
  { requests, now }: ViewingApiParts,
  { viewer, id, context, message }: Call,
): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['decision', 'scope', 'minutes', 'views', 'answer']);
  const { decision } = body;
  if (decision !== 'approve' && decision !== 'refuse') {
    throw refusal(400, 'value', 'decision must be approve or refuse.');
  }
  const [minutes, views] = [optionalNumber(body, 'minutes'), optionalNumber(body, 'views')];
  const decided = await requests.decide(
    viewer,
    id,
    {
      decision,
      ...(body.scope !== undefined && { scope: readScope(body.scope) }),
      ...(minutes !== undefined && { minutes }),
      ...(views !== undefined && { views }),
      ...(body.answer !== undefined && { answer: text(body, 'answer') }),
    },
    context,
  );
  return jsonAnswer(200, shown(decided, now()));
}

/** Grants about a patient, for whoever decides for them; or the viewer's own. */
async function listGrants({ grants, now }: ViewingApiParts, { viewer, query }: Call): Promise<Answer> {
  const patient = first(parseQuery(query), 'patient');
  if (patient === undefined) return jsonAnswer(200, { grants: await grants.ofAccount(accountOf(viewer)) });
  requireDecider(viewer, patient, now());
  return jsonAnswer(200, { grants: await grants.ofPatient(patient) });
}

async function endGrant({ grants, now }: ViewingApiParts, { viewer, id, context }: Call): Promise<Answer> {
  const grant = (await grants.get(id))?.grant;
  const isOwn = grant !== undefined && grant.account === viewer.account;
  if (!grant || !(isOwn || isDecider(viewer, grant.patientId, now()))) {
    throw refusal(404, 'not-found', 'There is no such permission.');
  }
  return jsonAnswer(200, await grants.end(id, context));
}

async function openGlass({ glass }: ViewingApiParts, { viewer, context, message }: Call): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['patient', 'reason', 'words', 'minutes', 'scope']);
  const minutes = optionalNumber(body, 'minutes');
  const asked = {
    patientId: text(body, 'patient'),
    reason: text(body, 'reason'),
    words: text(body, 'words'),
    ...(minutes !== undefined && { minutes }),
    ...(body.scope !== undefined && { scope: readScope(body.scope) }),
  };
  return jsonAnswer(201, await breakGlass(glass, viewer, asked, context));
}

const PRINTED = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})$/;
const MOST_PRINTED = 100;

/** What left the screen on paper or as a file: on record in the patient's chain, as a view is. */
async function disclose({ sees, record }: ViewingApiParts, call: Call): Promise<Answer> {
  const body = await jsonBody(call.message);
  only(body, ['patient', 'how', 'records']);
  const { how, records = [] } = body;
  const patientId = text(body, 'patient');
  if (how !== 'print' && how !== 'file') throw refusal(400, 'value', 'how must be print or file.');
  const named = Array.isArray(records)
    ? records.slice(0, MOST_PRINTED + 1).map((one) => PRINTED.exec(String(one)))
    : [];
  if (!Array.isArray(records) || records.length > MOST_PRINTED || named.includes(null)) {
    throw refusal(400, 'value', `records must be at most ${MOST_PRINTED} references such as Observation/123.`);
  }
  const all = [['Patient', patientId], ...named.map((match) => [match?.[1] ?? '', match?.[2] ?? ''])];
  const visible = await Promise.all(all.map(([type = '', id = '']) => sees(call, type, id)));
  if (visible.includes(false)) throw refusal(404, 'not-found', 'There is no such record that you can see.');
  const subjects = [`Patient/${patientId}`, ...(records as string[])];
  const [event] = await record([
    { kind: EVENT_KIND.disclosed, patientId, context: call.context, subjects, basis: how },
  ]);
  return jsonAnswer(201, { event });
}

async function closeReview({ reviews }: ViewingApiParts, { viewer, id, context, message }: Call): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['outcome', 'words']);
  const verdict = { outcome: text(body, 'outcome'), words: text(body, 'words') };
  return jsonAnswer(200, await reviews.close(viewer, id, verdict, context));
}

async function readNotices({ notices }: ViewingApiParts, { viewer, message }: Call): Promise<Answer> {
  const body = await jsonBody(message);
  only(body, ['ids']);
  const { ids } = body;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    throw refusal(400, 'value', 'ids must be a list of ids of notices.');
  }
  await notices.markRead(accountOf(viewer), ids);
  return { status: 204 };
}

async function setPreferences({ notices, now }: ViewingApiParts, { viewer, id, message }: Call): Promise<Answer> {
  requireDecider(viewer, id, now());
  const preferences = readPreferences(await jsonBody(message));
  await notices.setPreferences(id, preferences);
  return jsonAnswer(200, preferences);
}

function shown(request: ViewingRequest, now: number): object {
  return { ...request, state: stateOf(request, now) };
}

function accountOf({ account }: Viewer): string {
  if (account !== undefined) return account;
  throw refusal(403, 'forbidden', 'This is for people with an account; a program has no notices and no requests.');
}

/** Whether the viewer is the patient, or decides for them. */
export function isDecider(viewer: Viewer, patientId: string, now: number): boolean {
  return viewer.patientId === patientId || decidesFor(viewer, patientId, now);
}

export function requireDecider(viewer: Viewer, patientId: string, now: number): void {
  if (isDecider(viewer, patientId, now)) return;
  throw refusal(403, 'forbidden', 'Only the patient, or whoever decides for them, can do this.');
}
