import { createHash } from 'node:crypto';
import { type Random, seeded } from './random.ts';
import type { Answer, Server } from './server.ts';

export const RUN_SYSTEM = 'https://example.org/crash-run';
export const BUNDLE_SIZE = 20;

/** A version that the server acknowledged, or may have written before it died. */
export interface KnownVersion {
  type: string;
  id: string;
  version: number;
  /** What it must say; undefined: it is a deletion. */
  marker: string | undefined;
}

export interface KnownBinary {
  id: string;
  sha256: string;
}

/** What clients know after load that was cut off: what must be there, and what may be. */
export interface Knowledge {
  acknowledged: KnownVersion[];
  /** Markers of transactions, by whether they were acknowledged. */
  transactions: Map<string, boolean>;
  binaries: KnownBinary[];
  /** Updates without an answer, by resource: the one version that may be there beyond the acknowledged ones. */
  open: KnownVersion[];
  /** Answers that should not have been given: neither success nor "not now". */
  wrong: string[];
}

interface Own {
  id: string;
  version: number;
}

/** A client of its own kind: it never has two requests under way, and nobody else touches what it updates. */
class Client {
  readonly #server: Server;
  readonly #random: Random;
  readonly #patients: readonly string[];
  readonly #name: string;
  readonly #known: Knowledge;
  #own: Own[] = [];
  #count = 0;

  constructor(server: Server, random: Random, patients: readonly string[], name: string, known: Knowledge) {
    this.#server = server;
    this.#random = random;
    this.#patients = patients;
    this.#name = name;
    this.#known = known;
  }

  /** Works until something gets no answer, or `signal` is aborted. */
  async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const chance = this.#random.next();
      const goesOn =
        chance < 0.35
          ? await this.#create()
          : chance < 0.65 && this.#own.length > 0
            ? await this.#update()
            : chance < 0.72 && this.#own.length > 5
              ? await this.#delete()
              : chance < 0.88
                ? await this.#transaction()
                : await this.#binary();
      if (!goesOn) return;
    }
  }

  #marker(): string {
    return `${this.#name}-${this.#count++}`;
  }

  #observation(marker: string, run: string): object {
    return {
      resourceType: 'Observation',
      status: 'final',
      identifier: [{ system: RUN_SYSTEM, value: run }],
      code: { text: 'pulse' },
      subject: { reference: this.#random.pick(this.#patients) },
      valueString: marker,
      note: [{ text: this.#random.word(1 + this.#random.below(2000)) }],
    };
  }

  async #create(): Promise<boolean> {
    const marker = this.#marker();
    const answer = await this.#send('POST', 'Observation', this.#observation(marker, 'single'), 201);
    if (!answer) return false;
    const id = String(answer.json.id);
    this.#own.push({ id, version: 1 });
    this.#known.acknowledged.push({ type: 'Observation', id, version: 1, marker });
    return true;
  }

  async #update(): Promise<boolean> {
    const own = this.#random.pick(this.#own);
    const marker = this.#marker();
    // the subject must stay, so the resource is read first
    const current = await this.#send('GET', `Observation/${own.id}`, undefined, 200);
    if (!current) return false;
    const next = { type: 'Observation', id: own.id, version: own.version + 1, marker };
    const body = { ...current.json, valueString: marker };
    const answer = await this.#send('PUT', `Observation/${own.id}`, body, 200, { 'if-match': `W/"${own.version}"` });
    if (!answer) {
      this.#known.open.push(next);
      return false;
    }
    own.version = next.version;
    this.#known.acknowledged.push(next);
    return true;
  }

  async #delete(): Promise<boolean> {
    const own = this.#own.splice(this.#random.below(this.#own.length), 1)[0] as Own;
    const gone = { type: 'Observation', id: own.id, version: own.version + 1, marker: undefined };
    const answer = await this.#send('DELETE', `Observation/${own.id}`, undefined, 204);
    if (answer) this.#known.acknowledged.push(gone);
    else this.#known.open.push(gone);
    return answer !== undefined;
  }

  async #transaction(): Promise<boolean> {
    const run = this.#marker();
    const entry = Array.from({ length: BUNDLE_SIZE }, (_, i) => ({
      resource: this.#observation(`${run}-${i}`, run),
      request: { method: 'POST', url: 'Observation' },
    }));
    this.#known.transactions.set(run, false);
    const answer = await this.#send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry }, 200);
    if (!answer) return false;
    this.#known.transactions.set(run, true);
    return true;
  }

  async #binary(): Promise<boolean> {
    const content = Buffer.from(this.#random.word(1000).repeat(1 + this.#random.below(400)));
    const answer = await this.#send('POST', 'Binary', content, 201, {
      'content-type': 'text/plain',
      prefer: 'return=minimal',
    });
    if (!answer) return false;
    const id = /Binary\/([A-Za-z0-9.-]+)/.exec(String(answer.headers.location))?.[1] ?? '';
    this.#known.binaries.push({ id, sha256: sha256(content) });
    return true;
  }

  /** Undefined: there was no answer, or one that says "not now". */
  async #send(
    method: string,
    path: string,
    body: unknown,
    expected: number,
    headers: Record<string, string> = {},
  ): Promise<Answer | undefined> {
    const answer = await this.#server.call(method, path, body, headers).catch(() => undefined);
    if (!answer || answer.status === 503) return undefined;
    if (answer.status === expected) return answer;
    const faults = answer.status >= 500 ? this.#server.faults().at(-1) : '';
    this.#known.wrong.push(`${method} ${path}: ${answer.status} ${answer.bytes.toString('utf8', 0, 300)} ${faults}`);
    return undefined;
  }
}

/** Mixed load from several clients until `signal` is aborted or everything stands still. */
export async function mixedLoad(
  server: Server,
  clients: number,
  seed: number,
  patients: readonly string[],
  signal: AbortSignal,
): Promise<Knowledge> {
  const known: Knowledge = { acknowledged: [], transactions: new Map(), binaries: [], open: [], wrong: [] };
  const work = Array.from({ length: clients }, (_, i) => {
    const client = new Client(server, seeded(seed * 100 + i), patients, `r${seed}c${i}`, known);
    return client.work(signal);
  });
  await Promise.all(work);
  return known;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
