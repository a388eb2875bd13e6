import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { BulkImport, Ledger } from '@meridian/records';
import { Callers, type CallersParts, callerOf } from './access/callers.ts';
import type { ClinicApi } from './clinic/clinic-api.ts';
import type { DicomApi } from './dicom/dicom-api.ts';
import { exchangeImport } from './exchange-import.ts';
import type { FhirApi } from './fhir/fhir-api.ts';
import type { Answer } from './fhir/request.ts';
import { refusal } from './http/http-error.ts';
import { indent } from './http/pretty.ts';
import { requestIdOf } from './http/request-id.ts';
import { RequestShell, type RequestShellParts } from './http/request-shell.ts';
import { send } from './http/send.ts';
import type { Identity } from './identity/identity.ts';
import type { LedgerApi } from './ledger/ledger-api.ts';
import { receiptLink, waitedState, waitForEvent } from './ledger/write-proof.ts';
import type { Readiness } from './operate/readiness.ts';
import type { Viewing } from './viewing/open-viewing.ts';

export interface FrontParts extends CallersParts, RequestShellParts {
  fhir: FhirApi;
  dicom: DicomApi;
  clinicApi: ClinicApi;
  bulk: BulkImport;
  ledger: Pick<Ledger, 'waitFor'>;
  ledgerApi: LedgerApi;
  identity: Identity;
  viewing: Viewing;
  readiness: () => Promise<Readiness>;
}

/**
 * The front of the house: from Node's request to its answer, for each part of the interface. Who asks is found out by
 * `Callers`; what stands around the work of every request is in `RequestShell`.
 */
