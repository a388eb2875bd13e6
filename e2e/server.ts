import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectDatabase, type Database } from '@meridian/records';
import { Agent, type Dispatcher } from 'undici';
import { MAIN, meridian, plainEnvironment } from './command.ts';
import type { Json } from './json.ts';

/** An answer as a test reads it. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  /** The body as JSON; an empty object where it is none. */
  json: Json;
}

export type Headers = Readonly<Record<string, string>>;

const START_MS = 60_000;
const STOP_MS = 40_000;

/**
 * A whole Meridian as people run it: `meridian serve` in a process of its own, with its embedded PostgreSQL, on a free
 * port of this machine and a data folder that nobody else uses.
 *
 * Everything that the server and the commands write lies below `home`: `data`, `cache`, `tmp` and `output.log`.
 */
export class Server {
  readonly home: string;
  readonly port: number;
  readonly origin: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #nodeOptions: readonly string[];
  readonly #agent = new Agent({
    keepAliveTimeout: 5000,
    headersTimeout: 120_000,
    bodyTimeout: 120_000,
    connections: 64,
  });
  #child: ChildProcess | undefined;
  #token = '';

  private constructor(
    home: string,
    port: number,
    environment: Readonly<Record<string, string>>,
    nodeOptions: readonly string[],
  ) {
    this.home = home;
    this.port = port;
    this.origin = `http://127.0.0.1:${port}`;
    this.#environment = environment;
    this.#nodeOptions = nodeOptions;
  }

  /** A server that answers, with a token that allows everything. */
  static async start(
    environment: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
  ): Promise<Server> {
    const home = await mkdtemp(join(tmpdir(), 'meridian-e2e-'));
    await mkdir(join(home, 'tmp'));
    const server = new Server(home, await freePort(), environment, nodeOptions);
    try {
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  get dataFolder(): string {
    return join(this.home, 'data');
  }

  /** Of the server process. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get token(): string {
    return this.#token;
  }

  /** What the server has written to standard output and standard error, in all its starts. */
  output(): string {
    return readFileSync(join(this.home, 'output.log'), 'utf8');
  }

  /** Lines of its log about its own faults: why an answer was 500. */
  faults(): string[] {
    return this.output()
      .split('\n')
      .filter((line) => line.startsWith('{"level":50'));
  }

  /** Of servers and commands: nothing of them may lie outside `home`. */
  get environment(): Record<string, string> {
    return {
      MERIDIAN_DATA: this.dataFolder,
      MERIDIAN_PORT: String(this.port),
      MERIDIAN_HOST: '127.0.0.1',
      MERIDIAN_URL: this.origin,
      MERIDIAN_DEMO: '0',
      XDG_CACHE_HOME: join(this.home, 'cache'),
      TMPDIR: join(this.home, 'tmp'),
      ...this.#environment,
    };
  }

  /** Starts the process again, on the same port and folder, and waits until it is ready. */
  async start(): Promise<void> {
    const output = openSync(join(this.home, 'output.log'), 'a');
    const child = spawn(process.execPath, [...this.#nodeOptions, MAIN, 'serve'], {
      env: plainEnvironment(this.environment),
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    // a test that is ended from outside must not leave a server behind
    const end = (): unknown => child.kill('SIGTERM');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    this.#child = child;
    await this.ready();
    if (this.#token === '') this.#token = await this.mint();
  }

  /** Waits until `/readyz` says yes. */
  async ready(): Promise<void> {
    const until = Date.now() + START_MS;
    while (Date.now() < until) {
      if (!this.running) throw new Error(`the server ended while it started:\n${this.output().slice(-2000)}`);
      const answer = await this.send('GET', '/readyz', undefined, {}).catch(() => undefined);
      if (answer?.status === 200) return;
      await pause(50);
    }
    throw new Error(`the server was not ready in ${START_MS / 1000} s:\n${this.output().slice(-2000)}`);
  }

  /** A token from the command. */
  async mint(...options: string[]): Promise<string> {
    const who = options.length > 0 ? options : ['--system', '--expires', '24h'];
    const { code, stdout, stderr } = await meridian(['token', ...who], this.environment);
    if (code !== 0) throw new Error(`meridian token: ${stderr}`);
    return stdout.trim();
  }

  /** One request with any path. Rejects where no answer comes. */
  async send(
    method: string,
    path: string,
    body: Dispatcher.RequestOptions['body'] | undefined,
    headers: Headers,
  ): Promise<Answer> {
    const answer = await this.#agent.request({
      origin: this.origin,
      path,
      method: method as Dispatcher.HttpMethod,
      headers: { ...(this.#token !== '' && { authorization: `Bearer ${this.#token}` }), ...headers },
      ...(body !== undefined && { body }),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers: answer.headers, bytes, json: jsonOf(bytes) };
  }

  /** One request below `/fhir/`, with a body of FHIR JSON unless `headers` say otherwise. */
  async call(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
    const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const type: Headers = body === undefined ? {} : { 'content-type': 'application/fhir+json' };
    return this.send(method, path === '' ? '/fhir' : `/fhir/${path}`, sent, { ...type, ...headers });
  }

  /** Like `call`; throws unless the status is one of 200 to 299. */
  async must(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
    const answer = await this.call(method, path, body, headers);
    if (answer.status < 200 || answer.status > 299) {
      const faults = answer.status < 500 ? '' : `\n${this.faults().slice(-3).join('\n')}`;
      const said = answer.bytes.toString('utf8', 0, 600);
      throw new Error(`${method} ${path.slice(0, 200)}: ${answer.status} ${said}${faults}`);
    }
    return answer;
  }

  /** `meridian COMMAND…` with this server's address and folder. */
  command(...args: string[]): ReturnType<typeof meridian> {
    return meridian(args, this.environment);
  }

  /** Of the running PostgreSQL server. */
  async postmaster(): Promise<number> {
    const file = await readFile(join(this.dataFolder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8');
    return Number(file.split('\n')[0]);
  }

  /** A connection of the tests' own to the embedded database, as the application's role. */
  async database(): Promise<Database> {
    const home = join(this.dataFolder, 'postgres');
    const lines = (await readFile(join(home, 'cluster', 'postmaster.pid'), 'utf8')).split('\n');
    const { application } = JSON.parse(await readFile(join(home, 'credentials.json'), 'utf8')) as {
      application: string;
    };
    // PostgreSQL writes the port as line 4, the folder of its socket as line 5 (miscinit.c, CreateLockFile)
    return connectDatabase({
      host: lines[4] || '127.0.0.1',
      port: Number(lines[3]),
      user: 'meridian',
      password: application,
      database: 'meridian',
    });
  }

  /** `kill -9` of the server process. The database server stays, as it would for real. */
  async kill(): Promise<void> {
    await this.#ended('SIGKILL');
  }

  /** Asks the server to end; gives its exit code. */
  async stop(): Promise<number | undefined> {
    return this.#ended('SIGTERM');
  }

  /** Ends the server and removes all that it wrote. */
  async close(): Promise<void> {
    await this.#agent.destroy();
    if (this.running) await this.stop();
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ended(signal: NodeJS.Signals): Promise<number | undefined> {
    const child = this.#child;
    if (!child || !this.running) return child?.exitCode ?? undefined;
    const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const result = await code;
    clearTimeout(late);
    return result ?? undefined;
  }
}

function jsonOf(bytes: Buffer): Json {
  try {
    return JSON.parse(bytes.toString('utf8')) as Json;
  } catch {
    return {};
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
