import { type Resource, stringifyJson } from '@meridian/fhir';
import { StoreError } from '../errors.ts';
import type { BlobOwner } from '../store.ts';

/**
 * Where a Binary's content is kept: in the blob store, under the keys of one patient or of nobody. The stored Binary then
 * has no `data` but this extension on it (a primitive may have extensions and no value, FHIR R4, Extensibility §2.4).
 */
export interface KeptContent {
  digest: string;
  size: number;
  owner: BlobOwner;
}

const URL = 'urn:meridian:binary-content';

interface Extension {
  url?: unknown;
  extension?: Extension[];
  valueString?: unknown;
  valueDecimal?: unknown;
}

/** Replaces `data` by the note of where the content is. */
export function withKeptContent(binary: Resource, kept: KeptContent): Resource {
  const { data: _content, ...rest } = binary;
  const parts: Extension[] = [
    { url: 'digest', valueString: kept.digest },
    { url: 'size', valueDecimal: kept.size },
  ];
  if (kept.owner.patientId !== undefined) parts.push({ url: 'patient', valueString: kept.owner.patientId });
  return { ...rest, _data: { extension: [{ url: URL, extension: parts }] } };
}

/** Where the content of a stored Binary is; undefined: in `data`, or it has none. */
export function keptContentOf(binary: Resource): KeptContent | undefined {
  const note = noteIn(binary);
  if (!note) return undefined;
  const part = (url: string): Extension | undefined => note.extension?.find((extension) => extension.url === url);
  const digest = part('digest')?.valueString;
  const size = part('size')?.valueDecimal;
  const patient = part('patient')?.valueString;
  if (typeof digest !== 'string' || typeof size !== 'number') return undefined;
  return { digest, size, owner: typeof patient === 'string' ? { patientId: patient } : {} };
}

function noteIn(binary: Resource): Extension | undefined {
  const { _data: element } = binary as { _data?: { extension?: Extension[] } };
  return Array.isArray(element?.extension) ? element.extension.find((extension) => extension?.url === URL) : undefined;
}

/** A caller that wrote this extension itself could name somebody else's content and read it; only the server writes it. */
export function refuseForgedNote(binary: Resource): void {
  if (noteIn(binary)) {
    throw new StoreError(
      'business-rule',
      422,
      'Binary.data must hold the content itself; read the Binary as JSON to get it.',
    );
  }
}

/** The Binary's JSON in two halves, around the base64 of its content. */
export function aroundData(binary: Resource): { before: string; after: string } {
  const { _data: _note, ...rest } = binary;
  return { before: `${stringifyJson(rest).slice(0, -1)},"data":"`, after: '"}' };
}
