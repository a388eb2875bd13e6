import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Json } from '../../e2e/json.ts';
import type { Random } from '../../e2e/random.ts';
import {
  familyOf,
  IDENTIFIERS,
  LOINC,
  MEASUREMENTS,
  observation,
  patient,
  practitioner,
  randomOf,
  transactionOf100,
  uuidOf,
} from './fhir-data.ts';
import { machineSeconds, processCosts } from './process-cost.ts';

/** Where to measure, and how long. */
export interface LoadOptions {
  origin: string;
  token: string;
  /** One request is in flight on each. */
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  /** Processes whose processor time is counted, by name. */
  processes: Readonly<Record<string, number>>;
}

/** What has been loaded. */
export interface Ward {
  run: string;
  practitioners: string[];
  /** What each patient was made from (see fhir-data.ts). */
  numbers: number[];
  patients: string[];
  /** Observations of each patient, in the order of `patients`. */
  observations: string[][];
}

export interface PhaseResult {
  phase: PhaseName;
  perSecond: number;
  requests: number;
  errors: number;
  /** The first few different ones. */
  errorSamples: string[];
  /** Milliseconds. */
  p50: number;
  p95: number;
  p99: number;
  /** Of the processes, for one request. */
  cpuMilliseconds: Record<string, number>;
  /** Resident megabytes of the processes at the end. */
  megabytes: Record<string, number>;
  /** Processor cores that neither the processes nor this one used: a noisy row where it is not near 0. */
  otherCores: number;
}

export const PHASES = ['create', 'read', 'search', 'name', 'identifier', 'transaction', 'update'] as const;
export type PhaseName = (typeof PHASES)[number];

interface Request {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  body?: string;
  status: number;
  /** Whether the answer is the right one. */
  right(answer: Json): boolean;
}

/** One in so many answers is parsed and looked at; status and arrival are always. */
const LOOKED_AT = 8;

class Connection {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;

