/**
 * C-CDA documents per second, each way, on one core. Run from the repository root:
 *
 *     node bench/convert-cda.ts [FOLDER]
 *
 * FOLDER holds C-CDA documents (*.xml); by default the shared samples beside the repository, 24 documents of 22 to 238 KB.
 * To FHIR: XML parsed, every entry mapped, every element accounted for, the original kept as Binary. To C-CDA: the resources
 * that the first direction made, as a CCD. Processor time beside the time on the clock, since the machine may be busy.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Resource } from '@meridian/fhir';
import { cdaToFhir } from '../packages/convert/src/cda/cda-to-fhir.ts';
import { ccdOf } from '../packages/convert/src/cda/fhir-to-ccd.ts';

const ROUNDS = 10;
const folder = process.argv[2]
  ? pathToFileURL(`${process.argv[2]}/`)
  : new URL('../../shared/data/samples/ccda/documents/', import.meta.url);
const documents = readdirSync(folder)
  .filter((name) => /\.xml$/i.test(name))
  .map((name) => readFileSync(new URL(name, folder)));
const bytes = documents.reduce((sum, document) => sum + document.length, 0);

const OPTIONS = {
  at: '2026-01-01T00:00:00Z',
  documentId: '3f1b1f2e-8f2f-4b3f-9b57-6a0f1f8f2a10',
  author: { software: 'Meridian', organization: 'Bench', organizationId: '2.16.840.1.113883.19.5' },
};

function measure(name: string, work: () => void): void {
  work();
  const processor = process.cpuUsage();
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(processor);
  const count = ROUNDS * documents.length;
  const perProcessor = count / ((user + system) / 1e6);
  console.log(
    `${name}: ${(count / seconds).toFixed(0)} documents/s (${perProcessor.toFixed(0)} per second of processor)`,
  );
}

console.log(`${documents.length} documents, ${(bytes / documents.length / 1024).toFixed(0)} KB on average`);
measure('C-CDA to FHIR', () => {
  for (const document of documents) cdaToFhir.convert(document, {});
});
const records = documents.map((document) => cdaToFhir.convert(document, {}).resources ?? []) as Resource[][];
measure('FHIR to C-CDA', () => {
  for (const resources of records) ccdOf(resources, OPTIONS);
});
