import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@meridian/records';
import { testDatabase } from '@meridian/records/testing';
import { Agent, type Dispatcher } from 'undici';
import { readConfig } from '../config.ts';
import { type RunningServer, serve } from '../serve.ts';

/** What tests look at in the JSON of answers, whatever it is. */
export interface TestJson {
  resourceType: string;
  id: string;
  type: string;
  total: number | undefined;
  active: boolean;
  meta: { tag: { code: string }[]; versionId: string };
  entry: TestEntry[];
  link: { relation: string; url: string }[];
  issue: { severity: string; code: string; diagnostics: string; expression: string[] }[];
  output: { type: string; url: string; count: number }[];
  [element: string]: unknown;
}

export interface TestEntry {
  fullUrl: string;
  resource: TestJson;
  search: { mode: string };
  request: { method: string; url: string };
  response: { status: string; location: string; etag: string; outcome: TestJson };
}

/** An answer as a test reads it. */
export interface TestAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: TestJson;
}

export interface TestServer {
  running: RunningServer;
  database: Database;
  /** The folder of its data, and its log. */
  folder: string;
  logFile: string;
  token: string;
  /** One request below `/fhir/`, as FHIR JSON and with a token that allows everything, unless said otherwise. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  /** The same, with any path. */
  raw(
    method: string,
    path: string,
    body?: Dispatcher.RequestOptions['body'],
    headers?: Record<string, string>,
  ): Promise<TestAnswer>;
  /** Closes the server and opens another on the same database and folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A whole server on a database of its own. */
export async function testServer(environment: Record<string, string> = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'meridian-server-'));
  const logFile = join(folder, 'log.ndjson');
  const database = await testDatabase();
  const config = readConfig({
    MERIDIAN_PORT: '0',
    MERIDIAN_DATA: folder,
    MERIDIAN_URL: 'http://localhost',
    ...environment,
  });
  const agent = new Agent({ keepAliveTimeout: 1000 });
  let running = await serve(config, { database, logFile });
  const token = await running.tokens.mint({ actor: 'system', system: true, expiresInSeconds: 3600 });
  const raw: TestServer['raw'] = async (method, path, body, headers = {}) => {
    const response = await agent.request({
      origin: running.url,
      path,
      method: method as Dispatcher.HttpMethod,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, text, json: parsed(text) };
  };
  return {
    get running() {
      return running;
    },
    database,
    folder,
    logFile,
    token,
    raw,
    call: (method, path, body, headers = {}) => {
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/fhir+json' };
      return raw(method, path === '' ? '/fhir' : `/fhir/${path}`, text, { ...type, ...headers });
    },
    async restart() {
      await running.close();
      running = await serve(config, { database, logFile });
    },
    async close() {
      await agent.close();
      await running.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function parsed(text: string): TestJson {
  try {
    return JSON.parse(text) as TestJson;
  } catch {
    return {} as TestJson;
  }
}
