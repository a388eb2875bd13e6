import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { generatePopulation } from '@meridian/population';
import type { Server } from '../../e2e/server.ts';
import { observation, patient, practitioner, uuidOf } from './fhir-data.ts';
import { processCosts } from './process-cost.ts';

export interface ImportResult {
  resources: number;
  seconds: number;
  perSecond: number;
  rejected: number;
  /** Of server and database, for one resource. */
  cpuMilliseconds: Record<string, number>;
}

/** `meridian import` of files or folders, as an operator runs it: the process's start and reconciliation are in the time. */
export async function timeImport(server: Server, ...paths: string[]): Promise<ImportResult> {
  const processes = { server: server.pid, postgres: await server.postmaster() };
  const before = processCosts(processes);
  const begun = performance.now();
  const { code, stdout, stderr } = await server.command('import', ...paths, '--json');
  const seconds = (performance.now() - begun) / 1000;
  if (stdout === '') throw new Error(`meridian import ended with ${code}: ${stderr.slice(-500)}`);
  const { total } = JSON.parse(stdout) as { total: { read: number; rejected: number } };
  const used = Object.entries(processCosts(processes)).map(
    ([name, { cpuSeconds }]) => [name, ((cpuSeconds - (before[name]?.cpuSeconds ?? 0)) * 1000) / total.read] as const,
  );
  return {
    resources: total.read,
    seconds,
    perSecond: total.read / seconds,
    rejected: total.rejected,
    cpuMilliseconds: Object.fromEntries(used),
  };
}

/** The synthetic population as one NDJSON file. */
export async function writePopulation(folder: string, patients: number): Promise<string> {
  const path = join(folder, 'population.ndjson');
  const file = createWriteStream(path);
  for (const resources of generatePopulation({ patients, seed: 1, years: 20, until: '2026-01-01' })) {
    await writeLines(file, resources);
  }
  file.end();
  await once(file, 'finish');
  return path;
}

/** Patients and Observations of the ward with ids of their own, for one step of growth. */
export interface WardPart {
  run: string;
  firstPatient: number;
  patients: number;
  /** Observations of each. */
  each: number;
}

/** One NDJSON file with this part. */
export async function writeWardPart(folder: string, part: WardPart): Promise<string> {
  const path = join(folder, `ward-${part.firstPatient}.ndjson`);
  const file = createWriteStream(path);
  const doctor = uuidOf(part.run, 'practitioner', 0);
  await writeLines(file, [{ ...practitioner(part.run, 0), id: doctor }]);
  for (let i = part.firstPatient; i < part.firstPatient + part.patients; i++) {
    const id = patientIdOf(part.run, i);
    const observations = Array.from({ length: part.each }, (_, k) => ({
      ...observation(`Patient/${id}`, `Practitioner/${doctor}`, `${part.run}-${i}-${k}`, k),
      id: observationIdOf(part.run, i, k),
    }));
    await writeLines(file, [{ ...patient(part.run, i), id }, ...observations]);
  }
  file.end();
  await once(file, 'finish');
  return path;
}

export function patientIdOf(run: string, index: number): string {
  return uuidOf(run, 'patient', index);
}

export function observationIdOf(run: string, index: number, k: number): string {
  return uuidOf(run, 'observation', index, k);
}

async function writeLines(file: WriteStream, resources: readonly object[]): Promise<void> {
  const lines = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
  if (!file.write(lines)) await once(file, 'drain');
}
