import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Resource } from '@meridian/fhir';
import type { BlobOwner, Write } from '@meridian/records';
import { refuseForgedNote, withKeptContent } from './binary-content.ts';
import type { Services } from './services.ts';

/** Content above this goes to the blob store. */
export const LARGE = 64 * 1024;
/** The base64 text of that many bytes. */
const LARGE_TEXT = Math.ceil(LARGE / 3) * 4;

interface Attachment {
  contentType?: string;
  data?: string;
  url?: string;
  size?: number;
  hash?: string;
}

/** Elements of Attachment (FHIR R4, Data Types). SampledData and Signature also have a `data` but other neighbours. */
const ATTACHMENT = new Set('id extension contentType language data url size hash title creation'.split(' '));

/**
 * Moves large content out of a resource, in place: attachments above 64 KB become Binaries of their own and the resource
 * refers to them; a Binary's own content goes to the blob store. The content is durable there before this resolves.
 *
 * Answers the Binaries to create together with the resource. Where that write fails, the blobs stay without a holder
 * until the store sweeps them.
 */
export async function moveLargeContent(
  resource: Resource,
  patientId: string | undefined,
  services: Services,
): Promise<(Write & { op: 'create' })[]> {
  const owner: BlobOwner = patientId === undefined ? {} : { patientId };
  if (resource.resourceType === 'Binary') {
    await moveBinary(resource, services);
    return [];
  }
  const writes: (Write & { op: 'create' })[] = [];
  for (const attachment of largeAttachments(resource)) writes.push(await moveAttachment(attachment, owner, services));
  return writes;
}

function largeAttachments(node: unknown, found: Attachment[] = []): Attachment[] {
  if (typeof node !== 'object' || node === null) return found;
  if (!Array.isArray(node) && isLargeAttachment(node)) found.push(node);
  else for (const member of Object.values(node)) if (typeof member === 'object') largeAttachments(member, found);
  return found;
}

function isLargeAttachment(node: object): node is Attachment {
  if (!('data' in node) || typeof node.data !== 'string' || node.data.length <= LARGE_TEXT) return false;
  return Object.keys(node).every((key) => ATTACHMENT.has(key.startsWith('_') ? key.slice(1) : key));
}

async function moveAttachment(
  attachment: Attachment,
  owner: BlobOwner,
  services: Services,
): Promise<Write & { op: 'create' }> {
  const content = Buffer.from(attachment.data ?? '', 'base64');
  const info = await services.store.blobs.put(owner, Readable.from([content]), content.length);
  const id = services.store.newId(undefined);
  const binary: Resource = {
    resourceType: 'Binary',
    contentType: attachment.contentType ?? 'application/octet-stream',
    ...(owner.patientId !== undefined && { securityContext: { reference: `Patient/${owner.patientId}` } }),
  };
  delete attachment.data;
  attachment.url = `Binary/${id}`;
  attachment.size = info.size;
  // Attachment.hash is SHA-1 by definition (FHIR R4, Data Types, Attachment.hash); it is no proof here, the ledger is.
  attachment.hash = createHash('sha1').update(content).digest('base64');
  return { op: 'create', id, resource: withKeptContent(binary, { ...info, owner }) };
}

/** A Binary of a patient is kept under the patient's keys at any size, so that erasing the patient erases it. */
async function moveBinary(binary: Resource, services: Services): Promise<void> {
  refuseForgedNote(binary);
  const { data } = binary;
  const owner = ownerOf(binary);
  if (typeof data !== 'string' || (data.length <= LARGE_TEXT && owner.patientId === undefined)) return;
  const content = Buffer.from(data, 'base64');
  const info = await services.store.blobs.put(owner, Readable.from([content]), content.length);
  const kept = withKeptContent(binary, { ...info, owner });
  delete binary.data;
  binary._data = kept._data;
}

/** Whose keys protect a Binary: those of the Patient that `securityContext` names. */
export function ownerOf(binary: Resource): BlobOwner {
  const context = binary.securityContext as { reference?: unknown } | undefined;
  const id =
    typeof context?.reference === 'string'
      ? /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(context.reference)?.[1]
      : undefined;
  return id === undefined ? {} : { patientId: id };
}
