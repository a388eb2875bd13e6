/** The root of the URLs of our profiles; `.example` is reserved (RFC 2606), so that a deployment can claim no other's name. */
export const ROOT = 'https://meridian.example/fhir';

/** The version of profiles, value sets and code systems. */
export const PROFILES_VERSION = '0.1.0';

export const profileUrl = (id: string): string => `${ROOT}/StructureDefinition/${id}`;
export const valueSetUrl = (id: string): string => `${ROOT}/ValueSet/${id}`;
export const codeSystemUrl = (id: string): string => `${ROOT}/CodeSystem/${id}`;

/** Our profiles by what they describe. */
export const PROFILE = {
  inspection: profileUrl('tcm-inspection'),
  listeningSmelling: profileUrl('tcm-listening-smelling'),
  inquiry: profileUrl('tcm-inquiry'),
  palpation: profileUrl('tcm-palpation'),
  outcome: profileUrl('tcm-outcome'),
  condition: profileUrl('tcm-condition'),
  plan: profileUrl('tcm-treatment-plan'),
  formula: profileUrl('tcm-formula'),
  prescription: profileUrl('tcm-formula-prescription'),
  procedure: profileUrl('tcm-procedure'),
} as const;

/** Our extensions. */
export const EXTENSION = {
  herbRole: profileUrl('tcm-herb-role'),
  handling: profileUrl('tcm-handling'),
  granuleEquivalence: profileUrl('tcm-granule-equivalence'),
  decoction: profileUrl('tcm-decoction'),
  pulseDepth: profileUrl('tcm-pulse-depth'),
  treatedPoint: profileUrl('tcm-treated-point'),
} as const;
