import type { IncomingMessage } from 'node:http';
import {
  formatVerifierKey,
  LedgerError,
  MAX_ADD_CHECKPOINT_BYTES,
  parseResourcePath,
  readResource,
} from '@meridian/ledger';
import { CHAIN_PAGE, type Ledger, type ReceiptAnswer } from '@meridian/records';
import type { Bearer } from '../access/tokens.ts';
import type { Answer } from '../fhir/request.ts';
import { readBody } from '../http/body.ts';
import { refusal } from '../http/http-error.ts';
import { first, parseQuery } from '../http/query-string.ts';
import { type EventOpeners, readsEverything } from './event-openers.ts';
import type { VerifyJob } from './verify-job.ts';

/** A request below `/ledger` that was understood. */
export interface LedgerAsked {
  /** For logs and metrics. */
  template: string;
  /** Whether it must be known who asks. Checkpoints and tiles say nothing about anybody. */
  needsBearer: boolean;
  answer(message: IncomingMessage, bearer: Bearer | undefined): Promise<Answer>;
}

interface Route {
  method: 'GET' | 'POST';
  template: string;
  pattern: RegExp;
  needsBearer?: true;
  run(
    api: LedgerApi,
    asked: { parts: string[]; query: string; message: IncomingMessage; bearer: Bearer },
  ): Promise<Answer>;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';
const BINARY = 'application/octet-stream';
/** A tile or bundle of a given width never changes (C2SP tlog-tiles). */
const FOREVER = { 'cache-control': 'public, max-age=31536000, immutable' };
const FRESH = { 'cache-control': 'no-cache' };
const PRIVATE = { 'cache-control': 'private, no-store' };

const ROUTES: readonly Route[] = [
  { method: 'GET', template: '/ledger/checkpoint', pattern: /^checkpoint$/, run: (api) => api.checkpoint() },
  {
    method: 'GET',
    template: '/ledger/tile',
    pattern: /^(tile\/.{1,60})$/,
    run: (api, { parts }) => api.tile(parts[0]!),
  },
  { method: 'GET', template: '/ledger/key', pattern: /^key$/, run: (api) => api.key() },
  { method: 'GET', template: '/ledger/policy', pattern: /^policy$/, run: (api) => api.policy() },
  { method: 'GET', template: '/ledger/status', pattern: /^status$/, run: (api) => api.status() },
  {
    method: 'GET',
    template: '/ledger/consistency',
    pattern: /^consistency$/,
    run: (api, { query }) => api.consistency(query),
  },
  {
    method: 'POST',
    template: '/ledger/add-checkpoint',
    pattern: /^add-checkpoint$/,
    run: (api, { message }) => api.addCheckpoint(message),
  },
  {
    method: 'GET',
    template: '/ledger/{log}/checkpoint',
    pattern: /^([0-9a-f]{64})\/checkpoint$/,
    run: (api, { parts }) => api.witnessed(parts[0]!),
  },
  {
    method: 'GET',
    template: '/ledger/receipt/event/{number}',
    pattern: /^receipt\/event\/([0-9a-f]{16})$/,
    needsBearer: true,
    run: (api, { parts, bearer }) => api.receiptOfEvent(parts[0]!, bearer),
  },
  {
    method: 'GET',
    template: '/ledger/receipt/{type}/{id}/_history/{version}',
    pattern: /^receipt\/([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})\/_history\/([1-9]\d{0,8})$/,
    needsBearer: true,
    run: (api, { parts, bearer }) => api.receiptOfVersion(parts, bearer),
  },
  {
    method: 'GET',
    template: '/ledger/chain/{patient}',
    pattern: /^chain\/([A-Za-z0-9\-.]{1,64})$/,
    needsBearer: true,
    run: (api, { parts, query, bearer }) => api.chain(parts[0]!, query, bearer),
  },
  {
    method: 'POST',
    template: '/ledger/$verify',
    pattern: /^\$verify$/,
    needsBearer: true,
    run: (api, { bearer }) => api.startVerify(bearer),
  },
  {
    method: 'GET',
    template: '/ledger/$verify/{job}',
    pattern: /^\$verify\/([0-9a-f-]{36})$/,
    needsBearer: true,
    run: (api, { parts, bearer }) => api.verifyState(parts[0]!, bearer),
  },
];

/** The ledger over HTTP, without the transport. */
export class LedgerApi {
  readonly #ledger: Ledger;
  readonly #job: VerifyJob;
  readonly #openers: EventOpeners;

