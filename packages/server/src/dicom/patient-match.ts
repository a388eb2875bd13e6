import { type DicomReader, fhirDate } from '@meridian/convert';
import { parseSearch } from '@meridian/fhir';
import type { RecordStore } from '@meridian/records';

/** Why an instance waits for a person. */
export type HeldReason =
  /** Nobody here has the identifier. */
  | 'unknown-patient'
  /** Several have it, or it lacks what makes it sure. */
  | 'ambiguous-patient'
  /** The identifier is known, and the date of birth is another. */
  | 'birth-date-differs'
  /** The study is in another patient's record. */
  | 'study-of-another-patient'
  /** An instance with the same UID and other content is kept. */
  | 'uid-taken';

export type PatientMatch = { patientId: string } | { held: HeldReason };

/** What an instance says of its patient. */
export interface PatientFacts {
  id: string | undefined;
  /** Issuer of Patient ID (0010,0021), or the universal id of its qualifiers (0010,0024). */
  issuer: string | undefined;
  birthDate: string | undefined;
}

export function patientFacts({ file: { dataSet } }: DicomReader): PatientFacts {
  return {
    id: dataSet.text('00100020'),
    issuer: dataSet.items('00100024')[0]?.text('00400032') ?? dataSet.text('00100021'),
    birthDate: fhirDate(dataSet.text('00100030')),
  };
}

/**
 * Whose instance it is. An identifier with its issuer decides, unless the dates of birth contradict; an identifier alone
 * decides only together with the date of birth, because numbers of different hospitals are often the same. A picture in
 * the wrong record is worse than one that waits.
 *
 * @param systems identifier systems of issuers that are not URIs themselves
 */
export async function matchPatient(
  facts: PatientFacts,
  { store, baseUrl, systems }: { store: RecordStore; baseUrl: string; systems: ReadonlyMap<string, string> },
): Promise<PatientMatch> {
  if (facts.id === undefined) return { held: 'unknown-patient' };
  const system = facts.issuer === undefined ? undefined : systemOf(facts.issuer, systems);
  const value = escapeValue(facts.id);
  const identifier = system === undefined ? value : `${escapeValue(system)}|${value}`;
  const query = parseSearch(['Patient'], [['identifier', identifier]], { handling: 'strict', baseUrl });
  const { matches } = await store.evidence.search({ ...query, count: 10 });
  const people = matches
    .filter(({ json }) => json !== undefined)
    .map(({ id, json }) => ({ id, ...(JSON.parse(String(json)) as { birthDate?: string }) }));
  if (people.length === 0) return { held: 'unknown-patient' };
  const agreeing = people.filter(({ birthDate }) => agrees(birthDate, facts.birthDate, system === undefined));
  if (agreeing.length === 0) return { held: system === undefined ? 'ambiguous-patient' : 'birth-date-differs' };
  const [only] = agreeing;
  return only !== undefined && agreeing.length === 1 ? { patientId: only.id } : { held: 'ambiguous-patient' };
}

/** @param needed whether both must be known */
function agrees(one: string | undefined, other: string | undefined, needed: boolean): boolean {
  if (one === undefined || other === undefined) return !needed;
  const length = Math.min(one.length, other.length);
  return one.slice(0, length) === other.slice(0, length);
}

function systemOf(issuer: string, systems: ReadonlyMap<string, string>): string | undefined {
  const known = systems.get(issuer);
  if (known !== undefined) return known;
  if (/^[0-9]+(\.[0-9]+)+$/.test(issuer)) return `urn:oid:${issuer}`;
  return /^(?:urn|https?):/.test(issuer) ? issuer : undefined;
}

function escapeValue(text: string): string {
  return text.replace(/[\\,|$]/g, '\\$&');
}
