import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Fetch,
  formatCheckpoint,
  formatNote,
  type LogEdge,
  noteVerifier,
  type Policy,
  parseCheckpoint,
  readEdge,
  rootOfEdge,
  type SignedNote,
  signNote,
  storageSource,
  TileReader,
} from '@meridian/ledger';
import type { Pool, PoolClient } from 'pg';
import { isSignedBy, readCheckpoint, type StoredCheckpoint, writeCheckpoint } from './checkpoints.ts';
import { compareHead, type KnownHeads, refusalOf } from './known-heads.ts';
import { PostgresLog } from './postgres-log.ts';
import { type BatchParts, sequenceBatch } from './sequence-batch.ts';
import { CannotLead, DAMAGED, type SequencerStatus, TOO_FEW_WITNESSES } from './sequencer-status.ts';
import { askWitnesses } from './witness-round.ts';
import { Witnessing } from './witnessing.ts';

export interface SequencerOptions extends BatchParts {
  /** Of one connection at least, used by nothing else: the lock lives and dies with it. */
  pool: Pool;
  /** For reading tiles while the connection above is at work. */
  readPool: Pool;
  /** Time between two batches, in milliseconds, unless a batch was full. */
  interval: number;
  /** The witnesses and how many of them are enough. */
  policy: Policy;
  fetch: Fetch;
  /** Others who may know more of the log than this database. */
  known: readonly KnownHeads[];
  /** Told when the status changes. */
  onStatus?: (status: SequencerStatus) => void;
  /** Timings in milliseconds, shorter in tests. */
  timing?: Partial<SequencerTiming>;
}

export interface SequencerTiming {
  /** Between two tries to become the leader, or to reach a database that is away. */
  election: number;
  /** Between two looks at what made the sequencer refuse. */
  refused: number;
  /** Between two requests to the witnesses. */
  witnessing: number;
  /** How long a witness or a chain may take to answer. */
  patience: number;
}

const TIMING: SequencerTiming = { election: 1000, refused: 15_000, witnessing: 1000, patience: 10_000 };

/**
 * A leader that gives no sign of life for so long loses its session, and with it the lock: the server ends it. Looking
 * into the outbox is such a sign.
 */
const SESSION_MS = 4000;

/** Key of the advisory lock of the leader: the letters `ledger`. */
const LOCK = 0x6c_65_64_67_65_72n;

/**
 * Moves events from the outbox into the log, a batch at a time. Of all processes on a database one leads: the one whose
 * session holds an advisory lock. The batches run on that very session, so whoever lost the lock cannot commit.
 */
