import { mkdir } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Sandbox } from '@meridian/convert';
import { ProfileRegistry, Terminology } from '@meridian/fhir';
import { type Database, migrate, openDatabase, openRecords, startLedger } from '@meridian/records';
import { DEFAULT_POLICIES, LABEL_RULES, storeEvidence, VaultGrants } from '@meridian/viewing';
import { openServerKey } from './access/server-key.ts';
import type { Tokens } from './access/tokens.ts';
import { Jobs } from './bulk/jobs.ts';
import { BulkWorker } from './bulk/worker.ts';
import { ClinicApi } from './clinic/clinic-api.ts';
import { withHeldResults } from './clinic/held-results.ts';
import { openClinic } from './clinic/open-clinic.ts';
import { Wishes } from './clinic/release-wishes.ts';
import type { Config } from './config.ts';
import { createServer } from './create-server.ts';
import { openDicom } from './dicom/open-dicom.ts';
import { FhirApi } from './fhir/fhir-api.ts';
import { summaryForLink } from './fhir/summary.ts';
import { RateLimiter } from './http/rate-limit.ts';
import { recordDirectory } from './identity/directory.ts';
import { Identity } from './identity/identity.ts';
import { organizationsOf } from './identity/organizations.ts';
import { peopleOf } from './identity/people.ts';
import { VaultSweep } from './identity/vault-sweep.ts';
import { Anchoring } from './ledger/anchoring.ts';
import { EventOpeners } from './ledger/event-openers.ts';
import { LedgerApi } from './ledger/ledger-api.ts';
import { ledgerSettings } from './ledger/settings.ts';
import { VerifyJob } from './ledger/verify-job.ts';
import { LoadGate } from './operate/load-gate.ts';
import { type Log, openLog } from './operate/log.ts';
import { type Gauges, Metrics } from './operate/metrics.ts';
import { readinessOf } from './operate/readiness.ts';
import { openTraces } from './operate/traces.ts';
import { openViewing } from './viewing/open-viewing.ts';
import { openVisibility } from './viewing/open-visibility.ts';
import { readPolicyTexts } from './viewing/policy-texts.ts';
import { WebApp } from './web/web-app.ts';
import { readWebFiles } from './web/web-files.ts';

/** A server that listens. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:8080`. */
  url: string;
  tokens: Tokens;
  identity: Identity;
  /** Where DICOM instances are received; undefined: nowhere. */
  dicomPort: number | undefined;
  /** Stops accepting, finishes what was accepted, and closes store and database. Safe to call twice. */
  close(): Promise<void>;
}

/** Where the build of packages/web lies. */
const WEB_FOLDER = join(import.meta.dirname, '..', '..', 'web', 'dist');

/** How long requests under way may still take when the server closes. */
const GRACE = 30_000;
/** How often connections that have fallen idle are closed meanwhile. Milliseconds. */
const SWEEP = 50;

export interface ServeOptions {
  /** An open database; it stays open. Without it the one that the configuration names is opened. */
  database?: Database;
  /** Where the log goes; standard output by default. */
  logFile?: string;
}

