/** What went wrong with a request, in a form that a page can show and act on. */
export class ApiError extends Error {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Of the OperationOutcome's first issue, such as `forbidden`. */
  readonly code: string | undefined;
  /** Seconds, of Retry-After. */
  readonly retryAfter: number | undefined;
  /** The whole OperationOutcome, or whatever JSON was answered. */
  readonly body: unknown;

  /** @param sentence what the server says, in English */
  constructor(status: number, sentence: string, details: { code?: string; retryAfter?: number; body?: unknown } = {}) {
    super(sentence);
    this.name = 'ApiError';
    this.status = status;
    this.code = details.code;
    this.retryAfter = details.retryAfter;
    this.body = details.body;
  }
}

/** How requests say who asks. */
export interface Credentials {
  /** A token that is good for a while; undefined: nobody is signed in. */
  token(): Promise<string | undefined>;
  /** The server no longer takes the token. Resolves to whether trying again with a new one is worth it. */
  refused(token: string): Promise<boolean>;
  /** How a request presents the token; absent: as a bearer token. */
  headers?(token: string, method: string, path: string): Promise<Record<string, string>>;
}

export interface Ask {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  json?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

const FHIR = 'application/fhir+json';
/** Requests for records, and not for the directory or the terminologies, which are open anyway. */
const OF_RECORDS =
  /^\/fhir\/(?!Patient\/\$match|(?:Practitioner|PractitionerRole|Organization|Location|ValueSet|CodeSystem)\b)/;

/**
 * Requests to the own server. One retry with a new token after 401, none otherwise: TanStack Query decides that.
 * Throws ApiError for every status that is not a success.
 */
export class Http {
  readonly #credentials: Credentials;
  readonly #fetch: typeof fetch;
  #viewing: string | undefined;

  constructor(credentials: Credentials, fetcher: typeof fetch) {
    this.#credentials = credentials;
    this.#fetch = fetcher;
  }

  /**
   * Presents viewing tokens (docs/viewing.md) with requests for records from now on; undefined: none any more. Each use is
   * counted and on the patient's record, so they go along only while that patient's chart is open.
   */
  presentViewing(tokens: string | undefined): void {
    this.#viewing = tokens;
  }

  async json<T>(path: string, ask: Ask = {}): Promise<T> {
    const answer = await this.send(path, ask);
    return (await parsed(answer)) as T;
  }

  async text(path: string, ask: Ask = {}): Promise<string> {
    return (await this.send(path, ask)).text();
  }

  /** @param path absolute, of this origin */
  async send(path: string, ask: Ask = {}): Promise<Response> {
    if (!path.startsWith('/') || path.startsWith('//')) throw new ApiError(0, 'Only the own server is asked.');
    const token = await this.#credentials.token();
    const answer = await this.#once(path, ask, token);
    if (answer.status === 401 && token !== undefined && (await this.#credentials.refused(token))) {
      return succeeded(await this.#once(path, ask, await this.#credentials.token()));
    }
    return succeeded(answer);
  }

  async #once(path: string, ask: Ask, token: string | undefined): Promise<Response> {
    const body = ask.json === undefined ? undefined : JSON.stringify(ask.json);
    const type = path.startsWith('/fhir') ? FHIR : 'application/json';
    const method = ask.method ?? 'GET';
    const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const authorization =
      token === undefined || !this.#credentials.headers ? bearer : await this.#credentials.headers(token, method, path);
    try {
      return await this.#fetch.call(undefined, path, {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'error',
        headers: {
          accept: `${type}, application/json;q=0.9, */*;q=0.1`,
          ...(body !== undefined && { 'content-type': type }),
          ...authorization,
          ...(this.#viewing !== undefined && OF_RECORDS.test(path) && { 'viewing-token': this.#viewing }),
          ...ask.headers,
        },
        ...(body !== undefined && { body }),
        ...(ask.signal && { signal: ask.signal }),
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError(0, 'The server did not answer.');
    }
  }
}

async function succeeded(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  const body = await parsed(answer).catch(() => undefined);
  const { sentence, code } = outcomeOf(body);
  const wait = Number(answer.headers.get('retry-after') ?? Number.NaN);
  throw new ApiError(answer.status, sentence ?? answer.statusText, {
    body,
    ...(code !== undefined && { code }),
    ...(Number.isFinite(wait) && { retryAfter: wait }),
  });
}

async function parsed(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiError(answer.status, 'The answer could not be read.');
  }
}

/** The sentence of an OperationOutcome (R4 §2.41), or of the sign-in API's `{ error, error_description, sentence }`. */
export function outcomeOf(body: unknown): { sentence: string | undefined; code: string | undefined } {
  const issue = list(member(body, 'issue'))[0];
  const sentence = [
    member(member(issue, 'details'), 'text'),
    member(issue, 'diagnostics'),
    member(body, 'sentence'),
    member(body, 'error_description'),
  ].find((candidate) => typeof candidate === 'string');
  const code = [member(issue, 'code'), member(body, 'error')].find((candidate) => typeof candidate === 'string');
  return { sentence, code };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
