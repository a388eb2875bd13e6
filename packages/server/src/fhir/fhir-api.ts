import type { IncomingMessage } from 'node:http';
import type { ViewContext } from '@meridian/records';
import type { Permission, Viewer } from '@meridian/viewing';
import type { Bearer } from '../access/tokens.ts';
import { viewedAs } from '../access/view-as.ts';
import { ANYBODY, contextOf } from '../access/visibility-of.ts';
import { BODY_LIMIT, BUNDLE_LIMIT, readBody } from '../http/body.ts';
import { refusal } from '../http/http-error.ts';
import { requireJsonAnswer } from '../http/media.ts';
import { parsePrefer } from '../http/prefer.ts';
import { decodeSegment, first, type Parameters, parseQuery } from '../http/query-string.ts';
import type { Dispatch } from './bundle-entry.ts';
import { type Answer, type FhirRequest, METHODS, type Method, type RequestBody } from './request.ts';
import { findRoute, type Route } from './routes.ts';
import type { Services } from './services.ts';

/** Most characters of a URL; searches with more go by POST. */
const MOST_URL = 16 * 1024;

/** A request that was understood and may be authorised, before its body is read. */
export interface Asked {
  method: Method;
  route: Route;
  parameters: Parameters;
}

/** The FHIR API without HTTP's transport: from a request to an `Answer`. */
export class FhirApi {
  readonly #services: Services;
  readonly #dispatch: Dispatch;

  constructor(services: Services) {
    this.#services = services;
    this.#dispatch = {
      baseUrl: services.baseUrl,
      authorize: (request, permission, type) => authorize(request, permission, type),
      entry: (entry, request) => {
        const asked = this.ask(entry.method, `/${entry.url}`);
        if (asked.route.body === 'bundle' && entry.resource?.resourceType === 'Bundle' && entry.url === '') {
          throw refusal(400, 'invalid', 'A Bundle cannot be an entry of a batch or transaction; send it alone.');
        }
        const body: RequestBody = entry.resource ? { kind: 'resource', resource: entry.resource } : { kind: 'none' };
        return this.#run(asked, { ...request, method: asked.method, parameters: asked.parameters, body });
      },
    };
  }

  /**
   * Understands a method and a URL below the base (beginning with a slash). Throws 404, 405, 414 or 400.
   */
  ask(method: string, url: string): Asked {
    if (url.length > MOST_URL) {
      throw refusal(414, 'too-long', 'The URL is too long; send the search by POST to _search.');
    }
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const segments = segmentsOf(path);
    const route = findRoute(method, segments);
    if (!isMethod(method)) throw refusal(405, 'not-supported', 'FHIR does not use this HTTP method.');
    return { method, route, parameters: parseQuery(mark < 0 ? '' : url.slice(mark + 1)) };
  }

  /** Carries out what was asked by an HTTP request. `bearer` is undefined only for routes that need nobody. */
  async answer(asked: Asked, message: IncomingMessage, bearer: Bearer | undefined, requestId: string): Promise<Answer> {
    const { headers } = message;
    const { parameters, route } = asked;
    if (!mayBeRaw(route))
      requireJsonAnswer(headers.accept, parameters.length > 0 ? first(parameters, '_format') : undefined);
    const viewer = bearer?.viewer ?? ANYBODY;
    const request: FhirRequest = {
      method: asked.method,
      parameters,
      headers,
      body: NO_BODY,
      preferences: parsePrefer(headers.prefer as string | undefined),
      viewer,
      context: await this.#contextOf(viewer, requestId, headers['view-as']),
      scopes: bearer?.scopes ?? NOTHING,
    };
    requireAllowed(asked, request);
    if (route.body !== 'none') request.body = await bodyOf(message, route.body);
    return route.run(request, this.#services, this.#dispatch);
  }

  /** With `View-As: Practitioner/1` one sees what that person would: to preview what one shares. */
  async #contextOf(viewer: Viewer, requestId: string, as: string | string[] | undefined): Promise<ViewContext> {
    const { visibilityOf, viewing } = this.#services;
    const own = contextOf(viewer, requestId, visibilityOf);
    if (as === undefined) return own;
    const other = await viewing.viewerAs(String(as));
    if (other) return viewedAs(own, visibilityOf(other));
    throw refusal(404, 'not-found', 'View-As must name somebody with an account, such as Practitioner/1.');
  }

  async #run(asked: Asked, request: FhirRequest): Promise<Answer> {
    requireAllowed(asked, request);
    return asked.route.run(request, this.#services, this.#dispatch);
  }
}

const NO_BODY: RequestBody = { kind: 'none' };
const NOTHING = { allow: () => false } as unknown as FhirRequest['scopes'];

function isMethod(method: string): method is Method {
  return (METHODS as readonly string[]).includes(method);
}

/** `/Patient/1/` → `Patient`, `1`. An empty segment inside is nobody's resource. */
function segmentsOf(path: string): string[] {
  const end = path.endsWith('/') ? path.length - 1 : path.length;
  if (end <= 0) return [];
  return path
    .slice(path.startsWith('/') ? 1 : 0, end)
    .split('/', 8)
    .map(decodeSegment);
}

/** A Binary and the files of an export are not FHIR JSON, and Accept chooses their form. */
function mayBeRaw(route: Route): boolean {
  return route.body === 'stream' || route.raw === true;
}

function requireAllowed(asked: Asked, request: FhirRequest): void {
  const { needs } = asked.route;
  if (needs) authorize(request, needs[0], needs[1]);
}

const WORDS: Readonly<Record<Permission, string>> = {
  c: 'create',
  r: 'read',
  u: 'update',
  d: 'delete',
  s: 'search',
};

function authorize(request: FhirRequest, permission: Permission, type: string | undefined): void {
  if (request.scopes.allow(permission, type)) return;
  const what = type === undefined ? 'all types' : type;
  throw refusal(
    403,
    'forbidden',
    `The token does not allow to ${WORDS[permission]} ${what}; ask for one whose scope does.`,
    {
      'www-authenticate': 'Bearer realm="meridian", error="insufficient_scope"',
    },
  );
}

async function bodyOf(message: IncomingMessage, kind: 'memory' | 'bundle' | 'stream'): Promise<RequestBody> {
  const declared = message.headers['content-length'];
  if (message.headers['content-encoding'] !== undefined) {
    throw refusal(415, 'not-supported', 'Compressed request bodies are not accepted; send the body as it is.');
  }
  if (kind === 'stream') {
    return { kind: 'stream', stream: message, length: declared === undefined ? undefined : Number(declared) };
  }
  return { kind: 'bytes', bytes: await readBody(message, kind === 'bundle' ? BUNDLE_LIMIT : BODY_LIMIT, declared) };
}