/** Opens database, store, keys and server, in that order; what fails closes what was opened. */
export async function serve(config: Config, options: ServeOptions = {}): Promise<RunningServer> {
  const log = openLog(config.logLevel, options.logFile);
  const opened: (() => unknown)[] = [() => log.flush()];
  const close = closer(opened);
  try {
    await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
    const database = options.database ?? (await openOwn(config, log, opened));
    return await start(config, database, log, opened, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function openOwn(config: Config, log: Log, opened: (() => unknown)[]): Promise<Database> {
  const { dataFolder, databaseUrl } = config;
  const database = await openDatabase({
    dataFolder,
    ...(databaseUrl !== undefined && { databaseUrl }),
    log: log.event,
  });
  opened.push(() => database.close());
  return database;
}

async function start(
  config: Config,
  database: Database,
  log: Log,
  opened: (() => unknown)[],
  close: () => Promise<void>,
): Promise<RunningServer> {
  const { dataFolder, origin } = config;
  const now = Date.now;
  await migrate(database.connection, { log: log.event });
  const baseUrl = `${origin}/fhir`;
  const records = await openRecords({
    database,
    dataFolder,
    baseUrl,
    labels: LABEL_RULES,
    ...(config.rootKey !== undefined && { rootKey: config.rootKey }),
    ...(config.blobs !== undefined && { blobs: config.blobs }),
  });
  opened.push(() => records.close());
  const { store, bulk } = records;
  const pool = database.pool({ size: 3, name: 'meridian server' });
  opened.push(() => pool.end());
  const jobs = new Jobs(pool, store.blobs, now);
  const anchoring = new Anchoring({
    dataFolder,
    chainUrl: config.chainUrl,
    // a chain of one machine proves nothing to others: it is for trying things out, as the demo is
    local: config.demo,
    log: log.event,
  });
  const ledger = await startLedger({
    database,
    dataFolder,
    baseUrl,
    known: [anchoring.known],
    onChain: anchoring.holds,
    labels: LABEL_RULES,
    ...(config.rootKey !== undefined && { rootKey: config.rootKey }),
    ...(await ledgerSettings(process.env)),
    onStatus: ({ state, sentence }) => log.event(sentence ?? `the ledger is ${state}`),
  });
  opened.push(() => ledger.close());
  anchoring.start(ledger);
  opened.push(() => anchoring.close());
  const gauges = async (): Promise<Gauges> => {
    const { rows } = await pool.query(
      'SELECT coalesce(max(seq) - min(seq) + 1, 0)::int8 AS backlog FROM ledger_outbox',
    );
    const { logged, witnessed, anchored, findings } = await ledger.health();
    const { totalCount, idleCount, waitingCount } = pool;
    return {
      poolConnections: totalCount,
      poolIdle: idleCount,
      poolWaiting: waitingCount,
      outboxBacklog: Number(rows[0]?.backlog),
      ledgerEntries: logged,
      ledgerWitnessed: witnessed,
      ledgerAnchored: anchored,
      ledgerFindings: findings,
    };
  };
  const metrics = new Metrics(gauges);
  const onFault = (error: unknown): void => {
    metrics.fault();
    log.fault(error);
  };
  const grants = new VaultGrants(records.vault, now);
  const { visibilities, visibilityOf: decided } = openVisibility({ store, grants, baseUrl, now });
  const wishes = new Wishes(records.vault);
  const visibility = withHeldResults(decided, {
    wishesOf: (patientId) => wishes.of(patientId),
    patientNumber: (patientId) => store.patientNumber(patientId),
    now,
  });
  const worker = new BulkWorker({ jobs, store, visibilityOf: visibility, bulk, now, onFault });
  worker.start();
  opened.push(() => worker.stop());
  const verifyJob = new VerifyJob(ledger, onFault);
  opened.push(() => verifyJob.close());
  const gate = new LoadGate();
  opened.push(() => gate.close());
  const serverKey = await openServerKey(dataFolder);
  const directory = recordDirectory(store, baseUrl);
  const identity = await Identity.open({
    vault: records.vault,
    serverKey,
    origin,
    dataFolder,
    demo: config.demo,
    external: config.external,
    organizationsOf: (resource) => organizationsOf(directory, resource, now()),
    now,
    onFault,
  });
  const { tokens } = identity;
  const viewing = openViewing({
    vault: records.vault,
    grants,
    evidence: store.evidence,
    events: ledger.patientEvents,
    serverKey,
    people: peopleOf(identity),
    sees: ({ viewer, context }, type, id) =>
      store.sees(type, id, undefined, { ...context, visibility: visibility(viewer) }),
    record: (events) => store.record(events),
    policies: await readPolicyTexts(DEFAULT_POLICIES),
    summaryOf: ({ patientId }, requestId) => summaryForLink(patientId, requestId, services),
    mail: config.mail,
    origin,
    now,
    onFault,
  });
  opened.push(() => viewing.close());
  opened.push(store.onSeen((seen) => viewing.saw(seen)));
  const sweep = new VaultSweep(records.vault, onFault);
  opened.push(() => sweep.close());
  const traces = config.traces ? await openTraces('1') : undefined;
  if (traces) opened.push(() => traces.close());
  const terminology = new Terminology();
  const profiles = new ProfileRegistry(terminology);
  const clinic = openClinic({
    ...{ vault: records.vault, wishes, store, notices: viewing.notices, serverKey, profiles, terminology },
    accountsAs: peopleOf(identity).accountsAs,
    nameOf: (viewer) => viewing.names.ofViewer(viewer),
    now,
    onFault,
  });
  opened.push(() => clinic.close());
  const sandbox = new Sandbox();
  opened.push(() => sandbox.close());
  const services = {
    sandbox,
    store,
    terminology,
    profiles,
    clinic,
    jobs,
    visibilityOf: visibility,
    viewing: {
      visibilities,
      evidence: storeEvidence(store, baseUrl),
      labelRules: LABEL_RULES,
      auditEvents: viewing.auditEvents,
      viewerAs: (resource: string) => identity.viewerAs(resource),
    },
    baseUrl,
    now,
  };
  const files = await readWebFiles(WEB_FOLDER);
  if (!files) log.event('the browser application is not built: the pages are left out');
  const dicom = await openDicom(config.dicom, {
    store,
    vault: records.vault,
    visibilityOf: visibility,
    origin,
    baseUrl,
    host: config.host,
    now,
    onFault,
  });
  opened.push(() => dicom.close());
  const front = {
    dicom: dicom.api,
    fhir: new FhirApi(services),
    clinicApi: new ClinicApi(services),
    bulk,
    ledger,
    ledgerApi: new LedgerApi(ledger, verifyJob, new EventOpeners({ store, visibilityOf: visibility, now })),
    tokens,
    identity,
    viewing,
    origin,
    cors: config.cors,
    proxies: config.proxies,
    limiter: new RateLimiter(config.rateLimit, () => performance.now()),
    gate,
    log,
    metrics,
    readiness: () => readinessOf({ database: pool, dataFolder, keys: async () => store.newId(undefined) !== '' }),
    traces,
  };
  const app = createServer(front, files && new WebApp(files));
  opened.push(() => withGrace(app.close(), app.server));
  await app.listen({ port: config.port, host: config.host });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://${config.host}:${port}`;
  log.event(`listening on port ${port}`);
  return { url, tokens, identity, dicomPort: dicom.receiver?.port, close };
}

/** Closes in the opposite order of opening; a part that fails does not keep the others open. */
function closer(opened: readonly (() => unknown)[]): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    for (const shut of [...opened].reverse()) {
      try {
        await shut();
      } catch {
        // The next parts still have to be closed; a pool that lost its server cannot say good-bye.
      }
    }
  };
  return () => {
    closing ??= run();
    return closing;
  };
}

/** Waits for what was accepted, and not for clients that keep a connection open after their answer. */
async function withGrace(finished: PromiseLike<unknown>, server: HttpServer): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP);
  const timer = setTimeout(() => server.closeAllConnections(), GRACE);
  try {
    await finished;
  } finally {
    clearInterval(sweep);
    clearTimeout(timer);
  }
}

/** Runs a server until SIGTERM or SIGINT; a second signal ends the process at once. */
export async function serveUntilSignal(config: Config): Promise<void> {
  const server = await serve(config);
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      for (const signal of SIGNALS) process.off(signal, stop);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
  await server.close();
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
