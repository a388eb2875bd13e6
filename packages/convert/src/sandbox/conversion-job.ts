import { stringifyJson } from '@meridian/fhir';
import { type CdaToFhirOptions, cdaToFhir } from '../cda/cda-to-fhir.ts';
import { type FhirToCcdOptions, fhirToCcd } from '../cda/fhir-to-ccd.ts';
import { type DocumentOptions, documentToHtml, documentToText } from '../documents/document-converter.ts';
import { ConversionError, type ConversionResult } from '../evidence/converter.ts';
import { Fidelity, type FidelityReport } from '../evidence/fidelity.ts';
import { type ImageOptions, imageToWeb } from '../media/image-converter.ts';
import { r4ToR5, r5ToR4 } from '../r5/r4-r5.ts';
import { messagesIn } from '../v2/batch.ts';
import type { Operation } from '../v2/mapping/assembly.ts';
import { convertMessage, type V2Options, v2ToFhir } from '../v2/to-fhir.ts';

/** A conversion to be made in another process. Options are plain data. */
export type ConversionJob = { source: Uint8Array } & (
  | { converter: 'hl7v2-to-fhir'; options: V2Options }
  | { converter: 'ccda-to-fhir'; options: CdaToFhirOptions }
  | { converter: 'fhir-to-ccd'; options: FhirToCcdOptions }
  | { converter: 'fhir-r4-to-r5' | 'fhir-r5-to-r4'; options: Record<string, never> }
  | { converter: 'document-to-html' | 'document-to-text'; options: DocumentOptions }
  | { converter: 'image-to-web'; options: ImageOptions }
);

/** A result as it goes from one process to another: resources are text, so that decimals stay as they are written. */
export interface ConversionOutput {
  /** FHIR JSON. For HL7 v2 a transaction for each message. */
  resources: readonly string[];
  /** Of HL7 v2: for each resource what remains to do once it is stored. */
  operations: readonly (readonly Operation[])[];
  bytes?: { content: Uint8Array; contentType: string };
  fidelity: FidelityReport;
}

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_MESSAGES = 1000;

/** Name and version of each converter, as they stand in evidence. */
export const CONVERTER_VERSIONS: Readonly<Record<ConversionJob['converter'], string>> = Object.fromEntries(
  [v2ToFhir, cdaToFhir, fhirToCcd, r4ToR5, r5ToR4, documentToHtml, documentToText, imageToWeb].map(
    ({ name, version }) => [name, version],
  ),
) as Record<ConversionJob['converter'], string>;

/** Makes a conversion in this process. Throws ConversionError. */
export async function convertHere(job: ConversionJob): Promise<ConversionOutput> {
  const output = job.converter === 'hl7v2-to-fhir' ? messages(job.source, job.options) : plain(await resultOf(job));
  const size = output.resources.reduce((sum, text) => sum + text.length, output.bytes?.content.length ?? 0);
  if (size > MOST_BYTES) throw new ConversionError('The result would be larger than 64 MB; convert it in parts.');
  return output;
}

function resultOf(
  job: Exclude<ConversionJob, { converter: 'hl7v2-to-fhir' }>,
): ConversionResult | Promise<ConversionResult> {
  switch (job.converter) {
    case 'ccda-to-fhir':
      return cdaToFhir.convert(job.source, job.options);
    case 'fhir-to-ccd':
      return fhirToCcd.convert(job.source, job.options);
    case 'fhir-r4-to-r5':
      return r4ToR5.convert(job.source, job.options);
    case 'fhir-r5-to-r4':
      return r5ToR4.convert(job.source, job.options);
    case 'document-to-html':
      return documentToHtml.convert(job.source, job.options);
    case 'document-to-text':
      return documentToText.convert(job.source, job.options);
    case 'image-to-web':
      return imageToWeb.convert(job.source, job.options);
  }
}

function plain({ resources = [], bytes, fidelity }: ConversionResult): ConversionOutput {
  // bytes that are FHIR are the resources already
  const texts = bytes === undefined ? resources.map((resource) => stringifyJson(resource)) : [];
  return { resources: texts, operations: [], ...(bytes && { bytes }), fidelity };
}

function messages(source: Uint8Array, options: V2Options): ConversionOutput {
  const found = messagesIn(source);
  if (found.length === 0) throw new ConversionError('The file holds no HL7 v2 message: none begins with MSH.');
  if (found.length > MOST_MESSAGES) throw new ConversionError('The file holds more than 1,000 messages; split it.');
  const converted = found.map((message) => convertMessage(message, options));
  return {
    resources: converted.map(({ bundle }) => stringifyJson(bundle)),
    operations: converted.map(({ operations }) => operations),
    fidelity: joined(converted.map(({ fidelity }) => fidelity)),
  };
}

function joined(reports: readonly FidelityReport[]): FidelityReport {
  const all = new Fidelity();
  for (const { mapped, kept, dropped } of reports) {
    for (const { path, count } of mapped) all.mapped(path, count);
    for (const { path, where, count } of kept) all.kept(path, where, count);
    for (const { path, reason, count } of dropped) all.dropped(path, reason, count);
  }
  return all.report();
}
