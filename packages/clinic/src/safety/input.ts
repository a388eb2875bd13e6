/** An amount a day. Mass units are converted (g, mg, ug and the Chinese 克, 錢 are not guessed); others are not compared. */
export interface DailyDose {
  value: number;
  /** UCUM code: `g`, `mg`, `ug`. */
  unit: string;
}

/** A code in a system, as in FHIR. */
export interface ItemCode {
  system: string;
  code: string;
}

/** One herb or medicine in a formula or a combined product. */
export interface Ingredient {
  name?: string;
  codes?: readonly ItemCode[];
  perDay?: DailyDose;
}

/** How a Chinese medicine is taken. */
export type Preparation = 'decoction' | 'granules' | 'pill-or-powder';

/** Where a medicine acts: `local` (skin, eye, nose, inhaled) is left out of all checks but allergies. */
export type RouteKind = 'systemic' | 'local';

/** A medicine, herb or formula that the patient takes or is about to get. At least a name or a code is needed. */
export interface Item {
  /** Identifies the order or statement, such as `MedicationRequest/1`. */
  id: string;
  /** Free text in any script. */
  name?: string;
  codes?: readonly ItemCode[];
  /** What the item is made of; where given, the composition of a formula of that name is not looked up. */
  ingredients?: readonly Ingredient[];
  perDay?: DailyDose;
  route?: RouteKind;
  preparation?: Preparation;
  /** First and last day, `YYYY-MM-DD`, both inclusive; open where absent. */
  start?: string;
  end?: string;
}

/** A recorded allergy. */
export interface Allergy {
  name?: string;
  codes?: readonly ItemCode[];
}

/** Latest results that rules look at. */
export interface Results {
  /** mL/min/1.73 m². */
  egfr?: number;
  /** U/L. */
  alt?: number;
  /** Total bilirubin, umol/L. */
  bilirubin?: number;
  /** mmol/L. */
  potassium?: number;
}

/** What rules need to know of the patient; what is absent is unknown and sets off nothing. */
export interface PatientFacts {
  /** Whole years. */
  age?: number;
  sex?: 'female' | 'male';
  pregnant?: boolean;
  gestationWeeks?: number;
  breastfeeding?: boolean;
  allergies?: readonly Allergy[];
  /** Ids of `data/safety/problems.json`, such as `asthma`; others are ignored. */
  problems?: readonly string[];
  results?: Results;
}

/** Everything {@link checkSafety} looks at. */
export interface SafetyInput {
  items: readonly Item[];
  patient: PatientFacts;
  /** The day of the check, `YYYY-MM-DD`. */
  on: string;
}

/** More than this many items or allergies are refused with a {@link SafetyInputError}. */
export const MAX_ITEMS = 500;
/** More ingredients than this in one item are refused. */
export const MAX_INGREDIENTS = 100;
/** Longer names are cut before they are looked up. */
export const MAX_NAME_LENGTH = 300;

/** The input breaks a bound; the message says which. */
export class SafetyInputError extends Error {
  override readonly name = 'SafetyInputError';
}
