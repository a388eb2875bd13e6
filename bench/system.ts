/**
 * What the whole system does on this machine, beside its budgets: `npm run bench`.
 *
 * Starts a fresh server (embedded PostgreSQL, defaults, everything on) and a load generator on the same machine, runs the
 * phases of support/fhir-load.ts, imports in bulk, counts bytes, and measures what PostgreSQL alone would do.
 *
 * Options (default)
 *   --seconds N (10)      measured, for each phase      --connections N (16)
 *   --patients N (200)    of the ward                   --observations N (250)   of each
 *   --phases a,b          only these                    --no-import              leaves bulk import out
 *   --scale a,b           then imports up to so many Observations and measures read, search and create again at each
 *   --profile             writes a V8 CPU profile of the server and prints the 30 functions with most self time
 *   --json                prints results as JSON, and nothing else on standard output
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { REPOSITORY } from '../e2e/command.ts';
import { Server } from '../e2e/server.ts';
import { budgetTable, importTable, phaseTable, scaleTable } from './support/budgets.ts';
import { type ImportResult, timeImport, writePopulation } from './support/bulk-import.ts';
import { bytesEach, type DiskUse, diskUse } from './support/disk-use.ts';
import {
  type LoadOptions,
  loadWard,
  measurePhase,
  PHASES,
  type PhaseName,
  type PhaseResult,
} from './support/fhir-load.ts';
import { measureGrowth, type ScaleResult } from './support/growth.ts';
import { rawInsertsPerSecond } from './support/physical-limit.ts';
import { selfTimes } from './support/profile.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16' },
    patients: { type: 'string', default: '200' },
    observations: { type: 'string', default: '250' },
    phases: { type: 'string', default: PHASES.join() },
    scale: { type: 'string', default: '' },
    'no-import': { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** All that one run has measured. */
export interface SystemResult {
  when: string;
  machine: string;
  node: string;
  load: { resources: number; perSecond: number };
  phases: PhaseResult[];
  bytesPerObservation: number;
  tables: DiskUse['tables'];
  logBytes: number;
  rawInsertsPerSecond: number;
  imports: Record<string, ImportResult>;
  scale: ScaleResult[];
}

const seconds = Number(values.seconds);
const work = await mkdtemp(join(tmpdir(), 'meridian-bench-'));
const profiles = join(work, 'profile');
await mkdir(profiles);
const nodeOptions = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
const server = await Server.start({ MERIDIAN_LOG: 'warn' }, nodeOptions);
try {
  const result = await measure();
  const code = await server.stop();
  if (code !== 0) throw new Error(`the server ended with ${code}: ${server.output().slice(-1000)}`);
  if (values.json) console.log(JSON.stringify(result, undefined, 1));
  else print(result);
  if (values.profile) printProfile();
} finally {
  await server.close();
  if (!values.profile) await rm(work, { recursive: true, force: true });
}

async function measure(): Promise<SystemResult> {
  const options: LoadOptions = {
    origin: server.origin,
    token: server.token,
    connections: Number(values.connections),
    warmUpSeconds: Math.min(3, seconds / 2),
    seconds,
    processes: { server: server.pid, postgres: await server.postmaster() },
  };
  const [patients, each] = [Number(values.patients), Number(values.observations)];
  const empty = await diskUse(server);
  progress(`loading ${patients} patients with ${each} Observations each`);
  const begun = performance.now();
  const ward = await loadWard(options, 'ward', patients, each);
  const loadSeconds = (performance.now() - begun) / 1000;
  const full = await diskUse(server);
  const phases: PhaseResult[] = [];
  for (const phase of values.phases.split(',') as PhaseName[]) {
    const measured = await measurePhase(phase, ward, options);
    phases.push(measured);
    progress(
      `${phase}: ${Math.round(measured.perSecond)}/s, ${measured.errors} errors ${measured.errorSamples.join('; ')}`,
    );
  }
  const imports = values['no-import'] ? {} : await bulkImports();
  const bytesPerObservation = bytesEach(empty, full);
  const scale =
    values.scale === ''
      ? []
      : await measureGrowth(server, options, values.scale.split(',').map(Number), work, progress);
  return {
    when: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    node: process.version,
    load: { resources: patients * (each + 1), perSecond: (patients * (each + 1)) / loadSeconds },
    phases,
    bytesPerObservation,
    tables: grown(empty, full),
    logBytes: full.log,
    // two rows of bytes go in for each Observation: itself and its event
    rawInsertsPerSecond: await rawInsertsPerSecond(server, await sealedBytes(), seconds),
    imports,
    scale,
  };
}

async function bulkImports(): Promise<Record<string, ImportResult>> {
  const results: Record<string, ImportResult> = {};
  const once = async (name: string, path: string): Promise<void> => {
    progress(`importing ${name}`);
    const result = await timeImport(server, path);
    progress(`${name}: ${result.resources} resources, ${Math.round(result.perSecond)}/s, ${result.rejected} rejected`);
    results[name] = result;
  };
  await once('population of 200 patients, NDJSON', await writePopulation(work, 200));
  const synthea = join(REPOSITORY, '..', 'shared', 'data', 'samples', 'synthea', 'r4-2021');
  if (existsSync(synthea)) await once('Synthea, transaction bundles', synthea);
  return results;
}

/** What a sealed Observation and its event take together, on average. */
async function sealedBytes(): Promise<number> {
  const database = await server.database();
  const { rows } = await database.pool({ size: 1 }).query<{ bytes: number }>(
    `SELECT (SELECT avg(length(body)) FROM (SELECT body FROM resource LIMIT 20000) AS drawn)
          + (SELECT avg(length(sealed)) FROM (SELECT sealed FROM ledger_event LIMIT 20000) AS drawn) AS bytes`,
  );
  await database.close();
  return Math.round(Number(rows[0]?.bytes)) || 800;
}

function grown(before: DiskUse, after: DiskUse): Record<string, number> {
  const each = (name: string): number => (after.tables[name] ?? 0) - (before.tables[name] ?? 0);
  const names = Object.keys(after.tables).sort((a, b) => each(b) - each(a));
  return Object.fromEntries(names.map((name) => [name, each(name) / (after.resources - before.resources)]));
}

function print(result: SystemResult): void {
  console.log(`\n${result.machine}, Node ${result.node}, ${result.when}\n`);
  console.log(budgetTable(result));
  console.log(`\n${phaseTable(result.phases)}`);
  if (Object.keys(result.imports).length > 0) console.log(`\n${importTable(result.imports)}`);
  console.log('\nBytes of an Observation, by table:');
  for (const [name, bytes] of Object.entries(result.tables))
    if (bytes >= 1) console.log(`  ${name} ${bytes.toFixed(0)}`);
  console.log(`  write-ahead log, in all: ${(result.logBytes / 2 ** 20).toFixed(0)} MiB`);
  if (result.scale.length > 0) console.log(`\n${scaleTable(result.scale)}`);
}

function printProfile(): void {
  // the server's own profile is the largest; its threads and the commands write theirs too
  for (const name of readdirSync(profiles)) {
    const path = join(profiles, name);
    const top = selfTimes(path, 30, REPOSITORY);
    if (top.reduce((sum, { milliseconds }) => sum + milliseconds, 0) < 1000) continue;
    console.error(`\n${path}`);
    for (const { share, milliseconds, name: called, place } of top) {
      console.error(
        `${(share * 100).toFixed(1).padStart(5)} % ${milliseconds.toFixed(0).padStart(7)} ms  ${called}  ${place}`,
      );
    }
  }
}

function progress(sentence: string): void {
  console.error(sentence);
}
