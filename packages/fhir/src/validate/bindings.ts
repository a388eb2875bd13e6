import { definitions } from '../definitions.ts';
import { systemsBySyntax } from '../terminology/syntax.ts';
import { isObject, type Walk } from './walk.ts';

/** A check of one value against a required binding; the value has the right form already. */
export type BindingCheck = (value: unknown, walk: Walk) => void;

/** Bound value sets that are a whole code system known by its syntax. */
const wholeSystems: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': 'urn:ietf:bcp:13',
  'http://hl7.org/fhir/ValueSet/all-languages': 'urn:ietf:bcp:47',
  'http://hl7.org/fhir/ValueSet/currencies': 'urn:iso:std:iso:4217',
  'http://hl7.org/fhir/ValueSet/ucum-units': 'http://unitsofmeasure.org',
};

/**
 * The check for a value set that is bound as required to an element of type code, Coding, CodeableConcept, Quantity, uri
 * or string; undefined where the codes of the value set are not known here (LOINC answer lists).
 */
export function bindingCheck(valueSet: string, type: string): BindingCheck | undefined {
  const contains = membership(valueSet);
  if (!contains) return undefined;
  const sentence = `Use a code of the value set ${valueSet}, which is required here.`;
  if (type === 'CodeableConcept') return (value, walk) => checkConcept(value, contains, sentence, walk);
  if (type === 'Coding' || type === 'Quantity') {
    return (value, walk) => {
      if (isObject(value) && !holdsCode(value, contains)) walk.error('code-invalid', sentence);
    };
  }
  return (value, walk) => {
    if (!contains(undefined, value as string)) walk.error('code-invalid', sentence);
  };
}

/** Whether a code is in the value set. A `code` element has no system: any system of the value set may hold it. */
type Membership = (system: string | undefined, code: string) => boolean;

const memberships = new Map<string, Membership | undefined>();

function membership(valueSet: string): Membership | undefined {
  if (!memberships.has(valueSet)) memberships.set(valueSet, buildMembership(valueSet));
  return memberships.get(valueSet);
}

function buildMembership(valueSet: string): Membership | undefined {
  const whole = wholeSystems[valueSet];
  const matches = whole === undefined ? undefined : systemsBySyntax.get(whole);
  if (matches) return (system, code) => (system === undefined || system === whole) && matches(code);
  const listed = definitions().valueSets[valueSet];
  if (!listed) return undefined;
  const bySystem = new Map(Object.entries(listed).map(([system, codes]) => [system, new Set(codes)]));
  const all = new Set(Object.values(listed).flat());
  return (system, code) => (system === undefined ? all.has(code) : (bySystem.get(system)?.has(code) ?? false));
}

/** R4, Terminologies, "required": one of the codings must come from the value set; text alone is not enough. */
function checkConcept(value: unknown, contains: Membership, sentence: string, walk: Walk): void {
  if (!isObject(value)) return;
  const codings = Array.isArray(value.coding) ? value.coding : [];
  for (const coding of codings) if (isObject(coding) && holdsCode(coding, contains)) return;
  // A concept that only says why there is no code (data-absent-reason) carries extensions and nothing else.
  if (codings.length === 0 && value.text === undefined && value.extension !== undefined) return;
  walk.error('code-invalid', sentence);
}

function holdsCode(coding: Record<string, unknown>, contains: Membership): boolean {
  return typeof coding.code === 'string' && typeof coding.system === 'string' && contains(coding.system, coding.code);
}
