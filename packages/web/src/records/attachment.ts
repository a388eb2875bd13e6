import type { Attachment } from 'fhir/r4';
import { pathOf } from '../api/fhir.ts';
import type { Http } from '../api/http.ts';

/** How a document can be shown without running anything that is in it. */
export type Display = 'text' | 'picture' | 'pdf' | 'sound' | 'none';

/** What a type can be shown as. HTML, SVG and XML could carry code: they are saved, not shown. */
export function displayOf(type: string): Display {
  const name = type.split(';')[0]?.trim().toLowerCase() ?? '';
  if (name === 'text/plain' || name === 'text/csv' || name === 'text/markdown') return 'text';
  if (/^image\/(?:png|jpeg|gif|webp|avif)$/.test(name)) return 'picture';
  if (name === 'application/pdf') return 'pdf';
  return /^audio\/(?:mpeg|ogg|wav|webm|mp4)$/.test(name) ? 'sound' : 'none';
}

/** Content beyond this is saved by other means than a page's memory. */
const LARGEST = 256 * 1024 * 1024;

/** The content of an attachment, inline or of a Binary here; undefined where there is none, or it lies elsewhere. */
export async function attachmentContent(http: Http, attachment: Attachment, signal: AbortSignal): Promise<Blob | null> {
  const type = safeType(attachment.contentType);
  if (attachment.data !== undefined) {
    const bytes = Uint8Array.from(atob(attachment.data), (character) => character.charCodeAt(0));
    return new Blob([bytes], { type });
  }
  const path = attachment.url === undefined ? undefined : binaryPath(attachment.url);
  if (path === undefined) return null;
  const answer = await http.send(path, { signal, headers: { accept: attachment.contentType ?? '*/*' } });
  if (Number(answer.headers.get('content-length') ?? 0) > LARGEST) return null;
  return new Blob([await answer.arrayBuffer()], { type });
}

/** Binaries of the own server only: a record must not make a browser ask others. */
function binaryPath(url: string): string | undefined {
  const id = /^(?:Binary|.*\/fhir\/Binary)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/\d+)?$/.exec(url)?.[1];
  if (id === undefined) return undefined;
  return url.startsWith('Binary/') ? `/fhir/${url}` : pathOf(url);
}

/** A blob with a type that can run would run in this origin if it were opened: it gets a type that cannot. */
function safeType(type: string | undefined): string {
  return displayOf(type ?? '') === 'none' ? 'application/octet-stream' : (type ?? '');
}
