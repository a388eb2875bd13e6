/** A FHIR Reference as these builders write it. */
export interface Reference {
  reference: string;
  display?: string;
}

/** What everything written in one visit shares. Time and ids come from the caller. */
export interface VisitContext {
  patient: Reference;
  encounter: Reference;
  practitioner: Reference;
  /** FHIR dateTime of the visit. */
  at: string;
  /** A fresh id for each resource. */
  newId: () => string;
}

export interface Extension {
  url: string;
  extension?: Extension[];
  [value: string]: unknown;
}

const UCUM = 'http://unitsofmeasure.org';

/** A UCUM quantity; `unit` is what people read. */
export function quantity(value: number, code: string, unit = code) {
  return { value, unit, system: UCUM, code };
}
