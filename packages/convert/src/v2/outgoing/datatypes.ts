import { sourceOf } from '../mapping/code-tables.ts';
import type { Json } from '../mapping/rules.ts';
import type { Field, Repetition } from '../message.ts';

/** The v2 code that a table of HL7's guide translates to this FHIR code; empty where none does. */
export function codeFor(table: string, code: unknown): string {
  return typeof code === 'string' ? (sourceOf(table, code) ?? '') : '';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function repetition(...parts: readonly (string | readonly string[])[]): Repetition {
  return parts.map((part) => (typeof part === 'string' ? [part] : part));
}

/** An authority (HD) from a FHIR system: a local name goes back as a namespace. */
function authority(system: unknown): readonly string[] {
  const uri = text(system);
  if (uri === '') return [''];
  if (uri.startsWith('urn:oid:')) return ['', uri.slice(8), 'ISO'];
  const local = /^urn:meridian:hl7v2:(?:authority|sender):(.*)$/.exec(uri)?.[1];
  if (local !== undefined) return [decodeURIComponent(local)];
  return ['', uri, 'URI'];
}

/** Identifier → CX. */
export function identifierField({ value, system, type }: Json): Field {
  if (text(value) === '') return [];
  const code = ((type as Json | undefined)?.coding as Json[] | undefined)?.[0]?.code;
  return [repetition(text(value), '', '', authority(system), text(code))];
}

/** HumanName → XPN. A name of only text goes out as family name, which is where receivers show it. */
export function nameField({ family, given, prefix, suffix, use, text: whole }: Json): Field {
  const [first = '', ...others] = (given as string[] | undefined) ?? [];
  const surname = text(family) || (first === '' ? text(whole) : '');
  if (surname === '' && first === '') return [];
  return [
    repetition(
      surname,
      first,
      others.join(' '),
      ((suffix as string[] | undefined) ?? []).join(' '),
      ((prefix as string[] | undefined) ?? []).join(' '),
      '',
      use === 'official' ? 'L' : codeFor('NameType', use),
    ),
  ];
}

/** Address → XAD. */
export function addressField({ line, city, district, state, postalCode, country, use }: Json): Field {
  const [first = '', ...others] = (line as string[] | undefined) ?? [];
  const parts = [text(city), text(state), text(postalCode), text(country)];
  if ([first, ...others, ...parts, text(district)].every((part) => part === '')) return [];
  const [town = '', province = '', post = '', land = ''] = parts;
  const kind = use === 'home' ? 'H' : use === 'work' ? 'B' : codeFor('AddressType[Use]', use);
  return [repetition(first, others.join(' '), town, province, post, land, kind, '', text(district))];
}

const EQUIPMENT: Readonly<Record<string, string>> = { phone: 'PH', fax: 'FX', pager: 'BP', email: 'Internet' };

/** ContactPoint → XTN: the number as it is written (XTN-12), the address of mail in XTN-4. */
export function telecomField({ system, value, use }: Json): Field {
  const number = text(value);
  if (number === '') return [];
  const isMail = system === 'email';
  const equipment = use === 'mobile' && system === 'phone' ? 'CP' : (EQUIPMENT[text(system)] ?? '');
  const purpose = isMail ? 'NET' : use === 'work' ? 'WPN' : use === 'home' ? 'PRN' : use === 'mobile' ? 'PRS' : '';
  const unformatted = isMail ? [] : ['', '', '', '', '', '', '', number];
  return [repetition('', purpose, equipment, isMail ? number : '', ...unformatted)];
}

/** Names of code systems in table 0396. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['http://loinc.org', 'LN'],
  ['http://snomed.info/sct', 'SCT'],
  ['http://unitsofmeasure.org', 'UCUM'],
  ['http://hl7.org/fhir/sid/icd-10', 'I10'],
  ['http://hl7.org/fhir/sid/cvx', 'CVX'],
  ['http://www.nlm.nih.gov/research/umls/rxnorm', 'RXNORM'],
]);

export function systemName(system: unknown): string {
  const uri = text(system);
  const table = /^http:\/\/terminology\.hl7\.org\/CodeSystem\/v2-(\d{4})$/.exec(uri)?.[1];
  if (table !== undefined) return `HL7${table}`;
  const local = /^urn:meridian:hl7v2:codes:(.*)$/.exec(uri)?.[1];
  return NAMES.get(uri) ?? (local === undefined ? uri : decodeURIComponent(local));
}

/** CodeableConcept → CWE: the first two codings, and the text. */
export function codedField(concept: unknown): Field {
  const { coding = [], text: original } = (concept ?? {}) as { coding?: Json[]; text?: string };
  const [first, second] = coding;
  if (!first && !original) return [];
  return [
    repetition(
      text(first?.code),
      text(first?.display),
      systemName(first?.system),
      text(second?.code),
      text(second?.display),
      systemName(second?.system),
      text(first?.version),
      text(second?.version),
      original ?? '',
    ),
  ];
}
