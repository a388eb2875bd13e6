import type { Resource } from '@meridian/fhir';
import { ICD11_BUILT_IN, ICD11_SYSTEM, type Icd11Code, icd11Kind } from '../icd11.ts';
import { PROFILE } from '../profile/url.ts';
import type { VisitContext } from './context.ts';
import { isObject, objectsOf, textOf } from './json.ts';

/** A code in a system, such as SNOMED CT or ICD-10. */
export interface WesternCode {
  system: string;
  code: string;
  display?: string;
}

/**
 * One problem as both medicines name it: a Chinese-medicine disorder, one or more patterns (codes of ICD-11 chapter 26
 * module I), and the Western diagnosis of the same problem where there is one.
 */
export interface Diagnosis {
  disorder?: string;
  patterns: string[];
  western?: WesternCode[];
  /** How the problem is called in the record. */
  text: string;
}

const HL7 = 'http://terminology.hl7.org/CodeSystem';

/**
 * A Condition of our profile. `titles` gives the titles of codes: the built-in ones unless WHO's table was loaded. Throws a
 * RangeError for a code that `titles` does not know.
 */
export function conditionResource(
  { disorder, patterns, western = [], text }: Diagnosis,
  context: VisitContext,
  titles: ReadonlyMap<string, Icd11Code> = ICD11_BUILT_IN,
): Resource {
  const { patient, encounter, practitioner, at, newId } = context;
  const own = [...(disorder === undefined ? [] : [disorder]), ...patterns].map((code) => {
    const known = titles.get(code);
    if (!known) throw new RangeError("Load WHO's table for codes of ICD-11 that are not built in.");
    return { system: ICD11_SYSTEM, code, display: known.title };
  });
  return {
    ...{ resourceType: 'Condition', id: newId(), meta: { profile: [PROFILE.condition] } },
    clinicalStatus: { coding: [{ system: `${HL7}/condition-clinical`, code: 'active' }] },
    verificationStatus: { coding: [{ system: `${HL7}/condition-ver-status`, code: 'confirmed' }] },
    category: [{ coding: [{ system: `${HL7}/condition-category`, code: 'encounter-diagnosis' }] }],
    code: { coding: [...western, ...own], text },
    ...{ subject: patient, encounter, recordedDate: at, recorder: practitioner },
  };
}

/** Reads disorder, patterns and Western diagnosis back; undefined when the Condition has no code of module I. */
export function readDiagnosis(condition: Resource): Diagnosis | undefined {
  if (condition.resourceType !== 'Condition' || !isObject(condition.code)) return undefined;
  const codings = objectsOf(condition.code.coding);
  const own = codings.filter(({ system }) => system === ICD11_SYSTEM).flatMap(({ code }) => textOf(code) ?? []);
  const disorder = own.find((code) => icd11Kind(code) === 'disorder');
  const patterns = own.filter((code) => icd11Kind(code) === 'pattern');
  if (disorder === undefined && patterns.length === 0) return undefined;
  const western = codings.filter(({ system }) => system !== ICD11_SYSTEM).flatMap(readWestern);
  return {
    ...(disorder === undefined ? {} : { disorder }),
    patterns,
    ...(western.length === 0 ? {} : { western }),
    text: textOf(condition.code.text) ?? '',
  };
}

function readWestern({ system, code, display }: Record<string, unknown>): WesternCode[] {
  const [inSystem, value, shown] = [textOf(system), textOf(code), textOf(display)];
  if (inSystem === undefined || value === undefined) return [];
  return [{ system: inSystem, code: value, ...(shown === undefined ? {} : { display: shown }) }];
}
