/**
 * Codes of C-CDA and FHIR that mean the same, as published in the ConceptMaps of HL7's implementation guide "C-CDA on FHIR"
 * (names in brackets: CF is C-CDA to FHIR, FC the other way). Where a map has several targets, the one without loss for
 * records is chosen.
 */
type Codes = Readonly<Record<string, string>>;

/** A table without inherited names: a code such as `constructor` of a hostile source finds nothing in it. */
export function table<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, T>, entries));
}

/** CF-AddressUse. */
export const ADDRESS_USE: Codes = table({
  BAD: 'old',
  H: 'home',
  HP: 'home',
  HV: 'home',
  TMP: 'temp',
  WP: 'work',
  DIR: 'work',
  PUB: 'work',
});
/** CF-TelecomUse. */
export const TELECOM_USE: Codes = table({ ...ADDRESS_USE, AS: 'work', MC: 'mobile', PG: 'mobile' });
/** CF-TelecomType; fax: is the scheme that exports use most. */
export const TELECOM_SYSTEM: Codes = table({
  mailto: 'email',
  http: 'url',
  https: 'url',
  tel: 'phone',
  fax: 'fax',
  'x-text-fax': 'fax',
  sms: 'sms',
});
/** CF-AdministrativeGender; a nullFlavor reads as unknown. */
export const GENDER: Codes = table({ M: 'male', F: 'female', UN: 'other' });
/** CF-NameUse. */
export const NAME_USE: Codes = table({ A: 'nickname', C: 'official', L: 'usual', P: 'nickname' });
/** CF-AllergyIntoleranceCategory; a code that leaves the category open is absent. */
export const ALLERGY_CATEGORY: Codes = table({
  '235719002': 'food',
  '414285001': 'food',
  '418471000': 'food',
  '416098002': 'medication',
  '419511003': 'medication',
  '59037007': 'medication',
  '232347008': 'environment',
  '426232007': 'environment',
});
/** CF-AllergyIntoleranceType. */
export const ALLERGY_TYPE: Codes = table({
  '235719002': 'intolerance',
  '59037007': 'intolerance',
  '414285001': 'allergy',
  '416098002': 'allergy',
  '419199007': 'allergy',
  '232347008': 'allergy',
  '426232007': 'allergy',
});
/** CF-NoKnownAllergies: the finding of absence for a negated allergy of that type. */
export const NO_KNOWN_ALLERGY: Readonly<Record<string, readonly [code: string, display: string]>> = table({
  '414285001': ['429625007', 'No known food allergy'],
  '416098002': ['409137002', 'No known drug allergy'],
  '419199007': ['716186003', 'No known allergy'],
});
/** CF-AllergyStatus and CF-ProblemStatus. */
export const CLINICAL_STATUS: Codes = table({
  '413322009': 'resolved',
  '73425007': 'inactive',
  '55561003': 'active',
  '246455001': 'recurrence',
  '263855007': 'relapse',
  '277022003': 'remission',
});
/** CF-Criticality. */
export const CRITICALITY: Codes = table({ CRITH: 'high', CRITL: 'low', CRITU: 'unable-to-assess' });
/** CF-Severity; SNOMED CT has more steps than FHIR, which take the nearer one. */
export const SEVERITY: Codes = table({
  '255604002': 'mild',
  '371923003': 'mild',
  '6736007': 'moderate',
  '371924009': 'moderate',
  '24484000': 'severe',
  '399166001': 'severe',
});
/** CF-MedicationStatus. */
export const MEDICATION_STATUS: Codes = table({
  active: 'active',
  suspended: 'on-hold',
  aborted: 'stopped',
  completed: 'completed',
  nullified: 'entered-in-error',
});
/** CF-ImmunizationStatus. */
export const IMMUNIZATION_STATUS: Codes = table({
  aborted: 'not-done',
  cancelled: 'not-done',
  completed: 'completed',
  held: 'not-done',
  new: 'not-done',
  nullified: 'entered-in-error',
  obsolete: 'not-done',
  suspended: 'not-done',
});
/** CF-ProcedureStatus. */
export const PROCEDURE_STATUS: Codes = table({
  aborted: 'stopped',
  active: 'in-progress',
  cancelled: 'not-done',
  completed: 'completed',
  nullified: 'entered-in-error',
});
/** CF-ResultStatus and CF-ResultReportStatus (the same codes). */
export const RESULT_STATUS: Codes = table({
  aborted: 'cancelled',
  active: 'registered',
  cancelled: 'cancelled',
  completed: 'final',
  held: 'registered',
  suspended: 'registered',
  nullified: 'entered-in-error',
});
/** CF-EncounterStatus. */
export const ENCOUNTER_STATUS: Codes = table({
  aborted: 'unknown',
  active: 'in-progress',
  cancelled: 'cancelled',
  completed: 'finished',
  held: 'planned',
  new: 'unknown',
  suspended: 'onleave',
  nullified: 'entered-in-error',
});
/** Act status of a plan as request status (FHIR R4, RequestStatus). */
export const REQUEST_STATUS: Codes = table({
  active: 'active',
  new: 'draft',
  held: 'on-hold',
  suspended: 'on-hold',
  aborted: 'revoked',
  cancelled: 'revoked',
  completed: 'completed',
  nullified: 'entered-in-error',
});
/** CF-NullFlavorDataAbsentReason. */
export const ABSENT_REASON: Codes = table({
  NI: 'unknown',
  OTH: 'unsupported',
  NINF: 'negative-infinity',
  PINF: 'positive-infinity',
  MSK: 'masked',
  NA: 'not-applicable',
  UNK: 'unknown',
  ASKU: 'asked-unknown',
  NAV: 'temp-unknown',
  NASK: 'not-asked',
  TRC: 'unsupported',
  NP: 'unknown',
});

/** FC-DataAbsentReasonNullFlavor. */
export const NULL_FLAVOR: Codes = table({
  unknown: 'NI',
  'asked-unknown': 'ASKU',
  'temp-unknown': 'NAV',
  'not-asked': 'NASK',
  'asked-declined': 'UNK',
  masked: 'MSK',
  'not-applicable': 'NA',
  unsupported: 'NI',
  'as-text': 'OTH',
  error: 'NAV',
  'not-a-number': 'OTH',
  'negative-infinity': 'NINF',
  'positive-infinity': 'PINF',
  'not-performed': 'NASK',
  'not-permitted': 'OTH',
});

/** The first code that a map takes to each value: a map turned round. */
export function inverse(codes: Codes): Codes {
  return table(
    Object.fromEntries(
      Object.entries(codes)
        .reverse()
        .map(([from, to]) => [to, from]),
    ),
  );
}
