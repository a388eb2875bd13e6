import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { patientIdOf, type Resource } from '@meridian/fhir';
import type { BlobOwner, BlobStore } from '../store.ts';
import { refuseForgedNote, withKeptContent } from './binary-content.ts';

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

export interface ContentParts {
  blobs: BlobStore;
  /** Base URL below which absolute references are our own. */
  baseUrl: string;
  /** The id of the Binary that an attachment becomes. */
  idFor: (content: { owner: BlobOwner; digest: string }) => string;
}

/**
 * Moves large content out of a resource, in place: attachments above 64 KB become Binaries of their own and the resource
 * refers to them; a Binary's own content goes to the blob store. The content is durable there before this resolves.
 *
 * Answers the Binaries, with ids, to create together with the resource. Where that write fails, the blobs stay without a holder
 * until the store sweeps them.
 */
export async function moveLargeContent(resource: Resource, parts: ContentParts): Promise<Resource[]> {
  if (resource.resourceType === 'Binary') {
    await moveBinary(resource, parts);
    return [];
  }
  const owner = ownerOf(resource, parts.baseUrl);
  const binaries: Resource[] = [];
  const security = resource.meta?.security;
  for (const attachment of largeAttachments(resource)) {
    const binary = await moveAttachment(attachment, owner, parts);
    // content is as sensitive as the resource that it comes from
    binaries.push(Array.isArray(security) ? { ...binary, meta: { security } } : binary);
  }
  return binaries;
}

function largeAttachments(node: unknown, found: Attachment[] = []): Attachment[] {
  if (typeof node !== 'object' || node === null) return found;
  if (!Array.isArray(node) && isLargeAttachment(node)) found.push(node);
  else for (const member of Object.values(node)) if (typeof member === 'object') largeAttachments(member, found);
  return found;
}

/** An attachment that says itself where else it is stays as it is: its `url` must not be lost. */
function isLargeAttachment(node: object): node is Attachment {
  if ('url' in node) return false;
  if (!('data' in node) || typeof node.data !== 'string' || node.data.length <= LARGE_TEXT) return false;
  return Object.keys(node).every((key) => ATTACHMENT.has(key.startsWith('_') ? key.slice(1) : key));
}

async function moveAttachment(attachment: Attachment, owner: BlobOwner, parts: ContentParts): Promise<Resource> {
  const content = Buffer.from(attachment.data ?? '', 'base64');
  const info = await parts.blobs.put(owner, Readable.from([content]), content.length);
  const id = parts.idFor({ owner, digest: info.digest });
  const binary: Resource = {
    resourceType: 'Binary',
    id,
    contentType: attachment.contentType ?? 'application/octet-stream',
    ...(owner.patientId !== undefined && { securityContext: { reference: `Patient/${owner.patientId}` } }),
  };
  delete attachment.data;
  attachment.url = `Binary/${id}`;
  attachment.size = info.size;
  // Attachment.hash is SHA-1 by definition (FHIR R4, Data Types, Attachment.hash); it is no proof here, the ledger is.
  attachment.hash = createHash('sha1').update(content).digest('base64');
  return withKeptContent(binary, { ...info, owner });
}

/** A Binary of a patient is kept under the patient's keys at any size, so that erasing the patient erases it. */
async function moveBinary(binary: Resource, parts: ContentParts): Promise<void> {
  refuseForgedNote(binary);
  const { data } = binary;
  const owner = ownerOf(binary, parts.baseUrl);
  if (typeof data !== 'string' || (data.length <= LARGE_TEXT && owner.patientId === undefined)) return;
  const content = Buffer.from(data, 'base64');
  const info = await parts.blobs.put(owner, Readable.from([content]), content.length);
  const kept = withKeptContent(binary, { ...info, owner });
  delete binary.data;
  binary._data = kept._data;
}

/** Whose keys protect the content of a resource: those of the Patient in whose record it is. */
function ownerOf(resource: Resource, baseUrl: string): BlobOwner {
  const patientId = patientIdOf(resource, baseUrl);
  return patientId === undefined ? {} : { patientId };
}
