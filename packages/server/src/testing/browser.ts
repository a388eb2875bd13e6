import { hash, randomBytes } from 'node:crypto';
import { request } from 'undici';
import type { TestServer } from './server.ts';

/** The origin that test servers are configured with; the tests reach them under another address. */
export const ORIGIN = 'http://localhost';

export interface BrowserAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: Record<string, unknown>;
}

export interface Authorization {
  clientId?: string;
  redirectUri?: string;
  scope?: string;
  extra?: Record<string, string>;
}

/** What a code is exchanged with. */
export interface Exchange {
  code: string;
  verifier: string;
  clientId: string;
  redirectUri: string;
}

/** A browser as far as sign-in needs one: cookies by path, redirects, and the headers that pages send. */
export class TestBrowser {
  readonly #server: TestServer;
  readonly cookies = new Map<string, { value: string; path: string }>();

  constructor(server: TestServer) {
    this.#server = server;
  }

  /**
   * @param path of our origin, or a whole URL of it
   * @param options byPage: with the headers that a page of ours adds; the default
   */
  async open(
    path: string,
    options: { method?: string; body?: unknown; headers?: Record<string, string>; byPage?: boolean } = {},
  ): Promise<BrowserAnswer> {
    const url = new URL(path, ORIGIN);
    const { method = 'GET', body, headers = {}, byPage = true } = options;
    const cookie = [...this.cookies]
      .filter(([, { path: below }]) => url.pathname === below || url.pathname.startsWith(below.replace(/\/?$/, '/')))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const answer = await request(`${this.#server.running.url}${url.pathname}${url.search}`, {
      method: method as 'GET',
      headers: {
        ...(cookie !== '' && { cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(method !== 'GET' && byPage && { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) this.#keep(line);
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, text, json: parsed(text) };
  }

  /** Begins an authorization. Answers the uid of the interaction, or the code where nobody had to be asked. */
  async authorize(
    options: Authorization = {},
  ): Promise<{ uid?: string; location: string; exchange: Omit<Exchange, 'code'> }> {
    const {
      clientId = 'meridian-web',
      redirectUri = `${ORIGIN}/signed-in`,
      scope = 'openid fhirUser user/*.cruds',
    } = options;
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      state: 'the-state',
      code_challenge: hash('sha256', verifier, 'base64url'),
      code_challenge_method: 'S256',
      ...options.extra,
    });
    const answer = await this.open(`/oauth/authorize?${query}`);
    const location = String(answer.headers.location ?? answer.text);
    const uid = /\/sign-in\/([\w-]+)$/.exec(location)?.[1];
    return { ...(uid !== undefined && { uid }), location, exchange: { verifier, clientId, redirectUri } };
  }

  /** The JSON endpoints of an interaction. */
  interaction(
    uid: string,
    action: string,
    body: unknown = {},
    headers: Record<string, string> = {},
  ): Promise<BrowserAnswer> {
    return this.open(`/oauth/interaction/${uid}/${action}`, { method: 'POST', body, headers });
  }

  /** Follows where an interaction led, until the code or the next interaction. */
  async follow(answer: BrowserAnswer): Promise<{ location: string; code?: string; uid?: string }> {
    const next = await this.open(String(answer.json.redirect));
    const location = String(next.headers.location ?? next.text);
    const code = URL.canParse(location) ? new URL(location).searchParams.get('code') : null;
    const uid = /\/sign-in\/([\w-]+)$/.exec(location)?.[1];
    return { location, ...(code !== null && { code }), ...(uid !== undefined && { uid }) };
  }

  /** The token endpoint, as a client that keeps no secret. */
  token(form: Record<string, string>, headers: Record<string, string> = {}): Promise<BrowserAnswer> {
    return this.open('/oauth/token', {
      method: 'POST',
      body: new URLSearchParams(form).toString(),
      byPage: false,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  }

  exchange(
    { code, verifier, clientId, redirectUri }: Exchange,
    headers: Record<string, string> = {},
  ): Promise<BrowserAnswer> {
    return this.token(
      {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        client_id: clientId,
        redirect_uri: redirectUri,
      },
      headers,
    );
  }

  /** The whole way with username and password, as the web application goes it. */
  async signIn(username: string, password: string, options: Authorization = {}): Promise<BrowserAnswer> {
    const { uid = '', exchange } = await this.authorize(options);
    const entered = await this.interaction(uid, 'password', { username, password });
    if (entered.status !== 200) return entered;
    const { code = '' } = await this.follow(entered);
    return this.exchange({ ...exchange, code });
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/; */);
    const [name = '', value = ''] = pair.split('=', 2);
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
    const over = attributes.some((one) => /^expires=Thu, 01 Jan 1970/i.test(one) || /^max-age=0$/i.test(one));
    if (over || value === '') this.cookies.delete(name);
    else this.cookies.set(name, { value, path });
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
