import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type Fetch,
  formatVerifierKey,
  noteVerifier,
  type Policy,
  parsePolicy,
  type ReceiptState,
  type TreeHead,
  Witness,
} from '@meridian/ledger';
import type { Pool } from 'pg';
import { EVENT_KIND, type EventKind } from '../events/event.ts';
import { sealEvents, writeEvents } from '../events/outbox.ts';
import { NOBODY } from '../ids.ts';
import { openRootKey } from '../keys/root-key.ts';
import type { LabelRules } from '../labels.ts';
import type { Database } from '../postgres/database.ts';
import { int2Array } from '../sql/binary-array.ts';
import { prepared, run } from '../sql/run.ts';
import { openStoreParts, type StoreParts } from '../store-parts.ts';
import { ANCHOR_SECRET, type AnchorRecord, largestAnchor, recordAnchor } from './anchors.ts';
import { readCheckpoint } from './checkpoints.ts';
import type { KnownHeads } from './known-heads.ts';
import { type LogKeys, openLogKeys, openWitnessKeys } from './log-keys.ts';
import { Monitor } from './monitor.ts';
import { PatientEvents } from './patient-events.ts';
import { PostgresLog } from './postgres-log.ts';
import { Receipts } from './receipts.ts';
import { Sequencer, type SequencerTiming } from './sequencer.ts';
import type { SequencerStatus } from './sequencer-status.ts';
import { type VerifyProgress, type VerifyReport, verifyDatabase } from './verify/verify.ts';
import { Waiting } from './waiting.ts';
import { PostgresWitnessStore } from './witness-store.ts';

export interface LedgerOptions {
  /** Migrated. */
  database: Database;
  /** `MERIDIAN_DATA`; keys lie in `<data>/keys`. */
  dataFolder: string;
  /** `MERIDIAN_ROOT_KEY`; default `file:<data>/keys/root.key`. */
  rootKey?: string;
  /** Of the FHIR API, as the store has it; a new log is named after its host. */
  baseUrl: string;
  /** Which codes label a record, the same as the store has them; none by default. */
  labels?: LabelRules;
  /** Witnesses and quorum, as a C2SP tlog-policy; default: none. */
  policy?: string;
  /** Logs of others that this installation witnesses, as the `log` lines of a tlog-policy; default: none. */
  witnessFor?: string;
  /** Others who remember heads of this log, such as the chain. */
  known?: readonly KnownHeads[];
  /** Whether the chain holds an anchor; undefined: it cannot be asked now. */
  onChain?: (anchor: AnchorRecord) => Promise<boolean | undefined>;
  /** Told when the ledger stops signing, and when it goes on. */
  onStatus?: (status: SequencerStatus) => void;
  /** Epoch milliseconds; default the clock. */
  now?: () => number;
  fetch?: Fetch;
  /** Milliseconds between batches; default 200. */
  interval?: number;
  /** Events in a batch at most; default 5,000. */
  most?: number;
  /** Milliseconds between two looks of the monitor; default one minute, 0 for none. */
  monitorInterval?: number;
  timing?: Partial<SequencerTiming>;
}

/** How the ledger is, for operators. */
export interface LedgerHealth extends SequencerStatus {
  origin: string;
  /** Entries that the newest checkpoint, the newest witnessed one, and the newest anchor vouch for. */
  logged: number;
  witnessed: number;
  anchored: number;
  /** Damaged things that the monitor knows of. */
  findings: number;
}

