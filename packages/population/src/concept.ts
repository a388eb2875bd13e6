/** A code in a code system. */
export interface Code {
  system: string;
  code: string;
  display?: string;
}

/** FHIR R4 CodeableConcept as this package writes it. */
export interface CodeableConcept {
  coding?: Code[];
  text?: string;
}

/** FHIR R4 Reference. */
export interface Reference {
  reference: string;
  display?: string;
}

/** A term with its name in both languages. */
export interface Term {
  codes: readonly Code[];
  en: string;
  zh: string;
}

/** Code systems (FHIR R4, "Terminologies Systems"). */
export const SYSTEM = {
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  icd10: 'http://hl7.org/fhir/sid/icd-10',
  atc: 'http://www.whocc.no/atc',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  ucum: 'http://unitsofmeasure.org',
} as const;

/** The root of all identifier systems of the fictive region; `.example` is reserved (RFC 2606). */
export const REGION = 'https://region.example';

export const snomed = (code: string, display: string): Code => ({ system: SYSTEM.snomed, code, display });
export const loinc = (code: string, display: string): Code => ({ system: SYSTEM.loinc, code, display });
export const icd10 = (code: string): Code => ({ system: SYSTEM.icd10, code });
export const atc = (code: string, display: string): Code => ({ system: SYSTEM.atc, code, display });
export const cvx = (code: string): Code => ({ system: SYSTEM.cvx, code });

/** The concept of a term; its text carries both languages. */
export function conceptOf(term: Term): CodeableConcept {
  return { coding: [...term.codes], text: `${term.en} ${term.zh}` };
}

/** A concept with one code of an HL7 system (`http://terminology.hl7.org/CodeSystem/...`). */
export function hl7(system: string, code: string, display?: string): CodeableConcept {
  const coding: Code = { system: `http://terminology.hl7.org/CodeSystem/${system}`, code };
  if (display !== undefined) coding.display = display;
  return { coding: [coding] };
}

/** A UCUM quantity. */
export function quantity(value: number, unit: string, code = unit) {
  return { value, unit, system: SYSTEM.ucum, code };
}