  constructor(ledger: Ledger, job: VerifyJob, openers: EventOpeners) {
    this.#ledger = ledger;
    this.#job = job;
    this.#openers = openers;
  }

  /** Understands a method and a URL below `/ledger/`. Throws 404, 405 or 400. */
  ask(method: string, url: string): LedgerAsked {
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const found = ROUTES.filter(({ pattern }) => pattern.test(path));
    if (found.length === 0) {
      throw refusal(
        404,
        'not-found',
        'There is nothing at this URL of the ledger; docs/integrity.md lists what there is.',
      );
    }
    const route = found.find(
      (candidate) => candidate.method === method || (candidate.method === 'GET' && method === 'HEAD'),
    );
    if (!route) {
      const allow = found.map((candidate) => candidate.method).join(', ');
      throw refusal(405, 'not-supported', `This part of the ledger answers to ${allow}.`, { allow });
    }
    const parts = [...(route.pattern.exec(path) ?? [])].slice(1);
    return {
      template: route.template,
      needsBearer: route.needsBearer ?? false,
      answer: (message, bearer) =>
        route.run(this, { parts, query: mark < 0 ? '' : url.slice(mark + 1), message, bearer: bearer as Bearer }),
    };
  }

  async checkpoint(): Promise<Answer> {
    const note = await this.#ledger.checkpoint();
    if (note === undefined) throw refusal(404, 'not-found', 'The log has no checkpoint yet; ask again in a second.');
    return { status: 200, contentType: TEXT, headers: FRESH, body: Buffer.from(note) };
  }

  async tile(path: string): Promise<Answer> {
    const bytes = await readResource(
      this.#ledger.log,
      understood(() => parseResourcePath(path)),
    );
    if (!bytes) throw refusal(404, 'not-found', 'The log has no such tile, or not as wide; read its checkpoint.');
    return { status: 200, contentType: BINARY, headers: FOREVER, body: Buffer.from(bytes) };
  }

  async key(): Promise<Answer> {
    return { status: 200, contentType: TEXT, headers: FRESH, body: Buffer.from(`${this.#ledger.keys.join('\n')}\n`) };
  }

  /** What to trust as far as this log can say, in the form of C2SP tlog-policy. Whoever does not believe it writes another. */
  async policy(): Promise<Answer> {
    const { logs, witnesses, quorum } = this.#ledger.policy;
    const lines = [
      ...logs.map(({ key }) => `log ${formatVerifierKey(key)}`),
      ...witnesses.map(({ name, key }) => `witness ${name} ${formatVerifierKey(key)}`),
    ];
    if (quorum && 'members' in quorum && quorum.members.every((member) => 'key' in member)) {
      lines.push(`group ${quorum.name} ${quorum.threshold} ${quorum.members.map(({ name }) => name).join(' ')}`);
    }
    lines.push(`quorum ${quorum?.name ?? 'none'}`);
    return { status: 200, contentType: TEXT, headers: FRESH, body: Buffer.from(`${lines.join('\n')}\n`) };
  }

