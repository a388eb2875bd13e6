import type { IncomingMessage } from 'node:http';
import type { Bearer } from '../access/tokens.ts';
import { contextOf } from '../access/visibility-of.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { readBody } from '../http/body.ts';
import { refusal } from '../http/http-error.ts';
import { mediaType } from '../http/media.ts';
import { parsePrefer } from '../http/prefer.ts';
import { first, parseQuery } from '../http/query-string.ts';
import { jsonAnswer, jsonBody, only } from '../viewing/json-request.ts';
import { found, type KindPath } from './catalogues.ts';
import { callService, discover, takeFeedback } from './cds-hooks.ts';
import { setWishes, waitingResults } from './release.ts';

/** A request below `/clinic` or `/cds-services` that was understood. */
export interface ClinicAsked {
  /** For logs and metrics: names nobody. */
  template: string;
  needsBearer: boolean;
  answer(message: IncomingMessage, bearer: Bearer | undefined, requestId: string): Promise<Answer>;
}

interface Call {
  id: string;
  message: IncomingMessage;
  request: FhirRequest;
  services: Services;
}

interface Route {
  method: string;
  template: string;
  pattern: RegExp;
  open?: boolean;
  run(call: Call): Promise<Answer> | Answer;
}

/** Draft orders with a prefetch of the whole record. */
const CDS_LIMIT = 4 * 1024 * 1024;
const CACHED = { 'cache-control': 'private, max-age=300', vary: 'authorization, accept-language' };

const ROUTES: readonly Route[] = [
  route('GET', '/clinic/herbs', (call) => catalogue('herbs', call)),
  route('GET', '/clinic/formulas', (call) => catalogue('formulas', call)),
  route('GET', '/clinic/points', (call) => catalogue('points', call)),
  route('GET', '/clinic/overlay/{id}', async ({ id, services }) => {
    const overlay = await services.clinic.catalogues.overlayOf(id);
    if (overlay) return jsonAnswer(200, overlay);
    throw refusal(404, 'not-found', 'This organisation has laid nothing over the catalogue.');
  }),
  route('PUT', '/clinic/overlay/{id}', async ({ id, message, request, services }) => {
    const body = await jsonBody(message);
    only(body, ['organization', 'herbs', 'formulas']);
    await services.clinic.catalogues.setOverlay(request.viewer, id, body);
    return jsonAnswer(200, (await services.clinic.catalogues.overlayOf(id)) ?? {});
  }),
  route('GET', '/clinic/release/{id}', async ({ id, request, services }) =>
    jsonAnswer(200, await waitingResults(request.viewer, id, services)),
  ),
  route('PUT', '/clinic/release/{id}', async ({ id, message, request, services }) => {
    const body = await jsonBody(message);
    only(body, ['general', 'byClass']);
    await setWishes(request.viewer, id, body, services);
    return jsonAnswer(200, await waitingResults(request.viewer, id, services));
  }),
  { ...route('GET', '/cds-services', () => discover()), open: true },
  route('POST', '/cds-services/{id}', async ({ id, message, request, services }) =>
    callService(id, await largeBody(message), request, services),
  ),
  route('POST', '/cds-services/{id}/feedback', async ({ message, request, services }) =>
    takeFeedback(await jsonBody(message), request, services),
  ),
];

function route(method: string, template: string, run: Route['run']): Route {
  const pattern = new RegExp(`^${template.replace('{id}', '([A-Za-z0-9\\-.]{1,64})')}$`);
  return { method, template, pattern, run };
}

/** The clinic's own interfaces beside FHIR: the catalogue, release of results, CDS Hooks. */
export class ClinicApi {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Understands a method and a URL. Throws 404 or 405. */
  ask(method: string, url: string): ClinicAsked {
    const [path = '', query = ''] = url.split('?', 2);
    const matching = ROUTES.filter(({ pattern }) => pattern.test(path));
    if (matching.length === 0) {
      throw refusal(404, 'not-found', 'There is nothing at this URL; docs/clinic.md lists what there is.');
    }
    const asked = method === 'HEAD' ? 'GET' : method;
    const chosen = matching.find((one) => one.method === asked);
    if (!chosen) {
      const allow = matching.map((one) => one.method).join(', ');
      throw refusal(405, 'not-supported', `This answers to ${allow}.`, { allow });
    }
    const id = chosen.pattern.exec(path)?.[1] ?? '';
    return {
      template: chosen.template,
      needsBearer: chosen.open !== true,
      answer: async (message, bearer, requestId) => {
        if (!bearer) return discover();
        return chosen.run({
          id,
          message,
          request: this.#request(message, query, bearer, requestId),
          services: this.#services,
        });
      },
    };
  }

  /** As the operations of the FHIR API take it: the same visibility, the same events. */
  #request(message: IncomingMessage, query: string, { viewer, scopes }: Bearer, requestId: string): FhirRequest {
    return {
      ...{ method: 'POST', parameters: parseQuery(query), headers: message.headers, body: { kind: 'none' } },
      preferences: parsePrefer(undefined),
      viewer,
      scopes,
      context: contextOf(viewer, requestId, this.#services.visibilityOf),
    };
  }
}

async function catalogue(path: KindPath, { request, services }: Call): Promise<Answer> {
  const { parameters, viewer } = request;
  const own = await services.clinic.catalogues.for(viewer);
  return jsonAnswer(200, found(own, path, first(parameters, 'q') ?? '', first(parameters, 'limit')), CACHED);
}

async function largeBody(message: IncomingMessage): Promise<Record<string, unknown>> {
  if (mediaType(message.headers['content-type']) !== 'application/json') {
    throw refusal(415, 'not-supported', 'Send the body as Content-Type: application/json.');
  }
  const bytes = await readBody(message, CDS_LIMIT, message.headers['content-length']);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refusal(400, 'structure', 'The body is not JSON.');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refusal(400, 'structure', 'The body must be a JSON object.');
}
