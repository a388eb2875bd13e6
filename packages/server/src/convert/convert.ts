import type { ConversionJob } from '@meridian/convert';
import type { Resource } from '@meridian/fhir';
import { isId } from '../fhir/incoming.ts';
import type { Target } from '../fhir/operation.ts';
import { requireLive } from '../fhir/read.ts';
import { type Answer, type FhirRequest, header } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { first } from '../http/query-string.ts';
import { answerOf, type Filed } from './conversion-answer.ts';
import { recordEvidence } from './conversion-evidence.ts';
import { type ConversionTarget, planConversion, TARGETS } from './conversion-plan.ts';
import { documentEntries } from './document-entries.ts';
import { converterOf, facts, type Made, makeConversion } from './made-conversion.ts';
import { patientsWith } from './patients-with.ts';
import { type Written, writeBundle, writeMessage } from './written-bundle.ts';

/**
 * `POST [base]/$convert`: converts the file that is the body, whatever it is, and files it with its evidence. Parameters of
 * the URL: `to` (see TARGETS; default `fhir`), `patient` (whose record a document goes to), `title`, `zone`,
 * `preview=true` (nothing is stored). Answers Parameters: digests, fidelity report, where everything is, or the result
 * itself. HL7 v2 and C-CDA name their patient themselves; other files are filed where `patient` is given.
 */
export async function convert(_target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const { parameters } = request;
  const source = request.body.kind === 'bytes' ? request.body.bytes : Buffer.alloc(0);
  if (source.length === 0) throw refusal(400, 'required', 'Send the file to be converted as the body.');
  const to = targetOf(first(parameters, 'to') ?? 'fhir');
  const patient = await patientOf(first(parameters, 'patient'), request, services);
  const isPreview = first(parameters, 'preview') === 'true';
  const plan = planConversion({
    source,
    declared: header(request, 'content-type')?.slice(0, 200) ?? '',
    to,
    zone: first(parameters, 'zone'),
    now: services.now(),
    host: new URL(services.baseUrl).host,
  });
  const job = withPatient(plan.job, patient);
  let made = await makeConversion(plan.detected, job, source, services);
  const isRecords = job?.converter === 'hl7v2-to-fhir' || job?.converter === 'ccda-to-fhir';
  if (isPreview || (!isRecords && patient === undefined && to !== 'fhir')) return answerOf(made, undefined);
  if (job?.converter === 'ccda-to-fhir' && patient === undefined) {
    const known = await knownPatient(made.resources, request, services);
    if (known !== undefined) made = await makeConversion(plan.detected, withPatient(job, known), source, services);
  }
  const filed = isRecords
    ? await fileRecords(made, request, services)
    : await fileDocument(made, patient, first(parameters, 'title'), request, services);
  const evidence = await recordEvidence(
    { ...facts(made), ...filed, parameters: { to, ...zoneOf(parameters) }, fidelity: made.output.fidelity },
    request,
    services,
  );
  return answerOf(made, { ...filed, ...evidence });
}

function zoneOf(parameters: FhirRequest['parameters']): { zone?: string } {
  const zone = first(parameters, 'zone');
  return zone === undefined ? {} : { zone };
}

function targetOf(text: string): ConversionTarget {
  const target = TARGETS.find((each) => each === text);
  if (target) return target;
  throw refusal(400, 'value', `The parameter to must be one of ${TARGETS.join(', ')}.`);
}

/** The patient that is named, as `Patient/[id]`; it must be there, and the caller must see it. */
async function patientOf(
  text: string | undefined,
  { context }: FhirRequest,
  { store }: Services,
): Promise<string | undefined> {
  if (text === undefined) return undefined;
  const id = text.replace(/^Patient\//, '');
  if (!isId(id)) throw refusal(400, 'value', 'The parameter patient must be a Patient here, such as Patient/123.');
  requireLive(await store.read('Patient', id, context), 'Patient', id);
  return `Patient/${id}`;
}

function withPatient(job: ConversionJob | undefined, patient: string | undefined): ConversionJob | undefined {
  if (job?.converter !== 'ccda-to-fhir' || patient === undefined) return job;
  return { ...job, options: { ...job.options, patient } };
}

/** The one patient who has an identifier of the document's own. More than one is for a person to decide. */
async function knownPatient(
  resources: readonly Resource[],
  request: FhirRequest,
  services: Services,
): Promise<string | undefined> {
  const patient = resources.find(({ resourceType }) => resourceType === 'Patient');
  const { identifier = [] } = (patient ?? {}) as { identifier?: { system?: string; value?: string }[] };
  const found = new Set<string>();
  for (const { system, value } of identifier.slice(0, 20)) {
    if (system === undefined || value === undefined) continue;
    for (const { id } of await patientsWith({ system, value }, request, services)) found.add(`Patient/${id}`);
  }
  // the document's own Patient, where it came before
  found.delete(`Patient/${patient?.id}`);
  if (found.size <= 1) return [...found][0];
  throw refusal(409, 'multiple-matches', 'Several patients have identifiers of this document; name one with patient.');
}

async function fileRecords(made: Made, request: FhirRequest, services: Services): Promise<Filed> {
  const { job, resources, output } = made;
  const isMessages = job?.converter === 'hl7v2-to-fhir';
  const written: string[] = [];
  if (isMessages) {
    for (const [at, transaction] of resources.entries()) {
      written.push(...(await writeMessage(transaction, output.operations[at] ?? [], request, services)));
    }
  } else {
    const entry = resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    const transaction = { resourceType: 'Bundle', type: 'transaction', entry } as Resource;
    written.push(...(await writeBundle(transaction, request, services)));
  }
  const originals = written.filter((path) => path.startsWith('DocumentReference/'));
  return {
    written,
    original: (originals.at(-1) ?? '').replace(/\/_history\/.*/, ''),
    patientId: patientIdIn(made, written),
    hasProvenance: isMessages,
  };
}

/** The one patient that the records are about; undefined for a file about several. */
function patientIdIn({ job }: Made, written: Written): string | undefined {
  if (job?.converter === 'ccda-to-fhir' && job.options.patient !== undefined) return job.options.patient.slice(8);
  const ids = new Set(written.flatMap((path) => /^Patient\/([^/]+)/.exec(path)?.[1] ?? []));
  return ids.size === 1 ? [...ids][0] : undefined;
}

async function fileDocument(
  made: Made,
  patient: string | undefined,
  title: string | undefined,
  request: FhirRequest,
  services: Services,
): Promise<Filed> {
  if (patient === undefined) {
    throw refusal(400, 'required', 'Name the patient whose record the document goes to, as patient=Patient/123.');
  }
  const { source, detected, sourceDigest, output, job } = made;
  const { bytes } = output;
  const file = documentEntries({
    ...{ source, sourceType: detected.contentType, digest: sourceDigest, patient, title: title?.slice(0, 200) },
    result:
      bytes && job
        ? { content: Buffer.from(bytes.content), contentType: bytes.contentType, ...converterOf(job) }
        : undefined,
    at: new Date(services.now()),
  });
  const written = await writeBundle(file.transaction, request, services);
  return { written, original: file.original, patientId: patient.slice('Patient/'.length), hasProvenance: false };
}
