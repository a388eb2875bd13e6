import { createHash } from 'node:crypto';
import {
  type Converter,
  conversionProvenance,
  type FidelityReport,
  IMAGING_STUDY_CONVERTER,
  imagingFidelity,
  imagingStudy,
  isStructuredReport,
  STRUCTURED_REPORT_CONVERTER,
  sortedJson,
  structuredReport,
} from '@meridian/convert';
import { parseSearch, type Resource } from '@meridian/fhir';
import { EVENT_KIND, EVERYTHING, type RecordStore, StoreError, type ViewContext, type Write } from '@meridian/records';
import type { KeptInstance, KeptInstances } from './kept-instance.ts';

export interface FilingParts {
  store: RecordStore;
  kept: KeptInstances;
  baseUrl: string;
  now: () => number;
}

/** Attempts to write a study that others are writing too. */
const ATTEMPTS = 8;

/**
 * Makes kept instances of one study part of its ImagingStudy, with the evidence of the conversion; structured reports
 * become DiagnosticReports. May be repeated: the result is the same.
 *
 * Throws StoreError where the caller may not write the study.
 */
export async function fileStudy(
  instances: readonly KeptInstance[],
  context: ViewContext,
  parts: FilingParts,
): Promise<void> {
  const [first] = instances;
  if (first === undefined) return;
  const { id, version } = await writeStudy(first.study, instances, context, parts);
  // evidence is the server's own: it needs no permission of the caller
  const own = { ...context, visibility: EVERYTHING };
  const study = `ImagingStudy/${id}`;
  const manifest = instances.map(({ instance, digest }) => `${instance} ${digest}\n`).sort();
  const indexes = await Promise.all(instances.map((kept) => parts.kept.indexOf(kept)));
  const dataSets = indexes.map(({ dataSet }) => dataSet);
  await recordConversion(
    {
      converter: IMAGING_STUDY_CONVERTER,
      source: manifest.join(''),
      targets: [`${study}/_history/${version}`],
      fidelity: imagingFidelity(dataSets),
      study,
      patientId: first.patientId,
    },
    [],
    own,
    parts,
  );
  for (const [at, dataSet] of dataSets.entries()) {
    const kept = instances[at];
    if (kept && isStructuredReport(dataSet)) await fileReport(kept, dataSet, study, own, parts);
  }
  await parts.kept.filed(instances.map(({ instance }) => instance));
}

async function fileReport(
  kept: KeptInstance,
  dataSet: KeptInstance['summary'],
  study: string,
  own: ViewContext,
  parts: FilingParts,
): Promise<void> {
  const seed = createHash('sha256').update(`${kept.patientId}/${kept.instance}`).digest('hex').slice(0, 40);
  const { resources, fidelity } = structuredReport(dataSet, {
    subject: `Patient/${kept.patientId}`,
    study,
    idFor: (at) => `sr-${seed}-${at}`,
  });
  await recordConversion(
    {
      converter: STRUCTURED_REPORT_CONVERTER,
      source: `${kept.instance} ${kept.digest}\n`,
      targets: resources.map(({ resourceType, id }) => `${resourceType}/${id}`),
      fidelity,
      study,
      patientId: kept.patientId,
    },
    resources,
    own,
    parts,
  );
}

interface Conversion {
  converter: Pick<Converter<unknown>, 'name' | 'version'>;
  /** Lines of instance UID and digest. */
  source: string;
  targets: readonly string[];
  fidelity: FidelityReport;
  /** Where the originals are found. */
  study: string;
  patientId: string;
}

/** Writes what was made, its Provenance and the whole fidelity report, and puts the conversion on the patient's chain. */
async function recordConversion(
  conversion: Conversion,
  resources: readonly Resource[],
  own: ViewContext,
  { store, now }: FilingParts,
): Promise<void> {
  const { converter, source, targets, fidelity, study, patientId } = conversion;
  const reportId = store.newId(patientId);
  const provenance = conversionProvenance({
    converter: converter.name,
    version: converter.version,
    parameters: {},
    sourceDigest: sha256(source),
    sourceType: 'application/dicom',
    resultDigest: sha256(sortedJson(resources.length > 0 ? resources : targets)),
    targets,
    original: study,
    report: `Binary/${reportId}`,
    fidelity,
    at: new Date(now()),
  });
  const report: Resource = {
    resourceType: 'Binary',
    id: reportId,
    contentType: 'application/json',
    securityContext: { reference: `Patient/${patientId}` },
    data: Buffer.from(sortedJson(fidelity)).toString('base64'),
  };
  const writes: Write[] = [
    ...resources.map((resource): Write => ({ op: 'update', resource })),
    { op: 'update', resource: report },
    { op: 'create', resource: provenance },
  ];
  const results = await store.writeAll(writes, own);
  const made = results.map(({ stored }) => `${stored.type}/${stored.id}/_history/${stored.version}`);
  await store.record([
    { kind: EVENT_KIND.conversion, patientId, context: own, subjects: [...targets, ...made].slice(0, 1000) },
  ]);
}

async function writeStudy(
  uid: string,
  instances: readonly KeptInstance[],
  context: ViewContext,
  { store, baseUrl }: FilingParts,
): Promise<{ id: string; version: number }> {
  const summaries = instances.map(({ summary }) => summary);
  const subject = `Patient/${instances[0]?.patientId}`;
  for (let attempt = 1; ; attempt++) {
    const standing = await findStudy(uid, { store, baseUrl });
    const resource = imagingStudy(standing?.resource, summaries, subject);
    try {
      const { stored, outcome } = await store.write(
        standing
          ? { op: 'update', resource, ifMatch: standing.version }
          : { op: 'create', resource, ifNoneExist: studyQuery(uid, baseUrl) },
        context,
      );
      // somebody else made the study first: it has to take these instances in
      if (standing || outcome === 'created') return { id: stored.id, version: stored.version };
    } catch (error) {
      if (!(error instanceof StoreError && error.status === 412)) throw error;
    }
    if (attempt === ATTEMPTS) {
      throw new StoreError('conflict', 409, 'Others are writing the same study; send the instances again.');
    }
  }
}

function studyQuery(uid: string, baseUrl: string): ReturnType<typeof parseSearch> {
  return parseSearch(['ImagingStudy'], [['identifier', `urn:dicom:uid|urn:oid:${uid}`]], {
    handling: 'strict',
    baseUrl,
  });
}

/** The study with this UID, whoever may see it: for decisions, not for answers. */
export async function findStudy(
  uid: string,
  { store, baseUrl }: { store: RecordStore; baseUrl: string },
): Promise<{ id: string; version: number; resource: Resource } | undefined> {
  const { matches } = await store.evidence.search({ ...studyQuery(uid, baseUrl), count: 2 });
  const [found] = matches;
  if (found?.json === undefined) return undefined;
  return { id: found.id, version: found.version, resource: JSON.parse(found.json.toString('utf8')) as Resource };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