export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #timing: SequencerTiming;
  readonly #stop = new AbortController();
  readonly #sizes = new Map<string, number>();
  #status: SequencerStatus = { state: 'starting', sentence: undefined };
  #running: Promise<void> | undefined;
  #nudge = new AbortController();

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
  }

  get status(): SequencerStatus {
    return this.#status;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends after the batch under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#say({ state: 'stopped', sentence: undefined });
  }

  /** Ends the pause between two batches: somebody waits for an event. */
  hurry(): void {
    this.#nudge.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#reign();
        await this.#pause(this.#timing.election);
      } catch (error) {
        await this.#afterFailure(error);
      }
    }
  }

  async #afterFailure(error: unknown): Promise<void> {
    if (error instanceof CannotLead) {
      this.#say({ state: error.state, sentence: error.message });
      await this.#pause(error.state === 'refused' ? this.#timing.refused : this.#timing.election);
      return;
    }
    // whatever happened, the database holds a whole log: the next reign reads it from there
    this.#say({
      state: 'waiting',
      sentence: `The last batch of the ledger was given up (${kindOf(error)}); it is tried again, nothing is lost.`,
    });
    await this.#pause(this.#timing.election);
  }

  /** From taking the lock to losing it. Returns at once where another process holds it. */
  async #reign(): Promise<void> {
    const client = await this.#options.pool.connect();
    client.on('error', () => undefined);
    try {
      await client.query(
        `SET idle_session_timeout = ${SESSION_MS}; SET idle_in_transaction_session_timeout = ${SESSION_MS}`,
      );
      const { rows } = await client.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1) AS ours', [LOCK]);
      if (!rows[0]?.ours) {
        this.#say({ state: 'standby', sentence: undefined });
        return;
      }
      await this.#lead(client);
    } finally {
      // the session ends, and the lock with it
      client.release(true);
    }
  }

  async #lead(client: PoolClient): Promise<void> {
    let edge = await this.#soundEdge(client);
    this.#say({ state: 'leading', sentence: undefined });
    const witnessing = new Witnessing({
      ...this.#witnessOptions(),
      readPool: this.#options.readPool,
      every: this.#timing.witnessing,
    });
    try {
      while (!this.#stop.signal.aborted) {
        const started = performance.now();
        const result = await sequenceBatch(client, edge, this.#options);
        if (result) edge = result.edge;
        const answer = witnessing.take();
        if (answer?.refusal) throw new CannotLead('refused', answer.refusal);
        if (answer?.witnessed) await writeCheckpoint(client, 'witnessed', formatNote(answer.note));
        witnessing.ask(edge);
        if (result?.events === this.#options.most) continue;
        await this.#pause(this.#options.interval - (performance.now() - started));
      }
    } finally {
      await witnessing.end();
    }
  }

  /** The edge of the stored log, once it is certain that going on from it forks nothing. Throws CannotLead. */
  async #soundEdge(client: PoolClient): Promise<LogEdge> {
    const log = new PostgresLog(client);
    const edge = await readEdge(log).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'LedgerError') throw new CannotLead('refused', DAMAGED);
      throw error;
    });
    const signed = (await this.#signed(client)) ?? (await this.#signEmpty(client, edge));
    if (signed.checkpoint.size !== edge.size || !equalBytes(signed.checkpoint.root, rootOfEdge(edge))) {
      throw new CannotLead('refused', DAMAGED);
    }
    const witnessed = await aliveDuring(client, this.#askOthers(edge, signed));
    if (witnessed) await writeCheckpoint(client, 'witnessed', formatNote(witnessed));
    return edge;
  }

  async #signed(client: PoolClient): Promise<StoredCheckpoint | undefined> {
    const signed = await readCheckpoint(client, 'signed').catch((error: unknown) => {
      if (error instanceof Error && error.name === 'LedgerError') throw new CannotLead('refused', DAMAGED);
      throw error;
    });
    if (
      signed &&
      !isSignedBy(
        signed.note,
        this.#options.signers.map(({ key }) => noteVerifier(key)),
      )
    ) {
      throw new CannotLead(
        'refused',
        'The newest checkpoint of the ledger was not signed with the key in the key folder (log.key). Put back the key file that belongs to this database; if the checkpoint was altered, `meridian verify` says so.',
      );
    }
    return signed;
  }

  /** A new log has a checkpoint too: it is a prefix of any, and witnesses can be asked with it what they know. */
  async #signEmpty(client: PoolClient, edge: LogEdge): Promise<StoredCheckpoint> {
    if (edge.size > 0) throw new CannotLead('refused', DAMAGED);
    const { origin, signers } = this.#options;
    const note = await signNote(formatCheckpoint({ origin, size: 0, root: rootOfEdge(edge) }), [...signers]);
    await writeCheckpoint(client, 'signed', formatNote(note));
    return { text: formatNote(note), note, checkpoint: parseCheckpoint(note.text) };
  }

  /**
   * Asks everybody who may know more than this database, before anything is added. Witnesses are shown what we have: one
   * that knows more, or something else, says so. Gives the checkpoint with their cosignatures where they are enough.
   */
  async #askOthers(edge: LogEdge, signed: StoredCheckpoint): Promise<SignedNote | undefined> {
    const { known, origin, policy, readPool } = this.#options;
    const log = storageSource(new PostgresLog(readPool));
    const reader = await TileReader.open(log, { size: edge.size, root: rootOfEdge(edge) });
    for (const memory of known) {
      const head = await withPatience(memory.latest(origin), this.#timing.patience);
      const refusal = head && refusalOf(memory.name, edge.size, await compareHead(head, reader));
      if (refusal) throw new CannotLead('refused', refusal);
    }
    if (policy.witnesses.length === 0) return undefined;
    const round = await askWitnesses(signed.note, reader, this.#witnessOptions());
    if (round.refusal) throw new CannotLead('refused', round.refusal);
    if (!round.answered) throw new CannotLead('waiting', TOO_FEW_WITNESSES);
    return round.witnessed ? round.note : undefined;
  }

  #witnessOptions() {
    return {
      policy: this.#options.policy,
      fetch: this.#options.fetch,
      patience: this.#timing.patience,
      sizes: this.#sizes,
    };
  }

  #say(status: SequencerStatus): void {
    const { state, sentence } = this.#status;
    this.#status = status;
    if (state !== status.state || sentence !== status.sentence) this.#options.onStatus?.(status);
  }

  async #pause(milliseconds: number): Promise<void> {
    this.#nudge = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#nudge.signal]);
    await sleep(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined);
  }
}

/** Keeps a session alive while something is awaited that does not use it. */
async function aliveDuring<T>(client: PoolClient, work: Promise<T>): Promise<T> {
  const signs = setInterval(() => void client.query('SELECT 1').catch(() => undefined), SESSION_MS / 4);
  try {
    return await work;
  } finally {
    clearInterval(signs);
  }
}

/** A chain that is away does not hold the log up: it is compared again by whoever leads next. */
async function withPatience<T>(question: Promise<T>, patience: number): Promise<T | undefined> {
  const patient = new AbortController();
  const gone = sleep(patience, undefined, { signal: patient.signal }).catch(() => undefined);
  try {
    return await Promise.race([question.catch(() => undefined), gone]);
  } finally {
    patient.abort();
  }
}

/** Only the kind of an error is told: its message may quote a value. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