/** The ledger as an installation runs it. */
export interface Ledger {
  readonly origin: string;
  /** Verifier keys of the log, as vkeys, one a line (C2SP signed-note). */
  readonly keys: readonly string[];
  /** What to trust, as far as the log can say: its keys and the witnesses it asks. */
  readonly policy: Policy;
  readonly log: PostgresLog;
  readonly receipts: Receipts;
  /** A patient's chain, as the patient may know it. */
  readonly patientEvents: PatientEvents;
  /** Cosigns the logs of others; undefined where there are none. */
  readonly witness: Witness | undefined;
  /** Names of those logs. */
  readonly witnessed: readonly string[];
  health(): Promise<LedgerHealth>;
  /** The newest checkpoint that is witnessed, or else only signed, as a note; undefined before the first. */
  checkpoint(): Promise<string | undefined>;
  /** Newest signed head, for the anchoring job. */
  head(): Promise<TreeHead | undefined>;
  /**
   * How large the log must be to hold the newest event of these kinds.
   *
   * @param from the first leaf to look at
   * @returns undefined where there is none from there on
   */
  sizeWith(kinds: readonly EventKind[], from: number): Promise<number | undefined>;
  proveConsistency(from: number, to: number): Promise<readonly Uint8Array[]>;
  recordAnchor(anchor: AnchorRecord): Promise<void>;
  /**
   * Waits until an event has come so far.
   * @param event 16 hexadecimal digits
   * @param timeout milliseconds
   */
  waitFor(event: string, state: ReceiptState, timeout: number): Promise<boolean>;
  /** Checks everything stored against the log. */
  verify(onProgress?: (progress: VerifyProgress) => void, signal?: AbortSignal): Promise<VerifyReport>;
  close(): Promise<void>;
}

/** Below so many leaves worker threads take longer to start than the work takes. */
const WORTH_WORKERS = 5000;

/**
 * Starts the ledger on a migrated database: sequencer, receipts, monitor. Of several processes on a database one leads.
 *
 * @throws RootKeyError where the key of the log is missing or does not open
 */
export async function startLedger(options: LedgerOptions): Promise<Ledger> {
  const { database, dataFolder, baseUrl } = options;
  const now = options.now ?? Date.now;
  const keyFolder = join(dataFolder, 'keys');
  const rootKeyName = options.rootKey ?? `file:${join(keyFolder, 'root.key')}`;
  const rootKey = openRootKey(rootKeyName, keyFolder, process.env);
  const pool = database.pool({ size: 4, name: 'meridian ledger' });
  const sidePool = database.pool({ size: 1, name: 'meridian ledger keys' });
  const labels = options.labels ?? [];
  const parts = await openStoreParts({ pool, sidePool, rootKey, baseUrl, labels, now });
  const log = new PostgresLog(pool);
  const { host } = new URL(baseUrl);
  const clock = (): number => Math.floor(now() / 1000);
  const logKeys = openLogKeys({ rootKey, keyFolder, host, clock, mustExist: (await log.size()) > 0 });
  const policy = parsePolicy(options.policy ?? 'quorum none\n');
  const known = options.known ?? [];
  const sequencerPool = database.pool({ size: 1, name: 'meridian sequencer', statementTimeout: 0 });
  const sequencer = new Sequencer({
    ...logKeys,
    keys: parts.keys,
    most: options.most ?? 5000,
    interval: options.interval ?? 200,
    pool: sequencerPool,
    readPool: pool,
    policy,
    known,
    fetch: options.fetch ?? fetch,
    ...(options.timing && { timing: options.timing }),
    ...(options.onStatus && { onStatus: options.onStatus }),
  });
  const receipts = new Receipts({ pool, keys: parts.keys, ids: parts.ids });
  const waiting = new Waiting(pool, now, () => sequencer.hurry());
  const verifyPool = database.pool({ size: 2, name: 'meridian verify', statementTimeout: 0 });
  const anchorKey = await parts.keys.secret(ANCHOR_SECRET);
  const logParts = { ...logKeys, policy, known, anchorKey, ...(options.onChain && { onChain: options.onChain }) };
  const workers = { connection: database.connection, rootKey: rootKeyName, keyFolder, baseUrl, labels };
  const { keys, preparer } = parts;
  const verifying = { pool: verifyPool, keys, ...preparer, log: logParts };
  const monitor = new Monitor({
    verify: (ranges) =>
      verifyDatabase({ ...verifying, workers: { ...workers, parallel: 1 }, only: ranges ? { ranges } : 'log' }),
    active: () => sequencer.status.state === 'leading',
    alarm: (findings) =>
      raiseAlarm(
        parts,
        findings.map(({ kind, where, row }) => `${kind} ${where} ${row}`),
      ),
    interval: options.monitorInterval ?? 60_000,
  });
  sequencer.start();
  if (options.monitorInterval !== 0) monitor.start();
  return {
    origin: logKeys.origin,
    keys: logKeys.signers.map(({ key }) => formatVerifierKey(key)),
    policy: ownPolicy(logKeys, policy),
    log,
    receipts,
    patientEvents: new PatientEvents({ pool, keys: parts.keys, ids: parts.ids }),
    ...openWitness(options.witnessFor, pool, { rootKey, keyFolder, host, clock }),
    health: async () => ({
      ...sequencer.status,
      ...(await sizes(pool)),
      origin: logKeys.origin,
      findings: monitor.findings.length,
    }),
    checkpoint: async () => ((await readCheckpoint(pool, 'witnessed')) ?? (await readCheckpoint(pool, 'signed')))?.text,
    head: async () => (await readCheckpoint(pool, 'signed'))?.checkpoint,
    sizeWith: (kinds, from) => sizeWith(pool, kinds, from),
    proveConsistency: (from, to) => receipts.consistency(from, to),
    recordAnchor: (anchor) => recordAnchor(pool, anchor, anchorKey),
    waitFor: (event, state, timeout) => waiting.waitFor(event, state, timeout),
    verify: async (onProgress, signal) =>
      verifyDatabase({
        ...verifying,
        ...((await log.size()) > WORTH_WORKERS && {
          workers: { ...workers, parallel: Math.max(1, Math.min(8, availableParallelism())) },
        }),
        ...(onProgress && { onProgress }),
        ...(signal && { signal }),
      }),
    async close() {
      await Promise.all([sequencer.stop(), monitor.stop()]);
      await Promise.all([pool, sidePool, sequencerPool, verifyPool].map((each) => each.end()));
    },
  };
}

