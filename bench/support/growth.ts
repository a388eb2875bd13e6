import { rm } from 'node:fs/promises';
import type { Server } from '../../e2e/server.ts';
import { observationIdOf, patientIdOf, timeImport, writeWardPart } from './bulk-import.ts';
import { uuidOf } from './fhir-data.ts';
import { type LoadOptions, measurePhase, type PhaseName, type PhaseResult, type Ward } from './fhir-load.ts';

/** What the same work costs when so many Observations are stored. */
export interface ScaleResult {
  observations: number;
  importedPerSecond: number;
  phases: PhaseResult[];
}

/** Observations of each patient of the growing ward, and patients of one file: 100,000 Observations, about 150 MB. */
const EACH = 250;
const PATIENTS_IN_FILE = 400;
const MEASURED: readonly PhaseName[] = ['read', 'search', 'name', 'identifier', 'create'];
const RUN = 'growth';

/** Imports up to each of `sizes` in turn, through the command, and measures there. Patients are drawn from the whole. */
export async function measureGrowth(
  server: Server,
  options: LoadOptions,
  sizes: readonly number[],
  folder: string,
  progress: (sentence: string) => void,
): Promise<ScaleResult[]> {
  const results: ScaleResult[] = [];
  let patients = 0;
  for (const size of [...sizes].sort((a, b) => a - b)) {
    const wanted = Math.ceil(size / EACH);
    let [resources, seconds] = [0, 0];
    while (patients < wanted) {
      const part = {
        run: RUN,
        firstPatient: patients,
        patients: Math.min(PATIENTS_IN_FILE, wanted - patients),
        each: EACH,
      };
      const path = await writeWardPart(folder, part);
      const imported = await timeImport(server, path);
      await rm(path);
      if (imported.rejected > 0) throw new Error(`${imported.rejected} resources of the growing ward were rejected`);
      resources += imported.resources;
      seconds += imported.seconds;
      patients += part.patients;
      progress(`${patients * EACH} Observations, ${Math.round(imported.perSecond)}/s`);
    }
    const phases: PhaseResult[] = [];
    for (const phase of MEASURED) {
      const measured = await measurePhase(phase, wardOf(patients), options);
      phases.push(measured);
      progress(`at ${patients * EACH}: ${phase} ${Math.round(measured.perSecond)}/s, ${measured.errors} errors`);
    }
    results.push({ observations: patients * EACH, importedPerSecond: resources / seconds, phases });
  }
  return results;
}

/** The ids of a ward of this size, drawn evenly where it is large: what matters is where they lie, not how many. */
function wardOf(patients: number): Ward {
  const step = Math.max(1, Math.floor(patients / 2000));
  const drawn = Array.from({ length: Math.floor(patients / step) }, (_, i) => i * step);
  return {
    run: RUN,
    practitioners: [`Practitioner/${uuidOf(RUN, 'practitioner', 0)}`],
    numbers: drawn,
    patients: drawn.map((i) => `Patient/${patientIdOf(RUN, i)}`),
    observations: drawn.map((i) => Array.from({ length: EACH }, (_, k) => observationIdOf(RUN, i, k))),
  };
}
