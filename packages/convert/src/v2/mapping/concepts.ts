import type { Cell } from './cell.ts';
import { codeFrom, translated } from './code-tables.ts';
import { localUri, type Source } from './source.ts';

export interface Coding {
  system?: string;
  version?: string;
  code?: string;
  display?: string;
}

export interface Concept {
  coding?: Coding[];
  text?: string;
}

/** Code systems by their names in HL7 table 0396. */
const SYSTEMS: Readonly<Record<string, string>> = {
  LN: 'http://loinc.org',
  LOINC: 'http://loinc.org',
  SCT: 'http://snomed.info/sct',
  SNM: 'http://snomed.info/sct',
  SNOMED: 'http://snomed.info/sct',
  UCUM: 'http://unitsofmeasure.org',
  I10: 'http://hl7.org/fhir/sid/icd-10',
  I10C: 'http://hl7.org/fhir/sid/icd-10-cm',
  I10P: 'http://www.cms.gov/Medicare/Coding/ICD10',
  ICD10: 'http://hl7.org/fhir/sid/icd-10',
  I9: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9C: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9M: 'http://hl7.org/fhir/sid/icd-9-cm',
  CVX: 'http://hl7.org/fhir/sid/cvx',
  MVX: 'http://hl7.org/fhir/sid/mvx',
  NDC: 'http://hl7.org/fhir/sid/ndc',
  RXNORM: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  RXN: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  C4: 'http://www.ama-assn.org/go/cpt',
  CPT: 'http://www.ama-assn.org/go/cpt',
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  MDC: 'urn:iso:std:iso:11073:10101',
  NCIT: 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl',
  CDCREC: 'urn:oid:2.16.840.1.113883.6.238',
  CDCPHINVS: 'urn:oid:2.16.840.1.114222.4.5.274',
  ISO3166_1: 'urn:iso:std:iso:3166',
  ATC: 'http://www.whocc.no/atc',
};

/** The URI of a code system of table 0396; `HL7nnnn` are HL7's own tables, others the sender's. */
export function codeSystemUri(name: string, source: Source): string {
  const known = source.systems[name] ?? SYSTEMS[name.toUpperCase()];
  if (known !== undefined) return known;
  const table = /^HL7(\d{4})$/.exec(name)?.[1];
  return table !== undefined ? `http://terminology.hl7.org/CodeSystem/v2-${table}` : localUri('codes', name);
}

/** Components of a CE, CWE or CNE: the code and the alternates, each with code, text, system and version. */
const PLACES = [
  [1, 2, 3, 7],
  [4, 5, 6, 8],
  [10, 11, 12, 13],
] as const;

function codingsOf(cell: Cell, table: string | undefined, source: Source): Coding[] {
  const codings: Coding[] = [];
  for (const [at, textAt, systemAt, versionAt] of PLACES) {
    const code = cell.text(at);
    if (code === '') continue;
    const system = cell.text(systemAt);
    const version = cell.text(versionAt);
    const display = cell.text(textAt);
    const standard = table !== undefined ? translated(table, code) : undefined;
    if (standard && !codings.some((coding) => coding.system === standard.system && coding.code === standard.code)) {
      codings.push({ ...standard, ...(display !== '' && standard.code === code && { display }) });
    }
    const own = {
      ...(system !== '' && { system: codeSystemUri(system, source) }),
      ...(version !== '' && { version }),
      code: code.replaceAll(/\s+/g, ' '),
      ...(display !== '' && { display }),
    };
    // what was sent stays beside its translation, unless it is the same
    const repeats = standard && standard.code === code && (system === '' || own.system === standard.system);
    if (!repeats) codings.push(own);
  }
  return codings;
}

/**
 * CE, CWE, CNE, CF, ID or IS → CodeableConcept: translated codes first, then those that were sent.
 *
 * @param table of HL7's v2-to-FHIR guide
 */
export function concept(table?: string): (cell: Cell, source: Source) => Concept | undefined {
  return (cell, source) => {
    const coding = codingsOf(cell, table, source);
    const original = cell.text(9) || (coding.length === 0 ? cell.text(2) : '');
    if (coding.length === 0 && original === '') return undefined;
    return { ...(coding.length > 0 && { coding }), ...(original !== '' && { text: original }) };
  };
}

/** The first coding of a concept. */
export function coding(table?: string): (cell: Cell, source: Source) => Coding | undefined {
  return (cell, source) => codingsOf(cell, table, source)[0];
}

/** CWE, ID or IS → code, where the table has one. */
export function code(table: string): (cell: Cell) => string | undefined {
  return (cell) => {
    const value = codeFrom(table, cell.peek(1));
    if (value !== undefined) {
      cell.take(1);
      // text and system of a code that a table knows say nothing more
      cell.take(2);
      cell.take(3);
    }
    return value;
  };
}

/** ID Y/N → boolean. */
export function yesNo(cell: Cell): boolean | undefined {
  const value = cell.peek(1).toUpperCase();
  if (value !== 'Y' && value !== 'N') return undefined;
  cell.take(1);
  return value === 'Y';
}

/** ST, TX, FT → string. */
export function text(cell: Cell): string | undefined {
  return cell.text(1) || undefined;
}

/** ST → CodeableConcept with text only. */
export function textConcept(cell: Cell): Concept | undefined {
  const value = cell.text(1);
  return value === '' ? undefined : { text: value };
}

/** The words of a coded field: its text, else its code. */
export function words(cell: Cell): string | undefined {
  const code = cell.text(1);
  return cell.text(2) || code || undefined;
}

/** Bibliographic codes of ISO 639-2 that differ from the terminological ones, which BCP 47 knows. */
const BIBLIOGRAPHIC: Readonly<Record<string, string>> = {
  alb: 'sq',
  arm: 'hy',
  baq: 'eu',
  bur: 'my',
  chi: 'zh',
  cze: 'cs',
  dut: 'nl',
  fre: 'fr',
  geo: 'ka',
  ger: 'de',
  gre: 'el',
  ice: 'is',
  mac: 'mk',
  may: 'ms',
  per: 'fa',
  rum: 'ro',
  slo: 'sk',
  tib: 'bo',
  wel: 'cy',
};
const LANGUAGES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** A language: FHIR asks for BCP 47, senders have ISO 639 in two or three letters, or words, which
 * are not carried over. */
export function language(cell: Cell): Concept | undefined {
  const sent = cell.peek(1);
  const [code] = /^[a-z]{2,3}(?:-[a-z\d]{2,8}){0,3}$/i.test(sent)
    ? Intl.getCanonicalLocales(BIBLIOGRAPHIC[sent.toLowerCase()] ?? sent)
    : [];
  if (code === undefined || LANGUAGES.of(code) === undefined) return undefined;
  cell.take(1);
  return { coding: [{ system: 'urn:ietf:bcp:47', code }], text: cell.text(2) || cell.text(5) || sent };
}
