import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { type BulkImport, EVERYTHING, type Ledger, plainContext } from '@meridian/records';
import type { ProvenRequest } from './access/dpop.ts';
import type { Bearer, Tokens } from './access/tokens.ts';
import { contextOf } from './access/visibility-of.ts';
import { exchangeImport } from './exchange-import.ts';
import type { FhirApi } from './fhir/fhir-api.ts';
import type { Answer } from './fhir/request.ts';
import { callerAddress } from './http/caller-address.ts';
import { corsHeaders, preflightHeaders } from './http/cors.ts';
import { drain } from './http/drain.ts';
import { type Failure, failureOf } from './http/failure.ts';
import { outcomeBytes, refusal } from './http/http-error.ts';
import { FHIR_JSON } from './http/media.ts';
import { indent } from './http/pretty.ts';
import type { RateLimiter } from './http/rate-limit.ts';
import { requestIdOf } from './http/request-id.ts';
import { send } from './http/send.ts';
import type { Identity } from './identity/identity.ts';
import type { LedgerApi } from './ledger/ledger-api.ts';
import { receiptLink, waitedState, waitForEvent } from './ledger/write-proof.ts';
import type { LoadGate } from './operate/load-gate.ts';
import type { Log } from './operate/log.ts';
import type { Metrics } from './operate/metrics.ts';
import type { Readiness } from './operate/readiness.ts';
import type { Traces } from './operate/traces.ts';
import type { Viewing } from './viewing/open-viewing.ts';
import type { Caller } from './viewing/viewing-api.ts';

export interface FrontParts {
  fhir: FhirApi;
  bulk: BulkImport;
  ledger: Pick<Ledger, 'waitFor'>;
  ledgerApi: LedgerApi;
  tokens: Tokens;
  identity: Identity;
  viewing: Viewing;
  /** Before `/fhir`, for Location. */
  origin: string;
  cors: ReadonlySet<string>;
  /** See `callerAddress`. */
  proxies: ReadonlySet<string>;
  limiter: RateLimiter;
  gate: LoadGate;
  log: Log;
  metrics: Metrics;
  readiness: () => Promise<Readiness>;
  /** Undefined: no traces. */
  traces: Traces | undefined;
}

/** What is known of a request for logs and metrics. */
interface Known {
  requestId: string;
  route: string;
  actor: string | undefined;
}

/**
 * The front of the house: from Node's request to its answer. Everything that every request passes through is here, in
 * order: identity, limits, the work, the answer, and then its line in the log.
 */
export class Front {
  readonly #parts: FrontParts;

  constructor(parts: FrontParts) {
    this.#parts = parts;
  }

