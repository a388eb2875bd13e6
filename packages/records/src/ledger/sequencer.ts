import { setTimeout as sleep } from 'node:timers/promises';
import { type Fetch, formatNote, type Policy, type SignedNote, storageSource, TileReader } from '@meridian/ledger';
import type { Pool, PoolClient } from 'pg';
import { type StoredCheckpoint, writeCheckpoint } from './checkpoints.ts';
import { HeadWatch } from './head-watch.ts';
import { askHead, compareHead, type KnownHeads, refusalOf } from './known-heads.ts';
import { PostgresLog } from './postgres-log.ts';
import { type BatchParts, type PreparedBatch, prepareBatch } from './prepare-batch.ts';
import { commitBatch } from './sequence-batch.ts';
import { CannotLead, type SequencerStatus, TOO_FEW_WITNESSES } from './sequencer-status.ts';
import { soundEdge } from './sound-edge.ts';
import { askWitnesses } from './witness-round.ts';
import { Witnessing } from './witnessing.ts';

export interface SequencerOptions extends BatchParts {
  /** Of one connection at least, used by nothing else: the lock lives and dies with it. */
  pool: Pool;
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
    const { origin, readPool } = this.#options;
    const { refused, witnessing: every, patience } = this.#timing;
    const sound = await soundEdge(client, this.#options);
    let { edge } = sound;
    let batch: PreparedBatch | undefined;
    const reader = await TileReader.open(storageSource(new PostgresLog(readPool)), sound.signed.checkpoint);
    const silent = await aliveDuring(client, this.#askKnown(reader));
    const witnessed = await aliveDuring(client, this.#askWitnesses(reader, sound.signed));
    if (witnessed) await writeCheckpoint(client, 'witnessed', formatNote(witnessed));
    this.#say({ state: 'leading', sentence: undefined });
    const witnessing = new Witnessing({ ...this.#witnessOptions(), readPool, every });
    const watch = new HeadWatch(silent, { readPool, origin, every: refused, patience });
    try {
      while (!this.#stop.signal.aborted) {
        const started = performance.now();
        const current = batch ?? (await prepareBatch(edge, this.#options));
        batch = current && (await this.#commit(client, current));
        if (current) edge = current.edge;
        const answer = witnessing.take();
        if (answer?.refusal) throw new CannotLead('refused', answer.refusal);
        if (answer?.witnessed) await writeCheckpoint(client, 'witnessed', formatNote(answer.note));
        witnessing.ask(edge);
        if (watch.refusal) throw new CannotLead('refused', watch.refusal);
        watch.ask(edge);
        if (batch) continue;
        await this.#pause(this.#options.interval - (performance.now() - started));
      }
    } finally {
      await Promise.all([witnessing.end(), watch.end()]);
    }
  }

  /** Commits a batch and, where it was full, prepares the next one meanwhile. */
  async #commit(client: PoolClient, batch: PreparedBatch): Promise<PreparedBatch | undefined> {
    const full = batch.seqs.length === this.#options.most;
    const [committed, next] = await Promise.allSettled([
      commitBatch(client, batch, this.#options),
      full ? prepareBatch(batch.edge, this.#options, batch) : undefined,
    ]);
    if (committed.status === 'rejected') throw committed.reason;
    if (next.status === 'rejected') throw next.reason;
    return next.value;
  }

  /**
   * Asks everybody who may know more than this database, before anything is added. Gives those who did not answer. Throws
   * CannotLead where one of them knows a longer log, or another.
   */
  async #askKnown(reader: TileReader): Promise<KnownHeads[]> {
    const { known, origin } = this.#options;
    const silent: KnownHeads[] = [];
    for (const memory of known) {
      const answer = await askHead(memory, origin, this.#timing.patience);
      if (!answer) silent.push(memory);
      const { size } = reader.head;
      const refusal = answer?.head && refusalOf(memory.name, size, await compareHead(answer.head, reader));
      if (refusal) throw new CannotLead('refused', refusal);
    }
    return silent;
  }

  /**
   * Shows the witnesses what we have: one that knows more, or something else, says so, and CannotLead is thrown. Gives the
   * checkpoint with their cosignatures where they are enough.
   */
  async #askWitnesses(reader: TileReader, { note }: StoredCheckpoint): Promise<SignedNote | undefined> {
    if (this.#options.policy.witnesses.length === 0) return undefined;
    const round = await askWitnesses(note, reader, this.#witnessOptions());
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

/** Only the kind of an error is told: its message may quote a value. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
