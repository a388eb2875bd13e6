import { parseReference } from '../../references.ts';
import type { ReferenceValue } from '../index-value.ts';
import { type Converter, type ConverterOptions, type Members, members, type SimpleValue, text } from './converter.ts';

/** References, canonicals, and resources that stand inside (R4, Search, "reference"). */
export function referenceConverter(elementType: string, { key }: ConverterOptions): Converter {
  switch (elementType) {
    case 'Reference':
      return (element, out, baseUrl) => addReference(key, members(element), baseUrl, out);
    case 'Resource':
      // `Bundle.composition` and `Bundle.message` name a resource inside the bundle itself.
      return (element, out) => {
        const type = text(members(element)?.resourceType);
        const id = text(members(element)?.id);
        if (type !== undefined && id !== undefined) out.push({ kind: 'reference', key, type, id });
      };
    default:
      return (element, out, baseUrl) => {
        const target = typeof element === 'string' ? referenceTo(key, withoutVersion(element), baseUrl) : undefined;
        if (target) out.push(target);
      };
  }
}

function addReference(
  key: string,
  reference: Members | undefined,
  baseUrl: string | undefined,
  out: SimpleValue[],
): void {
  if (!reference) return;
  const target = typeof reference.reference === 'string' ? referenceTo(key, reference.reference, baseUrl) : undefined;
  const identifier = members(reference.identifier);
  const value = text(identifier?.value);
  if (value === undefined) {
    if (target) out.push(target);
    return;
  }
  const system = text(identifier?.system);
  const found: ReferenceValue = target ?? { kind: 'reference', key };
  found.identifier = system === undefined ? { value } : { system, value };
  out.push(found);
}

function referenceTo(key: string, reference: string, baseUrl: string | undefined): ReferenceValue | undefined {
  if (reference === '') return undefined;
  const parsed = parseReference(reference, baseUrl);
  if (parsed.kind === 'local') return { kind: 'reference', key, type: parsed.type, id: parsed.id };
  if (parsed.kind === 'url') return { kind: 'reference', key, url: parsed.url };
  // Contained resources are not searched by reference, and a conditional one has not been resolved.
  return undefined;
}

function withoutVersion(canonical: string): string {
  const bar = canonical.indexOf('|');
  return bar < 0 ? canonical : canonical.slice(0, bar);
}

/** URIs as written (R4, Search, "uri"). */
export function uriConverter(elementType: string, { key }: ConverterOptions): Converter {
  return (element, out) => {
    const value = text(element);
    if (value === undefined) return;
    out.push({ kind: 'uri', key, value });
    // A canonical is found with its version and without (R4, References §2.3.0.2).
    if (elementType === 'canonical' && value.includes('|'))
      out.push({ kind: 'uri', key, value: withoutVersion(value) });
  };
}