  /** Answers a request below `/fhir`. */
  fhir(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async (known) => {
      const { fhir } = this.#parts;
      if (message.method === 'OPTIONS') return this.#preflight(message, known);
      const asked = fhir.ask(message.method ?? '', (message.url ?? '').slice('/fhir'.length));
      known.route = asked.route.template;
      const named = asked.route.needs !== undefined || asked.route.body === 'bundle';
      if (!named) this.#limit(callerAddress(message, this.#parts.proxies));
      const bearer = named ? await this.#withGrants(await this.#bearer(message, known), message, known) : undefined;
      const answer = await this.#withReceipt(await fhir.answer(asked, message, bearer, known.requestId), message);
      return asked.parameters.length > 0 && wantsPretty(asked.parameters) ? pretty(answer) : answer;
    });
  }

  /** Answers a request below `/ledger`. */
  ledger(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async (known) => {
      if (message.method === 'OPTIONS') return this.#preflight(message, known);
      const asked = this.#parts.ledgerApi.ask(message.method ?? '', (message.url ?? '').slice('/ledger/'.length));
      known.route = asked.template;
      if (!asked.needsBearer) this.#limit(callerAddress(message, this.#parts.proxies));
      return asked.answer(message, asked.needsBearer ? await this.#bearer(message, known) : undefined);
    });
  }

  /** Answers a request below `/viewing`. */
  viewing(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async (known) => {
      if (message.method === 'OPTIONS') return this.#preflight(message, known);
      const { api } = this.#parts.viewing;
      const asked = api.ask(message.method ?? '', (message.url ?? '').slice('/viewing/'.length));
      known.route = asked.template;
      return asked.answer(message, callerOf(await this.#bearer(message, known), known.requestId));
    });
  }

  /** Answers a request below `/tokens`. */
  viewingTokens(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async (known) => {
      if (message.method === 'OPTIONS') return this.#preflight(message, known);
      const { tokensApi } = this.#parts.viewing;
      const asked = tokensApi.ask(message.method ?? '', (message.url ?? '').slice('/tokens/'.length));
      known.route = asked.template;
      if (!asked.needsBearer) this.#limit(callerAddress(message, this.#parts.proxies));
      const bearer = asked.needsBearer ? await this.#bearer(message, known) : undefined;
      return asked.answer(message, bearer && callerOf(bearer, known.requestId), known.requestId);
    });
  }

  /** Answers a request below `/oauth`. What is not JSON of ours, the sign-in server writes itself. */
  oauth(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { identity } = this.#parts;
    const [path = '', query = ''] = (message.url ?? '').split('?', 2);
    const segments = path.split('/').slice(2);
    if (!identity.answers(segments)) return this.#handOver(message, response);
    return this.#serve(message, response, async (known) => {
      known.route = `/oauth/${segments[0]}`;
      this.#limit(callerAddress(message, this.#parts.proxies), identity.limiter);
      const request = {
        message,
        response,
        method: message.method ?? '',
        path: segments,
        query: new URLSearchParams(query),
        requestId: known.requestId,
        address: callerAddress(message, this.#parts.proxies),
      };
      return identity.answer(request, () => this.#bearer(message, known));
    });
  }

  /** `/.well-known/smart-configuration`. */
  smartConfiguration(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async (known) => {
      known.route = '/.well-known/smart-configuration';
      this.#limit(callerAddress(message, this.#parts.proxies));
      return this.#parts.identity.smartConfiguration();
    });
  }

  /** `POST /exchange/import`. */
  exchange(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async (known) => {
      known.route = '/exchange/import';
      if (message.method === 'OPTIONS') return this.#preflight(message, known);
      if (message.method !== 'POST')
        throw refusal(405, 'not-supported', 'Send what is to be imported by POST.', { allow: 'POST' });
      const { viewer, scopes } = await this.#bearer(message, known);
      if (!scopes.allow('c', undefined) || !scopes.allow('u', undefined)) {
        throw refusal(403, 'forbidden', 'An import needs a token whose scope allows to create and update all types.');
      }
      const context = plainContext(contextOf(viewer, known.requestId, () => EVERYTHING));
      return exchangeImport(message, this.#parts.bulk, context);
    });
  }

  /** `/healthz`: the process answers. Neither limited nor logged. */
  health(_message: IncomingMessage, response: ServerResponse): void {
    send(
      response,
      { status: 200, contentType: JSON_TYPE, body: Buffer.from('{"status":"ok"}') },
      {},
      undefined,
      true,
      () => {},
    );
  }

  /** `/readyz`: the server can do its work, or what it lacks. */
  async ready(_message: IncomingMessage, response: ServerResponse): Promise<void> {
    const readiness = await this.#parts.readiness();
    const status = Object.values(readiness).every(Boolean) ? 200 : 503;
    send(
      response,
      { status, contentType: JSON_TYPE, body: Buffer.from(JSON.stringify(readiness)) },
      {},
      undefined,
      true,
      () => {},
    );
  }

  /** `/metrics`, to this machine itself or with a token. */
  metrics(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async (known) => {
      known.route = '/metrics';
      if (!isLoopback(callerAddress(message, this.#parts.proxies))) await this.#bearer(message, known);
      const { type, body } = await this.#parts.metrics.text();
      return { status: 200, contentType: type, body: Buffer.from(body) };
    });
  }

  /** Whatever has no route. */
  nothing(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async () => {
      throw refusal(404, 'not-found', 'There is nothing at this URL; the FHIR API is below /fhir.');
    });
  }

  /** An error that arose before any route, such as a path with broken escapes. */
  refuse(error: unknown, message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#serve(message, response, async () => {
      throw error;
    });
  }

  /** The sign-in server's own answers pass the same gate and limits, and stand in the same log. */
  async #handOver(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { gate, identity, log } = this.#parts;
    const started = performance.now();
    try {
      this.#limit(callerAddress(message, this.#parts.proxies), identity.limiter);
      gate.enter();
    } catch (error) {
      return this.refuse(error, message, response);
    }
    const { internal } = requestIdOf(message.headers['x-request-id']);
    response.once('close', () => {
      gate.leave();
      this.#note(message, response.statusCode, started, { requestId: internal, route: '/oauth/*', actor: undefined });
    });
    await identity.handOver(message, response).catch((error: unknown) => {
      log.fault(error, internal);
      response.destroy();
    });
  }

  async #serve(
    message: IncomingMessage,
    response: ServerResponse,
    work: (known: Known) => Promise<Answer>,
  ): Promise<void> {
    const { gate, traces } = this.#parts;
    const started = performance.now();
    const { internal, echoed } = requestIdOf(message.headers['x-request-id']);
    const known: Known = { requestId: internal, route: 'none', actor: undefined };
    const span = traces?.start();
    let entered = false;
    let answer: Answer;
    try {
      gate.enter();
      entered = true;
      requireHost(message);
      answer = await work(known);
    } catch (error) {
      answer = this.#refused(error, known, message);
    }
    const done = (error?: Error): void => {
      if (entered) gate.leave();
      this.#note(message, answer.status, started, known);
      if (error && !isGone(error)) this.#parts.log.fault(error, known.requestId);
      if (span) traces?.end(span, methodOf(message), known.route, answer.status);
    };
    if (answer.status >= 400 && !message.complete) await drain(message);
    this.#send(message, response, answer, echoed, known, done);
  }

  #send(
    message: IncomingMessage,
    response: ServerResponse,
    answer: Answer,
    echoed: string,
    known: Known,
    done: (error?: Error) => void,
  ): void {
    if (response.destroyed || response.headersSent) {
      done();
      return;
    }
    const extra: Record<string, string> = { 'x-request-id': echoed };
    if (echoed !== known.requestId) extra['x-correlation-id'] = known.requestId;
    const { cors, origin } = this.#parts;
    if (cors.size > 0) Object.assign(extra, corsHeaders(message.headers.origin, cors));
    // What is left of a body that was not read would be taken for the next request.
    if (answer.status >= 400 && !message.complete) extra.connection = 'close';
    const location = answer.location === undefined ? undefined : `${origin}/fhir/${answer.location}`;
    send(response, answer, extra, location, message.method !== 'HEAD', done);
  }

  #refused(error: unknown, known: Known, message: IncomingMessage): Answer {
    const failure: Failure = failureOf(error);
    if (failure.fault) {
      this.#parts.metrics.fault();
      this.#parts.log.fault(error, known.requestId);
    }
    const headers = { ...failure.headers };
    if (failure.status === 304 || message.method === 'HEAD') return { status: failure.status, headers };
    return { status: failure.status, headers, body: outcomeBytes(failure.issues), contentType: FHIR_JSON };
  }

  #note(message: IncomingMessage, status: number, started: number, known: Known): void {
    const { log, metrics } = this.#parts;
    const ms = performance.now() - started;
    const method = methodOf(message);
    metrics.request(known.route, method, status, ms);
    if (!log.requests) return;
    const { requestId, route, actor } = known;
    log.request({ method, route, status, ms: Math.round(ms * 100) / 100, requestId, actor });
  }

  /** Who asks. Limits come first, so that guessing tokens is slow. */
  async #bearer(message: IncomingMessage, known: Known): Promise<Bearer> {
    const { tokens } = this.#parts;
    const { authorization } = message.headers;
    const remembered = authorization === undefined ? undefined : tokens.remembered(authorization);
    this.#limit(remembered?.actorHash ?? callerAddress(message, this.#parts.proxies));
    const bearer = remembered ?? (await tokens.verify(authorization, this.#provenRequest(message)));
    known.actor = bearer.actorHash;
    return bearer;
  }

  /**
   * The bearer with the grants whose viewing tokens came along. Each use is counted and on record before anything is read;
   * a token that is not good opens nothing, and the request is answered as if it had not come.
   */
  async #withGrants(bearer: Bearer, message: IncomingMessage, known: Known): Promise<Bearer> {
    const presented = message.headers['viewing-token'];
    const { viewer } = bearer;
    if (presented === undefined || viewer.account === undefined) return bearer;
    const { grants, viewingTokens } = this.#parts.viewing;
    const ids = await viewingTokens.presented(String(presented), viewer.account, viewer.keyThumbprint);
    const presentedGrants = await grants.used(ids, callerOf(bearer, known.requestId).context);
    return { ...bearer, viewer: { ...viewer, presentedGrants } };
  }

  /** What a DPoP proof must be for: our own origin, whatever Host the request names. */
  #provenRequest(message: IncomingMessage): ProvenRequest {
    const [path = ''] = (message.url ?? '').split('?', 1);
    const proof = message.headers.dpop;
    return {
      method: message.method ?? '',
      url: `${this.#parts.origin}${path}`,
      proof: typeof proof === 'string' ? proof : undefined,
    };
  }

  #limit(caller: string, limiter = this.#parts.limiter): void {
    const wait = limiter.take(caller);
    if (wait === 0) return;
    throw refusal(429, 'throttled', 'Too many requests; wait as long as Retry-After says.', {
      'retry-after': String(wait),
    });
  }

  /** The answer of a write leads to its receipt, and waits for it where the caller prefers. */
  async #withReceipt(answer: Answer, message: IncomingMessage): Promise<Answer> {
    const { event } = answer;
    if (event === undefined) return answer;
    const state = waitedState(message.headers.prefer as string | undefined);
    const applied = state === undefined ? {} : await waitForEvent(this.#parts.ledger, event, state);
    return { ...answer, headers: { ...answer.headers, ...receiptLink(event), ...applied } };
  }

  #preflight(message: IncomingMessage, known: Known): Answer {
    known.route = 'preflight';
    return { status: 204, headers: preflightHeaders(message.headers.origin, this.#parts.cors) };
  }
}

