import { type Resource, stringifyJson } from '@meridian/fhir';
import { generatePopulation, type PopulationOptions } from '@meridian/population';
import { CommandError } from '../command-error.ts';
import type { Client } from '../connection/client.ts';
import { inParallel } from '../import/in-parallel.ts';
import { sendUnit } from '../import/send-unit.ts';
import { type Batch, typeName } from '../import/unit.ts';
import type { Progress } from '../terminal/progress.ts';
import { readMarker, writeMarker } from './demo-marker.ts';

export interface DemoOptions {
  client: Client;
  dataFolder: string;
  /** What to load on the first run; a run that goes on with an earlier one keeps that one's. */
  population: PopulationOptions;
  /** Begins when it is clear that there is something to load. */
  progress: (patients: number) => Progress;
  signal: AbortSignal;
}

export interface DemoResult {
  patients: number;
  resources: number;
}

const RESOURCES_IN_A_BATCH = 1000;
const PARALLEL = 2;

/**
 * Loads the demonstration population once. Undefined: it was loaded before, or there are real patients. A run that was
 * killed is repeated whole; the patients have the same ids again, so nothing is stored twice.
 */
export async function loadDemo(options: DemoOptions): Promise<DemoResult | undefined> {
  const { client, dataFolder, signal } = options;
  const marker = await readMarker(dataFolder);
  if (marker !== undefined && marker.state !== 'loading') return undefined;
  const population = marker?.population ?? options.population;
  // synthetic people must never get among real ones
  if (marker === undefined && (await hasPatients(client))) {
    await writeMarker(dataFolder, { state: 'declined', population });
    return undefined;
  }
  await writeMarker(dataFolder, { state: 'loading', population });
  const progress = options.progress(population.patients);
  let resources = 0;
  try {
    await inParallel(batches(population, signal), PARALLEL, async (batch) => {
      const { counts } = await sendUnit(client, batch);
      const rejected = [...counts.values()].reduce((sum, each) => sum + each.rejected, 0);
      if (rejected > 0)
        throw new CommandError(`The server rejected ${rejected} resources of the demonstration population.`);
      resources += batch.types.length;
      progress.add(batch.patients, batch.types.length);
    });
  } finally {
    progress.stop();
  }
  await writeMarker(dataFolder, { state: 'loaded', population });
  return { patients: population.patients, resources };
}

async function hasPatients(client: Client): Promise<boolean> {
  const answer = await client.call({ method: 'GET', url: '/fhir/Patient?_count=1&_elements=id' });
  if (answer.status !== 200) throw new CommandError(`The server cannot search for patients (status ${answer.status}).`);
  const bundle = JSON.parse(answer.body) as { entry?: unknown[] };
  return (bundle.entry?.length ?? 0) > 0;
}

/** What goes in one request, and how many patients that are. */
interface PatientBatch extends Batch {
  patients: number;
}

/** The shared resources first, then patients by the thousand resources. */
async function* batches(population: PopulationOptions, signal: AbortSignal): AsyncGenerator<PatientBatch> {
  let gathered: Resource[] = [];
  let patients = 0;
  let shared = true;
  for (const resources of generatePopulation(population)) {
    signal.throwIfAborted();
    gathered.push(...resources);
    if (!shared) patients++;
    if (!shared && gathered.length < RESOURCES_IN_A_BATCH) continue;
    yield batchOf(gathered, patients);
    shared = false;
    gathered = [];
    patients = 0;
  }
  if (gathered.length > 0) yield batchOf(gathered, patients);
}

function batchOf(resources: readonly Resource[], patients: number): PatientBatch {
  return {
    format: 'ndjson',
    body: Buffer.from(resources.map((resource) => `${stringifyJson(resource)}\n`).join('')),
    types: resources.map(({ resourceType }) => typeName(resourceType)),
    patients,
  };
}
