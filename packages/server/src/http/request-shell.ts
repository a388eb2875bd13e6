import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Answer } from '../fhir/request.ts';
import type { LoadGate } from '../operate/load-gate.ts';
import type { Log } from '../operate/log.ts';
import type { Metrics } from '../operate/metrics.ts';
import type { Traces } from '../operate/traces.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { drain } from './drain.ts';
import { type Failure, failureOf } from './failure.ts';
import { outcomeBytes, refusal } from './http-error.ts';
import { FHIR_JSON } from './media.ts';
import { requestIdOf } from './request-id.ts';
import { send } from './send.ts';

/** What is known of a request for logs and metrics. */
export interface Known {
  requestId: string;
  route: string;
  actor: string | undefined;
}

export interface RequestShellParts {
  /** Before `/fhir`, for Location. */
  origin: string;
  cors: ReadonlySet<string>;
  gate: LoadGate;
  log: Log;
  metrics: Metrics;
  /** Undefined: no traces. */
  traces: Traces | undefined;
}

/** What every request passes through around its work: the load gate, its answer or refusal, its line in the log. */
export class RequestShell {
  readonly #parts: RequestShellParts;

  constructor(parts: RequestShellParts) {
    this.#parts = parts;
  }

  /** Answers with what `work` gives, or with the refusal that it throws. */
  async serve(
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
      this.note(message, answer.status, started, known);
      if (error && !isGone(error)) this.#parts.log.fault(error, known.requestId);
      if (span) traces?.end(span, methodOf(message), known.route, answer.status);
    };
    if (answer.status >= 400 && !message.complete) await drain(message);
    this.#send(message, response, answer, echoed, known, done);
  }

  /** The answer to a browser that asks whether a page of another origin may send a request. */
  preflight(message: IncomingMessage, known: Known): Answer {
    known.route = 'preflight';
    return { status: 204, headers: preflightHeaders(message.headers.origin, this.#parts.cors) };
  }

  /** @param started of `performance.now()` */
  note(message: IncomingMessage, status: number, started: number, known: Known): void {
    const { log, metrics } = this.#parts;
    const ms = performance.now() - started;
    const method = methodOf(message);
    metrics.request(known.route, method, status, ms);
    if (!log.requests) return;
    const { requestId, route, actor } = known;
    log.request({ method, route, status, ms: Math.round(ms * 100) / 100, requestId, actor });
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
}

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

/** The caller hung up: nobody's fault. */
function isGone(error: Error): boolean {
  return (
    'code' in error &&
    (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ECONNRESET' || error.code === 'EPIPE')
  );
}