function openWitness(
  logs: string | undefined,
  pool: Pool,
  keys: Parameters<typeof openWitnessKeys>[0],
): Pick<Ledger, 'witness' | 'witnessed'> {
  if (logs === undefined) return { witness: undefined, witnessed: [] };
  const trusted = Map.groupBy(parsePolicy(logs).logs, ({ key }) => key.name);
  const witness = new Witness({
    cosigners: openWitnessKeys(keys),
    keys: (origin) => trusted.get(origin)?.map(({ key }) => noteVerifier(key)),
    store: new PostgresWitnessStore(pool),
  });
  return { witness, witnessed: [...trusted.keys()] };
}

function ownPolicy({ signers }: LogKeys, policy: Policy): Policy {
  return { ...policy, logs: signers.map(({ key }) => ({ key, url: undefined })) };
}

async function sizes(pool: Pool): Promise<{ logged: number; witnessed: number; anchored: number }> {
  const signed = await readCheckpoint(pool, 'signed');
  const witnessed = await readCheckpoint(pool, 'witnessed');
  const anchor = await largestAnchor(pool);
  return {
    logged: signed?.checkpoint.size ?? 0,
    witnessed: witnessed?.checkpoint.size ?? 0,
    anchored: anchor?.size ?? 0,
  };
}

const NEWEST = prepared('SELECT max(leaf) AS leaf FROM ledger_event WHERE leaf >= $1 AND kind = ANY ($2::int2[])');

async function sizeWith(pool: Pool, kinds: readonly EventKind[], from: number): Promise<number | undefined> {
  const [row] = await run<{ leaf: bigint | null }>(pool, NEWEST, [from, int2Array(kinds)]);
  return row?.leaf == null ? undefined : Number(row.leaf) + 1;
}

/** The alarm is an event like any other: whoever wants to hide the damage would have to hide it too. */
async function raiseAlarm(parts: StoreParts, subjects: readonly string[]): Promise<void> {
  const context = { actor: 'system', purpose: 'HSYSADMIN', requestId: 'ledger monitor' };
  const content = { kind: EVENT_KIND.ledgerAlarm, at: parts.now(), context, subjects };
  await writeEvents(parts.pool, await sealEvents(parts.keys, [{ patient: NOBODY, content }]));
}