  async status(): Promise<Answer> {
    return json(200, await this.#ledger.health(), FRESH);
  }

  async consistency(query: string): Promise<Answer> {
    const parameters = parseQuery(query);
    const [from, to] = ['from', 'to'].map((name) => count(first(parameters, name)));
    if (from === undefined || to === undefined || from > to) {
      throw refusal(400, 'invalid', 'The query must be from=SIZE&to=SIZE, with from not above to.');
    }
    try {
      const proof = await this.#ledger.proveConsistency(from, to);
      return json(200, { from, to, proof: proof.map((hash) => Buffer.from(hash).toString('base64')) }, FOREVER);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      throw refusal(404, 'not-found', 'The log is not as large as that; read its checkpoint.');
    }
  }

  /** C2SP tlog-witness, `add-checkpoint`. */
  async addCheckpoint(message: IncomingMessage): Promise<Answer> {
    const { witness } = this.#ledger;
    if (!witness) throw refusal(404, 'not-found', 'This server witnesses no logs.');
    const body = await readBody(message, MAX_ADD_CHECKPOINT_BYTES, message.headers['content-length']);
    const { status, contentType, body: text } = await witness.addCheckpoint(body);
    return { status, contentType, headers: FRESH, body: Buffer.from(text) };
  }

  async witnessed(originHash: string): Promise<Answer> {
    const { witness, witnessed } = this.#ledger;
    if (!witness) throw refusal(404, 'not-found', 'This server witnesses no logs.');
    const { status, contentType, body } = await witness.latestCheckpoint(originHash, witnessed);
    return { status, contentType, headers: FRESH, body: Buffer.from(body) };
  }

  async receiptOfEvent(number: string, bearer: Bearer): Promise<Answer> {
    return receiptAnswer(await this.#ledger.receipts.ofEvent(number, this.#openers.of(bearer)));
  }

  async receiptOfVersion([type = '', id = '', version]: string[], bearer: Bearer): Promise<Answer> {
    const answer = await this.#ledger.receipts.ofVersion(type, id, Number(version), this.#openers.of(bearer));
    // that there is such a version is not for everybody to know; an event number is known to whom it was told
    return receiptAnswer(answer && 'receipt' in answer ? answer : undefined);
  }

  /** The receipts of a patient's chain, in order, for whoever may see all of it: the patient, proxies, and the system. */
  async chain(patient: string, query: string, bearer: Bearer): Promise<Answer> {
    if (!this.#openers.isOwn(bearer, patient)) requireSystem(bearer);
    const from = count(first(parseQuery(query), 'from') ?? '0');
    if (from === undefined)
      throw refusal(400, 'invalid', 'The parameter from is the number of the first event, from 0.');
    const receipts = await this.#ledger.receipts.ofPatient(patient, from, this.#openers.of(bearer));
    const next = receipts.length < CHAIN_PAGE ? undefined : from + receipts.length;
    return json(200, { receipts: receipts.map((receipt) => JSON.parse(receipt) as unknown), next }, PRIVATE);
  }

  async startVerify(bearer: Bearer): Promise<Answer> {
    requireOverseer(bearer);
    const id = this.#job.start();
    return json(202, { id }, { 'content-location': `/ledger/$verify/${id}` });
  }

  async verifyState(id: string, bearer: Bearer): Promise<Answer> {
    requireOverseer(bearer);
    const state = this.#job.state(id);
    if (!state) throw refusal(404, 'not-found', 'There is no such verification any more; start one.');
    return json(200, state, PRIVATE);
  }
}

/** What a verification finds names rows by number and no person, so those who watch over the system may start one. */
const OVERSEERS = ['auditor', 'privacy-officer', 'records-officer', 'administrator'] as const;

function requireOverseer(bearer: Bearer): void {
  if (OVERSEERS.some((role) => bearer.viewer.roles.includes(role))) return;
  requireSystem(bearer);
}

function requireSystem(bearer: Bearer): void {
  if (readsEverything(bearer)) return;
  throw refusal(403, 'forbidden', 'This needs a token of the system; `npx meridian token --system` prints one.');
}

function receiptAnswer(answer: ReceiptAnswer | undefined): Answer {
  if (!answer) {
    throw refusal(
      404,
      'not-found',
      'There is no receipt here that you may see; of an event a moment old, ask again in a second.',
    );
  }
  const headers = { ...PRIVATE, 'ledger-state': answer.state };
  return 'receipt' in answer
    ? { status: 200, contentType: JSON_TYPE, headers, body: Buffer.from(answer.receipt) }
    : { status: 200, contentType: TEXT, headers, body: Buffer.from(answer.proof) };
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>>): Answer {
  return { status, contentType: JSON_TYPE, headers, body: Buffer.from(`${JSON.stringify(value)}\n`) };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
}

function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw refusal(404, 'not-found', error.message);
  }
}