  constructor({ origin, token, connections }: LoadOptions) {
    this.#pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: 300_000, bodyTimeout: 300_000 });
    this.#headers = {
      accept: 'application/fhir+json',
      'content-type': 'application/fhir+json',
      authorization: `Bearer ${token}`,
    };
  }

  async send(method: Request['method'], path: string, body?: string): Promise<{ status: number; text: string }> {
    const url = path === '' ? '/fhir' : `/fhir/${path}`;
    const answer = await this.#pool.request({
      method,
      path: url,
      headers: this.#headers,
      ...(body !== undefined && { body }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  async must(method: Request['method'], path: string, resource: object): Promise<Json> {
    const { status, text } = await this.send(method, path, JSON.stringify(resource));
    if (status > 299) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
    return JSON.parse(text) as Json;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Loads patients with their Observations, in transactions of 50. */
export async function loadWard(options: LoadOptions, run: string, patients: number, each: number): Promise<Ward> {
  const connection = new Connection(options);
  const ward: Ward = { run, practitioners: [], numbers: [], patients: [], observations: [] };
  for (let i = 0; i < 20; i++) {
    ward.practitioners.push(`Practitioner/${(await connection.must('POST', 'Practitioner', practitioner(run, i))).id}`);
  }
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < patients; i = next++) {
      const subject = `Patient/${(await connection.must('POST', 'Patient', patient(run, i))).id}`;
      ward.numbers[i] = i;
      ward.patients[i] = subject;
      const ids: string[] = [];
      for (let from = 0; from < each; from += 50) {
        const entry = Array.from({ length: Math.min(50, each - from) }, (_, k) => ({
          fullUrl: `urn:uuid:${uuidOf('load', run, i, from + k)}`,
          resource: observation(subject, doctorOf(ward, i + k), `${run}-${i}-${from + k}`, from + k),
          request: { method: 'POST', url: 'Observation' },
        }));
        const answer = await connection.must('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
        for (const { response } of answer.entry ?? []) ids.push(idIn(response?.location));
      }
      ward.observations[i] = ids;
    }
  };
  await Promise.all(Array.from({ length: options.connections }, work));
  await connection.close();
  return ward;
}

/** Runs one phase: warms up, then counts what is answered within the time. */
export async function measurePhase(phase: PhaseName, ward: Ward, options: LoadOptions): Promise<PhaseResult> {
  const connection = new Connection(options);
  const times: number[] = [];
  const errors = new Map<string, number>();
  const stamp = `${ward.run}-${Date.now().toString(36)}`;
  let [counting, stopping, sent, requests] = [false, false, 0, 0];
  const work = async (worker: number): Promise<void> => {
    const random = randomOf(ward.run, phase, worker);
    while (!stopping) {
      const number = sent++;
      const request = requestOf(phase, ward, random, `${stamp}-${number}`, worker, options.connections);
      const begun = performance.now();
      const fault = await faultOf(connection, request, number % LOOKED_AT === 0);
      if (!counting || stopping) continue;
      requests++;
      times.push(performance.now() - begun);
      if (fault !== undefined) errors.set(fault, (errors.get(fault) ?? 0) + 1);
    }
  };
  const workers = Array.from({ length: options.connections }, (_, worker) => work(worker));
  await pause(options.warmUpSeconds * 1000);
  const before = snapshot(options);
  counting = true;
  await pause(options.seconds * 1000);
  stopping = true;
  const after = snapshot(options);
  await Promise.all(workers);
  await connection.close();
  const failed = [...errors.values()].reduce((sum, count) => sum + count, 0);
  const cost = costBetween(before, after, requests);
  return {
    phase,
    ...cost,
    requests,
    errors: failed,
    errorSamples: [...errors.keys()].slice(0, 3),
    ...percentiles(times),
    perSecond: (requests - failed) / cost.seconds,
  };
}

async function faultOf(connection: Connection, request: Request, look: boolean): Promise<string | undefined> {
  try {
    const { status, text } = await connection.send(request.method, request.path, request.body);
    if (status !== request.status) return `${status}: ${text.slice(0, 200)}`;
    return look && !request.right(JSON.parse(text) as Json) ? 'a wrong answer' : undefined;
  } catch (error) {
    return error instanceof Error ? `no answer: ${error.message}` : 'no answer';
  }
}

function snapshot({ processes }: LoadOptions) {
  const { user, system } = process.cpuUsage();
  return {
    at: performance.now(),
    costs: processCosts(processes),
    own: (user + system) / 1e6,
    machine: machineSeconds(),
  };
}

type Snapshot = ReturnType<typeof snapshot>;

function costBetween(before: Snapshot, after: Snapshot, requests: number) {
  const seconds = (after.at - before.at) / 1000;
  const used = Object.entries(after.costs).map(
    ([name, { cpuSeconds }]) => [name, cpuSeconds - (before.costs[name]?.cpuSeconds ?? 0)] as const,
  );
  const known = used.reduce((sum, [, cpu]) => sum + cpu, after.own - before.own);
  return {
    seconds,
    cpuMilliseconds: Object.fromEntries(used.map(([name, cpu]) => [name, (cpu * 1000) / Math.max(1, requests)])),
    megabytes: Object.fromEntries(Object.entries(after.costs).map(([name, { megabytes }]) => [name, megabytes])),
    otherCores: Math.max(0, after.machine - before.machine - known) / seconds,
  };
}

function percentiles(times: number[]): { p50: number; p95: number; p99: number } {
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function requestOf(
  phase: PhaseName,
  ward: Ward,
  random: Random,
  key: string,
  worker: number,
  workers: number,
): Request {
  const index = random.below(ward.patients.length);
  const subject = ward.patients[index] as string;
  const number = ward.numbers[index] as number;
  switch (phase) {
    case 'create': {
      const resource = observation(subject, doctorOf(ward, index), key, random.below(MEASUREMENTS.length));
      const right = (answer: Json): boolean => answer.id !== undefined && referenceOf(answer) === subject;
      return { method: 'POST', path: 'Observation', body: JSON.stringify(resource), status: 201, right };
    }
    case 'read': {
      const id = random.pick(ward.observations[index] as string[]);
      return {
        method: 'GET',
        path: `Observation/${id}`,
        status: 200,
        right: (answer) => answer.id === id && referenceOf(answer) === subject,
      };
    }
    case 'search':
      return newestOf(subject, random.pick(MEASUREMENTS)[0]);
    case 'name': {
      const family = familyOf(ward.run, number);
      const right = (answer: Json): boolean =>
        (answer.entry?.length ?? 0) > 0 && JSON.stringify(answer).includes(family);
      return { method: 'GET', path: `Patient?name=${family}&_count=20`, status: 200, right };
    }
    case 'identifier': {
      const value = encodeURIComponent(`${IDENTIFIERS}|${ward.run}-MRN-${number}`);
      const right = (answer: Json): boolean =>
        answer.entry?.length === 1 && subject.endsWith(String(answer.entry[0]?.resource?.id));
      return { method: 'GET', path: `Patient?identifier=${value}`, status: 200, right };
    }
    case 'transaction': {
      const right = (answer: Json): boolean =>
        answer.entry?.length === 100 && answer.entry.every(({ response }) => response?.status.startsWith('2'));
      return { method: 'POST', path: '', body: JSON.stringify(transactionOf100(key)), status: 200, right };
    }
    case 'update':
      return updateOf(ward, random, key, worker, workers);
  }
}

/** The main question at a bedside: a patient's newest twenty of one kind. */
function newestOf(subject: string, code: string): Request {
  const right = (answer: Json): boolean => {
    const found = (answer.entry ?? []).map(({ resource }) => resource as Json);
    const dates = found.map((one) => Date.parse(String(one.effectiveDateTime)));
    const sorted = dates.every((date, i) => i === 0 || date <= (dates[i - 1] as number));
    return found.length > 0 && found.length <= 20 && sorted && found.every((one) => referenceOf(one) === subject);
  };
  const path = `Observation?patient=${encodeURIComponent(subject)}&code=${encodeURIComponent(`${LOINC}|${code}`)}&_sort=-date&_count=20`;
  return { method: 'GET', path, status: 200, right };
}

/** Each worker changes patients of its own: what is measured is the write, not the quarrel. */
function updateOf(ward: Ward, random: Random, key: string, worker: number, workers: number): Request {
  const mine = Math.max(1, Math.floor(ward.patients.length / workers));
  const index = (worker + workers * random.below(mine)) % ward.patients.length;
  const ids = ward.observations[index] as string[];
  const at = random.below(ids.length);
  const id = ids[at] as string;
  const resource = observation(ward.patients[index] as string, doctorOf(ward, index), `${ward.run}-${index}-${at}`, at);
  const note = [{ text: `Corrected at review ${key}.` }];
  return {
    method: 'PUT',
    path: `Observation/${id}`,
    body: JSON.stringify({ ...resource, id, note }),
    status: 200,
    right: (answer) => answer.id === id && JSON.stringify(answer.note) === JSON.stringify(note),
  };
}

function doctorOf(ward: Ward, index: number): string {
  return ward.practitioners[index % ward.practitioners.length] as string;
}

function referenceOf({ subject }: Json): string | undefined {
  return (subject as { reference?: string } | undefined)?.reference;
}

function idIn(location: string | undefined): string {
  return /Observation\/([A-Za-z0-9.-]{1,64})/.exec(location ?? '')?.[1] ?? '';
}
