import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import { Front, type FrontParts } from './front.ts';
import { outcomeBytes } from './http/http-error.ts';
import { FHIR_JSON } from './http/media.ts';
import type { WebApp } from './web/web-app.ts';

/** Bounds of one connection, in milliseconds and bytes. */
const LIMITS = {
  /** For all headers to arrive: slow senders are cut off before they hold anything. */
  headers: 10_000,
  /** For a whole request to arrive: a Binary of 4 GiB over a hospital's line. */
  request: 30 * 60_000,
  /** Without a byte in either direction; a statement of the database may take 60 s. */
  silence: 120_000,
  keepAlive: 72_000,
  headerBytes: 32 * 1024,
  connections: 10_000,
};

/**
 * Wires the front into fastify. Nothing listens yet; `close` finishes what was accepted.
 *
 * @param web the browser application; undefined where it was not built
 */
export function createServer(parts: FrontParts, web?: WebApp): FastifyInstance {
  const front = new Front(parts);
  const app = fastify({
    logger: false,
    trustProxy: false,
    exposeHeadRoutes: false,
    requestTimeout: LIMITS.request,
    connectionTimeout: LIMITS.silence,
    keepAliveTimeout: LIMITS.keepAlive,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    http: {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headers,
      connectionsCheckingInterval: 5000,
      // Node's own refusal has no body; the front refuses with an OperationOutcome
      requireHostHeader: false,
    },
    // URLs are read by the FHIR API itself, strictly.
    routerOptions: { maxParamLength: 32 * 1024, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => {
      reply.hijack();
      void front.refuse(error, request.raw, reply.raw);
    },
    clientErrorHandler,
  });
  app.server.maxConnections = LIMITS.connections;
  // Bodies are read by the interactions, after they know who asks: nothing is parsed here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setErrorHandler((error, request, reply) => {
    reply.hijack();
    void front.refuse(error, request.raw, reply.raw);
  });
  app.setNotFoundHandler((request, reply) => {
    reply.hijack();
    if (web?.answer(request.raw, reply.raw)) return;
    void front.nothing(request.raw, reply.raw);
  });
  const on = (url: string, answer: (...pair: Parameters<Front['fhir']>) => unknown, method: string[]): void => {
    app.route({
      method,
      url,
      handler: (request, reply) => {
        reply.hijack();
        void answer.call(front, request.raw, reply.raw);
      },
    });
  };
  on('/fhir', front.fhir, EVERY_METHOD);
  on('/fhir/*', front.fhir, EVERY_METHOD);
  on('/dicom-web/*', front.dicom, EVERY_METHOD);
  on('/.well-known/smart-configuration', front.smartConfiguration, ['GET', 'HEAD']);
  on('/fhir/.well-known/smart-configuration', front.smartConfiguration, ['GET', 'HEAD']);
  on('/oauth/*', front.oauth, EVERY_METHOD);
  on('/viewing/*', front.viewing, EVERY_METHOD);
  // only these: other paths below /clinic are pages of the web application
  for (const path of ['herbs', 'formulas', 'points', 'overlay/*', 'release/*']) {
    on(`/clinic/${path}`, front.clinic, EVERY_METHOD);
  }
  on('/cds-services', front.clinic, EVERY_METHOD);
  on('/cds-services/*', front.clinic, EVERY_METHOD);
  on('/tokens/*', front.viewingTokens, EVERY_METHOD);
  on('/exchange/import', front.exchange, EVERY_METHOD);
  on('/ledger/*', front.ledger, ['GET', 'HEAD', 'POST', 'OPTIONS']);
  on('/healthz', front.health, ['GET', 'HEAD']);
  on('/readyz', front.ready, ['GET', 'HEAD']);
  on('/metrics', front.metrics, ['GET']);
  return app;
}

const EVERY_METHOD = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** What Node's parser refuses never becomes a request, so its answer is written by hand (RFC 9112 §9.6: and closed). */
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, sentence] = clientFailure(error.code);
  const body = outcomeBytes([{ severity: 'error', code: 'invalid', diagnostics: sentence }]);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${FHIR_JSON}`,
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
  // A caller that does not read its answer does not keep the socket either.
  setTimeout(() => socket.destroy(), 1000).unref();
}

function clientFailure(code: string | undefined): [number, string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'The request headers are too large; 32 KiB are allowed.'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'The request did not arrive in time; send it again.'];
    default:
      return [400, 'The request is not valid HTTP/1.1.'];
  }
}