function callerOf({ viewer }: Bearer, requestId: string): Caller {
  return { viewer, context: plainContext(contextOf(viewer, requestId, () => EVERYTHING)) };
}

const JSON_TYPE = 'application/json';
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** For labels: a caller must not be able to make new ones. */
function methodOf(message: IncomingMessage): string {
  return METHODS.has(message.method ?? '') ? (message.method as string) : 'other';
}

/** RFC 9112 §3.2: a request of HTTP/1.1 without Host is answered 400. */
function requireHost(message: IncomingMessage): void {
  if (message.headers.host === undefined && message.httpVersionMinor >= 1) {
    throw refusal(400, 'invalid', 'A request of HTTP/1.1 must name its host: send a Host header.', {
      connection: 'close',
    });
  }
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address);
}

/** The caller hung up: nobody's fault. */
function isGone(error: Error): boolean {
  return (
    'code' in error &&
    (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ECONNRESET' || error.code === 'EPIPE')
  );
}

function wantsPretty(parameters: readonly (readonly [string, string])[]): boolean {
  return parameters.some(([name, value]) => name === '_pretty' && value === 'true');
}

function pretty(answer: Answer): Answer {
  if (!Buffer.isBuffer(answer.body) || (answer.contentType !== undefined && !answer.contentType.includes('json')))
    return answer;
  return { ...answer, body: Buffer.from(indent(answer.body.toString('utf8'))) };
}
