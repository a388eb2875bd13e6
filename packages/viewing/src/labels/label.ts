import { LABEL } from '@meridian/records';

/**
 * Labels that decide who may look: confidentiality (v3-Confidentiality), sensitivity (v3-ActCode) and "removed by the
 * patient". `normal` is carried by every record and has no bit.
 */
export const LABELS = [
  'normal',
  'restricted',
  'very-restricted',
  'substance-use',
  'mental-health',
  'hiv',
  'sexual-health',
  'genetics',
  'violence',
  'removed',
] as const;
export type Label = (typeof LABELS)[number];

/** The bit of each label in the store's mask. */
export const LABEL_BITS: Readonly<Record<Label, number>> = {
  normal: 0,
  restricted: LABEL.restricted,
  'very-restricted': LABEL.veryRestricted,
  'substance-use': LABEL.substanceUse,
  'mental-health': LABEL.mentalHealth,
  hiv: LABEL.hiv,
  'sexual-health': LABEL.sexualHealth,
  genetics: LABEL.genetics,
  violence: LABEL.violence,
  removed: LABEL.removed,
};

/** The labels in a mask. */
export function labelsIn(mask: number): Label[] {
  return LABELS.filter((label) => (mask & LABEL_BITS[label]) !== 0);
}
