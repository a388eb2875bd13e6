import type { Resource } from '@meridian/fhir';

interface Identified {
  system?: string;
  value?: string;
}

/**
 * What a Patient should be after an update message: elements that the message holds replace those that stand, everything
 * else stays, for a field that was not sent means "no change" (HL7 v2.9 §2.5.3.4). Identifiers, links and extensions of
 * other senders are kept beside those of the message.
 *
 * @param stored as it stands in the store
 * @param sent the Patient of the message's transaction
 * @param removed elements that the message asks to delete (`remove-element` operations)
 */
export function mergedPatient(stored: Resource, sent: Resource, removed: readonly string[] = []): Resource {
  const merged: Resource = { ...stored };
  for (const element of removed) delete merged[element];
  for (const [element, value] of Object.entries(sent)) {
    if (element === 'id' || element === 'meta' || element === 'text') continue;
    if (element === 'identifier') merged.identifier = union(stored.identifier, value, sameIdentifier);
    else if (element === 'link') merged.link = union(stored.link, value, sameJson);
    else if (element === 'extension') merged.extension = replacedByUrl(stored.extension, value);
    else merged[element] = value;
  }
  // deceased[x] and multipleBirth[x] are one element each
  for (const choice of ['deceased', 'multipleBirth']) {
    const named = Object.keys(sent).filter((name) => name.startsWith(choice));
    if (named.length === 0) continue;
    for (const name of Object.keys(merged)) if (name.startsWith(choice) && !named.includes(name)) delete merged[name];
  }
  return merged;
}

/** The list that stands, with what is new of the other. */
function union(stored: unknown, sent: unknown, same: (a: unknown, b: unknown) => boolean): unknown[] {
  const standing = Array.isArray(stored) ? (stored as unknown[]) : [];
  const coming = Array.isArray(sent) ? (sent as unknown[]) : [];
  return [...standing.filter((one) => !coming.some((other) => same(one, other))), ...coming];
}

function replacedByUrl(stored: unknown, sent: unknown): unknown[] {
  const coming = Array.isArray(sent) ? (sent as { url: string }[]) : [];
  const urls = new Set(coming.map(({ url }) => url));
  const standing = Array.isArray(stored) ? (stored as { url: string }[]) : [];
  return [...standing.filter(({ url }) => !urls.has(url)), ...coming];
}

function sameIdentifier(a: unknown, b: unknown): boolean {
  const [one, other] = [a as Identified, b as Identified];
  return one.system === other.system && one.value === other.value;
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
