import { createHash } from 'node:crypto';
import type { Resource } from '@meridian/fhir';

/** A file to be kept in a patient's record. */
export interface DocumentToFile {
  source: Buffer;
  sourceType: string;
  /** Lower-case hex SHA-256 of the source. */
  digest: string;
  /** `Patient/…`. */
  patient: string;
  title: string | undefined;
  /** What it was converted to, and by what. Undefined: there is only the original. */
  result: { content: Buffer; contentType: string; converter: string; version: string } | undefined;
  at: Date;
}

/** The entries of a filed document, and where each part is. */
export interface DocumentEntries {
  transaction: Resource;
  document: string;
  original: string;
  result: string | undefined;
}

/**
 * A DocumentReference whose first content is the file itself, byte for byte, and whose second is the form to read. Their ids
 * follow from the file and the patient: filing the same file again makes no second document.
 */
export function documentEntries(file: DocumentToFile): DocumentEntries {
  const { source, sourceType, digest, patient, title, result, at } = file;
  const id = hex(`${patient}\n${digest}`).slice(0, 40);
  const original = `doc-o-${id}`;
  const shown = result && `doc-r-${hex(`${id}\n${result.converter}\n${result.version}`).slice(0, 40)}`;
  const document = {
    resourceType: 'DocumentReference',
    id: `doc-${id}`,
    status: 'current',
    subject: { reference: patient },
    date: at.toISOString(),
    ...(title !== undefined && { description: title }),
    content: [
      { attachment: attachment(`Binary/${original}`, sourceType, source) },
      ...(result && shown ? [{ attachment: attachment(`Binary/${shown}`, result.contentType, result.content) }] : []),
    ],
  };
  const binaries = [
    binary(original, sourceType, source, patient),
    ...(result && shown ? [binary(shown, result.contentType, result.content, patient)] : []),
  ];
  const entry = [...binaries, document].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  return {
    transaction: { resourceType: 'Bundle', type: 'transaction', entry } as Resource,
    document: `DocumentReference/doc-${id}`,
    original: `Binary/${original}`,
    result: shown && `Binary/${shown}`,
  };
}

/** FHIR's own hash of an attachment is SHA-1 (FHIR R4, Attachment.hash); the SHA-256 stands in the Provenance. */
function attachment(url: string, contentType: string, content: Buffer) {
  return { contentType, url, size: content.length, hash: createHash('sha1').update(content).digest('base64') };
}

function binary(id: string, contentType: string, content: Buffer, patient: string) {
  return {
    resourceType: 'Binary',
    id,
    contentType,
    securityContext: { reference: patient },
    data: content.toString('base64'),
  };
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
