import { clinicalRules } from './clinical.ts';
import { dataTypeRules, elementDefinitionRules } from './data-types.ts';
import { definitionalRules, questionnaireRules, structureDefinitionRules } from './definitional.ts';
import { exchangeRules, testingRules } from './exchange.ts';
import type { Rule } from './rule.ts';

/**
 * Every published invariant of the R4 base types as a function, by key. An expression that has no answer (FHIRPath's
 * empty) does not count as broken. A test runs each against the published FHIRPath.
 */
export const nativeInvariants: Readonly<Record<string, Rule>> = {
  ...dataTypeRules,
  ...elementDefinitionRules,
  ...clinicalRules,
  ...exchangeRules,
  ...testingRules,
  ...definitionalRules,
  ...questionnaireRules,
  ...structureDefinitionRules,
};
