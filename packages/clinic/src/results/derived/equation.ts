import type { Sex } from '../measurement.ts';
import type { Words } from '../words.ts';

/** What an equation may ask beside the measured values. */
export interface Circumstances {
  /** Whole years, as the equations were fitted. A number where the equation needs it, otherwise perhaps NaN. */
  age: number;
  /** Present where the equation needs it. */
  sex: Sex | undefined;
  pregnant: boolean;
  /** What a clinician has stated; nothing here is guessed. */
  stated: StatedFacts;
  /** Upper reference limits of the inputs, in the unit of the input. */
  upperLimits: Readonly<Record<string, number>>;
}

/** Facts for scores that numbers alone do not give. */
export interface StatedFacts {
  /** MELD and Child-Pugh are for known cirrhosis and are left out otherwise. */
  cirrhosis?: boolean;
  ascites?: 'none' | 'slight' | 'moderate';
  encephalopathy?: 'none' | 'grade-1-2' | 'grade-3-4';
  /** At least two dialyses, or 24 h of continuous dialysis, within the last week. */
  dialysis?: boolean;
  /** mmHg; 760 at sea level when left out. */
  barometricPressure?: number;
}

/** One input of a equation. */
export interface EquationInput {
  /** Analyte keys; the first that is present serves. */
  analyte: string | readonly string[];
  /** UCUM unit in which the equation takes it. */
  unit: string;
}

/** An equation with its source and the limits within which it holds. */
export interface Equation<K extends string = string> {
  key: string;
  name: Words;
  /** UCUM. */
  unit: string;
  digits: number;
  /** LOINC code of the result, where one fits exactly. */
  loinc?: string;
  /** The equation as text, in the units of the inputs. */
  expression: string;
  /** Citation. */
  source: string;
  needs?: readonly ('age' | 'sex')[];
  inputs: Readonly<Record<K, EquationInput>>;
  /** False: not meant for this patient or these values; the equation stays silent. */
  applies?: (values: Record<K, number>, who: Circumstances) => boolean;
  /** A sentence if the values lie where the equation does not hold: no result is given then. */
  refuses?: (values: Record<K, number>, who: Circumstances) => string | undefined;
  /** Sentences that must stand beside the result. */
  cautions?: (values: Record<K, number>, who: Circumstances) => string[];
  compute: (values: Record<K, number>, who: Circumstances) => number;
}

/** Lets the compiler check a equation against the names of its inputs, and forgets them for the list. */
export function equation<K extends string>(definition: Equation<K>): Equation {
  return definition;
}

/** One text in the three scripts; Simplified is written out, since terms differ and not only characters. */
export function words(en: string, hant: string, hans: string): Words {
  return { en, 'zh-Hant': hant, 'zh-Hans': hans };
}

/** A sentence for the ages that an equation was not made for. */
export function adultsOnly(_values: unknown, who: Circumstances): string | undefined {
  return who.age < 18 ? 'The equation was made for adults of 18 years and more.' : undefined;
}
