import { CONFIDENTIALITY, labelsOf as labelsOfResource, type Rule } from '@meridian/records';
import { LABEL_BITS } from '../labels/label.ts';
import { anyOf, labelsOf, notOf } from '../rules/combine.ts';
import { type NamedCode, securedAs } from '../rules/filters.ts';

const RESTRICTED = LABEL_BITS.restricted;
const VERY_RESTRICTED = LABEL_BITS['very-restricted'];
/** Bits that stand for a kind of content. R, V and codes that label as R only are looked for as written. */
const SENSITIVITIES = ~(RESTRICTED | VERY_RESTRICTED);

/**
 * Records that carry one of the labels a provision names. Confidentiality is ordered (U, L, M, N, R, V): a Yes to `R`
 * opens up to R, as a clearance does (HL7 Healthcare Privacy and Security Classification System); a No to `R` closes
 * from R upwards. Sensitivities are kinds, not steps. Codes without a label of their own are looked for in
 * `meta.security` as they are.
 */
export function labelledAs(types: readonly string[], codes: readonly NamedCode[], type: 'permit' | 'deny'): Rule {
  return anyOf(...codes.map((code) => labelRule(types, code, type)));
}

function labelRule(types: readonly string[], { system, code }: NamedCode, type: 'permit' | 'deny'): Rule {
  const coding = system === undefined ? { code } : { system, code };
  if (system === CONFIDENTIALITY) {
    const rule = type === 'permit' ? upTo(code) : from(code);
    if (rule) return rule;
  }
  const mask = labelsOfResource({ resourceType: 'Basic', meta: { security: [coding] } }, []) & SENSITIVITIES;
  return mask === 0 ? securedAs(types, [coding]) : labelsOf(mask);
}

function upTo(code: string): Rule | undefined {
  switch (code) {
    case 'N':
      return notOf(labelsOf(RESTRICTED | VERY_RESTRICTED));
    case 'R':
      return notOf(labelsOf(VERY_RESTRICTED));
    case 'V':
      return { kind: 'always' };
    default:
      return undefined;
  }
}

function from(code: string): Rule | undefined {
  switch (code) {
    case 'N':
      return { kind: 'always' };
    case 'R':
      return labelsOf(RESTRICTED | VERY_RESTRICTED);
    case 'V':
      return labelsOf(VERY_RESTRICTED);
    default:
      return undefined;
  }
}
