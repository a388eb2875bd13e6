import type { Purpose } from './vocabulary.ts';

/**
 * Codes of http://terminology.hl7.org/CodeSystem/v3-ActReason below PurposeOfUse, by family. The code system puts HLEGAL
 * and PATADMIN below HOPERAT, and ETREAT and BTG below TREAT; here law and emergency are families of their own, because
 * they open other things.
 */
const FAMILIES: Readonly<Record<Exclude<Purpose, 'other'>, readonly string[]>> = {
  treatment: ['TREAT', 'CAREMGT', 'COC', 'CLINTRL', 'POPHLTH'],
  emergency: ['ETREAT', 'BTG', 'ERTREAT'],
  'patient-request': ['PATRQT', 'FAMRQT', 'PWATRNY', 'SUPNWK'],
  operations: ['HOPERAT', 'HSYSADMIN', 'PATADMIN', 'PATSFTY', 'HQUALIMP', 'HCOMPL', 'RECORDMGT', 'TRAIN'],
  payment: ['HPAYMT', 'CLMATTCH', 'COVAUTH', 'COVERAGE', 'ELIGDTRM', 'ELIGVER', 'ENROLLM', 'REMITADV'],
  'public-health': ['PUBHLTH', 'DISASTER', 'THREAT'],
  research: ['HRESCH', 'BIORCH', 'CLINTRCH', 'CLINTRCHNPC', 'CLINTRCHPC', 'PRECLINTRCH', 'PRSHRSRCH'],
  legal: ['HLEGAL'],
};

const FAMILY_OF: ReadonlyMap<string, Purpose> = new Map(
  Object.entries(FAMILIES).flatMap(([family, codes]) => codes.map((code) => [code, family as Purpose])),
);

/** The code system of purposes. */
export const PURPOSE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

/** The family of a purpose code; `other`, which opens nothing, for one that is not known. */
export function purposeOf(code: string): Purpose {
  return FAMILY_OF.get(code) ?? 'other';
}

/** Whether a purpose named in a consent covers the viewer's: the code itself, or the head of its family. */
export function purposeCovers(named: string, asked: string): boolean {
  if (named === asked) return true;
  if (named === 'TREAT') return ['treatment', 'emergency'].includes(purposeOf(asked));
  const family = purposeOf(named);
  return family !== 'other' && FAMILIES[family][0] === named && purposeOf(asked) === family;
}
