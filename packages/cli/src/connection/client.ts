import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Agent, type Dispatcher, errors, request } from 'undici';
import { CommandError } from '../command-error.ts';
import type { TokenSource } from './access-token.ts';
import { Passing, type Patience, retry, retryAfter } from './retry.ts';

export interface ClientOptions {
  /** Such as `http://localhost:8080`. */
  origin: string;
  token: TokenSource;
  patience: Patience;
  now: () => number;
  signal: AbortSignal;
}

export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  /** A path of the server, or a URL that it gave. */
  url: string;
  headers?: Record<string, string>;
  body?: Buffer;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Most bytes of an answer that is read into memory. */
const LARGEST_ANSWER = 64 * 1024 * 1024;
/** A unit of 64 MB may take the server a while. */
const PATIENCE_FOR_ONE_MS = 600_000;

/** Speaks to one Meridian server. */
export class Client {
  readonly #options: ClientOptions;
  readonly #agent: Agent;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#agent = new Agent({ headersTimeout: PATIENCE_FOR_ONE_MS, bodyTimeout: PATIENCE_FOR_ONE_MS });
  }

  /** Throws CommandError unless a server answers there. */
  async greet(): Promise<void> {
    const { origin } = this.#options;
    const url = new URL('/healthz', origin);
    const answer = await request(url, { dispatcher: this.#agent, headersTimeout: 10_000 }).catch(() => undefined);
    await answer?.body.dump();
    if (answer?.statusCode === 200) return;
    throw new CommandError(
      `No Meridian server answers at ${origin}; start one with \`npx meridian serve\`, or name another with --server.`,
    );
  }

  /**
   * One request, repeated while the server is away or busy (429, 502, 503, 504, broken connections). Throws CommandError
   * where it is not allowed or patience ends; every other status is the caller's.
   */
  async call(call: Call): Promise<Answer> {
    return this.#patiently(async () => {
      const { statusCode, headers, body } = await this.#send(call);
      return { status: statusCode, headers, body: await text(bounded(body)) };
    });
  }

  /** A download; `consume` reads the body, and begins anew when it is called again. */
  async download<T>(url: string, consume: (body: Readable) => Promise<T>): Promise<T> {
    const accept = { accept: 'application/fhir+ndjson' };
    return this.#patiently(async () => {
      const { statusCode, body } = await this.#send({ method: 'GET', url, headers: accept });
      if (statusCode === 200) return consume(body);
      await body.dump();
      throw new CommandError(`The server answered a download with status ${statusCode}.`);
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #patiently<T>(attempt: () => Promise<T>): Promise<T> {
    const { patience, now, signal, origin } = this.#options;
    return retry(patience, now, signal, () => attempt().catch(passing)).catch((error: unknown) => {
      if (!(error instanceof Passing)) throw error;
      throw new CommandError(`${origin} ${error.message}; run the same command again to go on.`);
    });
  }

  async #send(call: Call): Promise<Dispatcher.ResponseData> {
    const { origin, token, signal } = this.#options;
    // a token is for one server: a URL that names another, or this one by another name, must not carry it elsewhere
    const { pathname, search } = new URL(call.url, origin);
    const answer = await request(new URL(pathname + search, origin), {
      method: call.method,
      headers: { ...call.headers, authorization: `Bearer ${await token()}` },
      body: call.body ?? null,
      dispatcher: this.#agent,
      signal,
    });
    const { statusCode, headers, body } = answer;
    if (![401, 403, 429, 502, 503, 504].includes(statusCode)) return answer;
    await body.dump();
    if (statusCode === 401)
      throw new CommandError('The server does not accept the token; get a new one with `npx meridian token`.');
    if (statusCode === 403)
      throw new CommandError('The token does not allow this; it needs a scope such as system/*.cruds.');
    throw new Passing(`is busy (status ${statusCode})`, retryAfter(headers['retry-after']));
  }
}

/** What breaks when a server goes away or comes back. */
const BROKEN = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
];

function passing(error: unknown): never {
  const causes = error instanceof AggregateError ? error.errors : [error];
  const broken = causes.some(
    (cause) => cause instanceof Error && 'code' in cause && BROKEN.includes(String(cause.code)),
  );
  if (broken) throw new Passing('does not answer any more');
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    throw new CommandError('The server took longer than ten minutes for one request.');
  }
  throw error;
}

async function* bounded(body: Readable): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new CommandError('The server answered with more than 64 MB.');
    yield chunk;
  }
}
