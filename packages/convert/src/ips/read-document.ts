import { createHash } from 'node:crypto';
import { forEachReference, mapReferences, parseJson, type Resource } from '@meridian/fhir';
import { uuidFrom } from '../cda/code-systems.ts';
import { ConversionError, type ConversionResult, type Converter } from '../evidence/converter.ts';
import { Fidelity } from '../evidence/fidelity.ts';

export interface DocumentToRecordOptions {
  /** The patient whose record it is, such as `Patient/6f2c…`; else the Patient of the document is part of the result. */
  patient?: string;
}

interface Entry {
  fullUrl: string | undefined;
  resource: Resource;
}

const MOST_ENTRIES = 20_000;

/**
 * A FHIR document (FHIR R4, 3.3; IPS 2.0.0) to the resources of a record: the Composition with its sections and narrative,
 * every resource of the Bundle under an id of its own, references between them rewritten, and the document itself as
 * DocumentReference and Binary. Ids follow from the digest of the source, so that the same document taken twice changes
 * nothing. References to what the document does not hold are kept as text, since they would point to other resources here.
 *
 * @throws ConversionError where the source is no FHIR document about one patient
 */
export const documentToRecord = {
  name: 'fhir-document-to-record',
  version: '1.0.0',
  from: 'application/fhir+json',
  to: 'application/fhir+json',
  convert(source: Uint8Array, options: DocumentToRecordOptions): ConversionResult {
    const entries = entriesOf(source);
    const [composition] = entries;
    if (composition?.resource.resourceType !== 'Composition')
      throw new ConversionError('The first entry of a FHIR document is its Composition. Correct the Bundle.');
    const patients = entries.filter(({ resource }) => resource.resourceType === 'Patient');
    const [patient] = patients;
    if (!patient || patients.length !== 1)
      throw new ConversionError('The document holds no Patient, or more than one.');
    const digest = createHash('sha256').update(source).digest('hex');
    const references = referencesOf(entries, digest);
    if (options.patient !== undefined) addReference(references, patient, options.patient);
    const fidelity = new Fidelity();
    const resources = entries.flatMap((entry) => {
      const { resourceType } = entry.resource;
      if (entry === patient && options.patient !== undefined) {
        fidelity.kept('entry[Patient]', ORIGINAL);
        return [];
      }
      fidelity.mapped(`entry[${resourceType}]`);
      return [relocated(entry, references, digest, fidelity)];
    });
    const subject = { reference: options.patient ?? `Patient/${idOf(patient, digest)}` };
    return {
      resources: [...resources, ...original(source, composition.resource, subject, digest)],
      fidelity: fidelity.report(),
    };
  },
} satisfies Converter<DocumentToRecordOptions>;

const ORIGINAL = 'the original document (Binary)';

function entriesOf(source: Uint8Array): Entry[] {
  let bundle: unknown;
  try {
    bundle = parseJson(Buffer.from(source).toString('utf8'), { depth: 100 });
  } catch {
    throw new ConversionError('The source is not JSON. Send a FHIR document in JSON.');
  }
  const { resourceType, type, entry } = (bundle ?? {}) as { resourceType?: unknown; type?: unknown; entry?: unknown };
  if (resourceType !== 'Bundle' || type !== 'document' || !Array.isArray(entry))
    throw new ConversionError('The source is not a FHIR document: a Bundle of type document.');
  if (entry.length > MOST_ENTRIES) throw new ConversionError(`The document has more than ${MOST_ENTRIES} entries.`);
  return entry.flatMap((each: { fullUrl?: unknown; resource?: Resource } | null) => {
    const resource = each?.resource;
    if (typeof resource?.resourceType !== 'string') return [];
    return [{ fullUrl: typeof each?.fullUrl === 'string' ? each.fullUrl : undefined, resource }];
  });
}

function nameOf({ fullUrl, resource }: Entry): string {
  return fullUrl ?? `${resource.resourceType}/${resource.id}`;
}

function idOf(entry: Entry, digest: string): string {
  return uuidFrom(`${digest}\n${nameOf(entry)}`);
}

/** By full URL, and by `Type/id` as documents of servers have it (FHIR R4, Bundle, "Resolving references"). */
function referencesOf(entries: readonly Entry[], digest: string): Map<string, string> {
  const references = new Map<string, string>();
  for (const entry of entries) addReference(references, entry, `${entry.resource.resourceType}/${idOf(entry, digest)}`);
  return references;
}

function addReference(references: Map<string, string>, { fullUrl, resource }: Entry, target: string): void {
  if (fullUrl !== undefined) references.set(fullUrl, target);
  if (resource.id !== undefined) references.set(`${resource.resourceType}/${resource.id}`, target);
}

function relocated(
  entry: Entry,
  references: ReadonlyMap<string, string>,
  digest: string,
  fidelity: Fidelity,
): Resource {
  const { resource } = entry;
  forEachReference(resource, (reference, holder) => {
    if (reference.startsWith('#') || references.has(reference)) return;
    // a relative reference of somebody else's server would point to another resource of ours
    fidelity.kept(`entry[${resource.resourceType}]/reference`, 'Reference.display');
    const own = holder as { reference?: string; display?: string };
    delete own.reference;
    own.display ??= reference;
  });
  mapReferences(resource, (reference) => references.get(reference));
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...meta } = resource.meta ?? {};
  resource.id = idOf(entry, digest);
  if (Object.keys(meta).length > 0) resource.meta = meta;
  else delete resource.meta;
  return resource;
}

function original(
  source: Uint8Array,
  composition: Resource,
  subject: { reference: string },
  digest: string,
): Resource[] {
  const binary = uuidFrom(`${digest}\nBinary`);
  const contentType = 'application/fhir+json';
  return [
    {
      resourceType: 'Binary',
      id: binary,
      contentType,
      securityContext: subject,
      data: Buffer.from(source).toString('base64'),
    },
    {
      resourceType: 'DocumentReference',
      id: uuidFrom(`${digest}\nDocumentReference`),
      status: 'current',
      ...(composition.type !== undefined && { type: composition.type }),
      subject,
      ...(typeof composition.title === 'string' && { description: composition.title }),
      content: [{ attachment: { contentType, url: `Binary/${binary}` } }],
    },
  ];
}