export class Front {
  readonly #parts: FrontParts;
  readonly #shell: RequestShell;
  readonly #callers: Callers;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.#shell = new RequestShell(parts);
    this.#callers = new Callers(parts);
  }

  /** Answers a request below `/fhir`. */
  fhir(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async (known) => {
      const { fhir } = this.#parts;
      if (message.method === 'OPTIONS') return this.#shell.preflight(message, known);
      const asked = fhir.ask(message.method ?? '', (message.url ?? '').slice('/fhir'.length));
      known.route = asked.route.template;
      const named = asked.route.needs !== undefined || asked.route.body === 'bundle';
      if (!named) this.#callers.limit(message);
      const bearer = named
        ? await this.#callers.withGrants(await this.#callers.bearer(message, known), message, known)
        : undefined;
      const answer = await this.#withReceipt(await fhir.answer(asked, message, bearer, known.requestId), message);
      return asked.parameters.length > 0 && wantsPretty(asked.parameters) ? pretty(answer) : answer;
    });
  }

  /** Answers a request below `/dicom-web`. */
  dicom(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async (known) => {
      if (message.method === 'OPTIONS') return this.#shell.preflight(message, known);
      const asked = this.#parts.dicom.ask(message.method ?? '', (message.url ?? '').slice('/dicom-web/'.length));
      known.route = asked.template;
      const bearer = await this.#callers.withGrants(await this.#callers.bearer(message, known), message, known);
      return asked.answer(message, bearer, known.requestId);
    });
  }

  /** Answers a request below `/ledger`. */
  ledger(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async (known) => {
      if (message.method === 'OPTIONS') return this.#shell.preflight(message, known);
      const asked = this.#parts.ledgerApi.ask(message.method ?? '', (message.url ?? '').slice('/ledger/'.length));
      known.route = asked.template;
      if (!asked.needsBearer) this.#callers.limit(message);
      return asked.answer(message, asked.needsBearer ? await this.#callers.bearer(message, known) : undefined);
    });
  }

  /** Answers a request below `/clinic` and `/cds-services`. */
  clinic(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async (known) => {
      if (message.method === 'OPTIONS') return this.#shell.preflight(message, known);
      const asked = this.#parts.clinicApi.ask(message.method ?? '', message.url ?? '');
      known.route = asked.template;
      if (!asked.needsBearer) this.#callers.limit(message);
      const bearer = asked.needsBearer ? await this.#callers.bearer(message, known) : undefined;
      return asked.answer(message, bearer && (await this.#callers.withGrants(bearer, message, known)), known.requestId);
    });
  }

  /** Answers a request below `/viewing`. */
  viewing(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async (known) => {
      if (message.method === 'OPTIONS') return this.#shell.preflight(message, known);
      const { api } = this.#parts.viewing;
      const asked = api.ask(message.method ?? '', (message.url ?? '').slice('/viewing/'.length));
      known.route = asked.template;
      return asked.answer(message, callerOf(await this.#callers.bearer(message, known), known.requestId));
    });
  }

  /** Answers a request below `/tokens`. */
  viewingTokens(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async (known) => {
      if (message.method === 'OPTIONS') return this.#shell.preflight(message, known);
      const { tokensApi } = this.#parts.viewing;
      const asked = tokensApi.ask(message.method ?? '', (message.url ?? '').slice('/tokens/'.length));
      known.route = asked.template;
      if (!asked.needsBearer) this.#callers.limit(message);
      const bearer = asked.needsBearer ? await this.#callers.bearer(message, known) : undefined;
      return asked.answer(message, bearer && callerOf(bearer, known.requestId), known.requestId);
    });
  }

  /** Answers a request below `/oauth`. What is not JSON of ours, the sign-in server writes itself. */
  oauth(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { identity } = this.#parts;
    const [path = '', query = ''] = (message.url ?? '').split('?', 2);
    const segments = path.split('/').slice(2);
    if (!identity.answers(segments)) return this.#handOver(message, response);
    return this.#shell.serve(message, response, async (known) => {
      known.route = `/oauth/${segments[0]}`;
      this.#callers.limit(message, identity.limiter);
      const request = {
        message,
        response,
        method: message.method ?? '',
        path: segments,
        query: new URLSearchParams(query),
        requestId: known.requestId,
        address: this.#callers.address(message),
      };
      return identity.answer(request, () => this.#callers.bearer(message, known));
    });
  }

  /** `/.well-known/smart-configuration`. */
  smartConfiguration(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async (known) => {
      known.route = '/.well-known/smart-configuration';
      this.#callers.limit(message);
      return this.#parts.identity.smartConfiguration();
    });
  }

  /** `POST /exchange/import`. */
  exchange(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async (known) => {
      known.route = '/exchange/import';
      if (message.method === 'OPTIONS') return this.#shell.preflight(message, known);
      if (message.method !== 'POST')
        throw refusal(405, 'not-supported', 'Send what is to be imported by POST.', { allow: 'POST' });
      const bearer = await this.#callers.bearer(message, known);
      const { scopes } = bearer;
      if (!scopes.allow('c', undefined) || !scopes.allow('u', undefined)) {
        throw refusal(403, 'forbidden', 'An import needs a token whose scope allows to create and update all types.');
      }
      return exchangeImport(message, this.#parts.bulk, callerOf(bearer, known.requestId).context);
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
    return this.#shell.serve(message, response, async (known) => {
      known.route = '/metrics';
      if (!isLoopback(this.#callers.address(message))) await this.#callers.bearer(message, known);
      const { type, body } = await this.#parts.metrics.text();
      return { status: 200, contentType: type, body: Buffer.from(body) };
    });
  }

  /** Whatever has no route. */
  nothing(message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async () => {
      throw refusal(404, 'not-found', 'There is nothing at this URL; the FHIR API is below /fhir.');
    });
  }

  /** An error that arose before any route, such as a path with broken escapes. */
  refuse(error: unknown, message: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#shell.serve(message, response, async () => {
      throw error;
    });
  }

  /** The sign-in server's own answers pass the same gate and limits, and stand in the same log. */
  async #handOver(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { gate, identity, log } = this.#parts;
    const started = performance.now();
    try {
      this.#callers.limit(message, identity.limiter);
      gate.enter();
    } catch (error) {
      return this.refuse(error, message, response);
    }
    const { internal } = requestIdOf(message.headers['x-request-id']);
    response.once('close', () => {
      gate.leave();
      this.#shell.note(message, response.statusCode, started, {
        requestId: internal,
        route: '/oauth/*',
        actor: undefined,
      });
    });
    await identity.handOver(message, response).catch((error: unknown) => {
      log.fault(error, internal);
      response.destroy();
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
}

const JSON_TYPE = 'application/json';

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address);
}

function wantsPretty(parameters: readonly (readonly [string, string])[]): boolean {
  return parameters.some(([name, value]) => name === '_pretty' && value === 'true');
}

function pretty(answer: Answer): Answer {
  if (!Buffer.isBuffer(answer.body) || (answer.contentType !== undefined && !answer.contentType.includes('json')))
    return answer;
  return { ...answer, body: Buffer.from(indent(answer.body.toString('utf8'))) };
}
