import { conversionProvenance, type FidelityReport, sortedJson } from '@meridian/convert';
import type { Resource } from '@meridian/fhir';
import { EVENT_KIND, EVERYTHING, type Write } from '@meridian/records';
import type { FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import type { Written } from './written-bundle.ts';

export interface ConversionEvidence {
  converter: string;
  version: string;
  parameters: Readonly<Record<string, unknown>>;
  /** Lower-case hex SHA-256. */
  sourceDigest: string;
  sourceType: string;
  resultDigest: string;
  written: Written;
  /** Where the file itself is kept, such as `Binary/…`. */
  original: string;
  fidelity: FidelityReport;
  patientId: string | undefined;
  /** The converter has written a Provenance already. */
  hasProvenance: boolean;
}

/** Most subjects of one event. */
const MOST_SUBJECTS = 1000;

/**
 * Records that a conversion was made: the whole fidelity report as a Binary, a Provenance, and an event on the patient's
 * chain. Evidence is the server's own and needs no permission of the caller.
 *
 * @returns where the Provenance and the report are
 */
export async function recordEvidence(
  evidence: ConversionEvidence,
  request: FhirRequest,
  { store, now }: Services,
): Promise<{ provenance: string; report: string }> {
  const { written, patientId, fidelity } = evidence;
  const own = { ...request.context, visibility: EVERYTHING };
  const reportId = store.newId(patientId);
  const report: Resource = {
    resourceType: 'Binary',
    id: reportId,
    contentType: 'application/json',
    ...(patientId !== undefined && { securityContext: { reference: `Patient/${patientId}` } }),
    data: Buffer.from(sortedJson(fidelity)).toString('base64'),
  };
  const writes: Write[] = [{ op: 'update', resource: report }];
  if (!evidence.hasProvenance) {
    const resource = conversionProvenance({
      ...evidence,
      targets: written,
      report: `Binary/${reportId}`,
      at: new Date(now()),
    });
    writes.push({ op: 'create', resource });
  }
  const made = (await store.writeAll(writes, own)).map(
    ({ stored }) => `${stored.type}/${stored.id}/_history/${stored.version}`,
  );
  const subjects = [...made, ...written].slice(0, MOST_SUBJECTS);
  const event = { kind: EVENT_KIND.conversion, context: own, subjects } as const;
  await store.record([patientId === undefined ? event : { ...event, patientId }]);
  const provenance = [...made, ...written].find((path) => path.startsWith('Provenance/'));
  return { provenance: provenance ?? '', report: `Binary/${reportId}` };
}
