import type { Sex } from '../people/name.ts';

/** Micromoles per litre of creatinine in one milligram per decilitre. */
const UMOL_PER_MG_DL = 88.4;

/**
 * Estimated glomerular filtration rate in mL/min/1.73 m² by the CKD-EPI 2021 creatinine equation, which takes no account
 * of race: 142 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^-1.200 × 0.9938^age × 1.012 if female; κ 0.7 and α -0.241 for women, 0.9
 * and -0.302 for men (Inker et al., N Engl J Med 2021; 385:1737-49). For adults only.
 *
 * Powers are the one operation here whose last bit may differ between JavaScript engines; whatever is written from them is
 * rounded to whole numbers first.
 *
 * @param creatinine serum creatinine in µmol/L.
 * @param age completed years.
 */
export function ckdEpi2021(creatinine: number, age: number, sex: Sex): number {
  const { kappa, alpha, factor } = constants(sex);
  const ratio = creatinine / UMOL_PER_MG_DL / kappa;
  return 142 * Math.min(ratio, 1) ** alpha * Math.max(ratio, 1) ** -1.2 * 0.9938 ** age * factor;
}

/** The creatinine in µmol/L that {@link ckdEpi2021} turns into the given rate: its inverse. */
export function creatinineFor(rate: number, age: number, sex: Sex): number {
  const { kappa, alpha, factor } = constants(sex);
  const share = rate / (142 * 0.9938 ** age * factor);
  const ratio = share >= 1 ? share ** (1 / alpha) : share ** (1 / -1.2);
  return ratio * kappa * UMOL_PER_MG_DL;
}

function constants(sex: Sex) {
  return sex === 'female' ? { kappa: 0.7, alpha: -0.241, factor: 1.012 } : { kappa: 0.9, alpha: -0.302, factor: 1 };
}
