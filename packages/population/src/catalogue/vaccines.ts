import { atc, cvx, snomed, type Term } from '../concept.ts';
import { type Day, parseDay } from '../day.ts';
import type { Sex } from '../people/name.ts';

const vaccine = (codes: Term['codes'], en: string, zh: string): Term => ({ codes, en, zh });

/** Vaccines: CVX (CDC) where one product class has a code, ATC otherwise. */
export const VACCINES = {
  bcg: vaccine([cvx('19')], 'BCG vaccine', '卡介苗'),
  hepatitisB: vaccine([cvx('08')], 'Hepatitis B vaccine', '乙型肝炎疫苗'),
  dtapIpv: vaccine([cvx('130')], 'DTaP-IPV vaccine', '白喉、破傷風、無細胞型百日咳及滅活小兒麻痺混合疫苗'),
  dtapIpvReduced: vaccine(
    [atc('J07CA02', 'diphtheria-pertussis-poliomyelitis-tetanus')],
    'dTap-IPV vaccine (reduced dose)',
    '白喉（減量）、破傷風、無細胞型百日咳（減量）及滅活小兒麻痺混合疫苗',
  ),
  pneumococcal: vaccine([cvx('133')], 'Pneumococcal conjugate vaccine (13-valent)', '13價肺炎球菌結合疫苗'),
  mmr: vaccine([cvx('03')], 'MMR vaccine', '麻疹、流行性腮腺炎及德國麻疹混合疫苗'),
  varicella: vaccine([cvx('21')], 'Varicella vaccine', '水痘疫苗'),
  mmrv: vaccine([cvx('94')], 'MMRV vaccine', '麻疹、流行性腮腺炎、德國麻疹及水痘混合疫苗'),
  hpv9: vaccine([cvx('165')], 'HPV vaccine (9-valent)', '九價人類乳頭瘤病毒疫苗'),
  influenza: vaccine([cvx('150')], 'Quadrivalent inactivated influenza vaccine', '四價滅活季節性流感疫苗'),
  pneumococcal23: vaccine([cvx('33')], 'Pneumococcal polysaccharide vaccine (23-valent)', '23價肺炎球菌多醣疫苗'),
} as const satisfies Record<string, Term>;

export type VaccineKey = keyof typeof VACCINES;

/** SNOMED CT diseases for `Immunization.protocolApplied.targetDisease`. */
export const TARGETS: Record<VaccineKey, ReturnType<typeof snomed>> = {
  bcg: snomed('56717001', 'Tuberculosis'),
  hepatitisB: snomed('66071002', 'Viral hepatitis type B'),
  dtapIpv: snomed('27836007', 'Pertussis'),
  dtapIpvReduced: snomed('27836007', 'Pertussis'),
  pneumococcal: snomed('16814004', 'Pneumococcal infectious disease'),
  mmr: snomed('14189004', 'Measles'),
  varicella: snomed('38907003', 'Varicella'),
  mmrv: snomed('14189004', 'Measles'),
  hpv9: snomed('240532009', 'Human papillomavirus infection'),
  influenza: snomed('6142004', 'Influenza'),
  pneumococcal23: snomed('16814004', 'Pneumococcal infectious disease'),
};

/** One line of a schedule. */
export interface ScheduledDose {
  vaccine: VaccineKey;
  dose: number;
  /** Age in months. */
  months: number;
  where: 'hospital' | 'centre' | 'school';
  sex?: Sex;
  /** Births from this day on. */
  bornFrom?: Day;
  /** Births before this day. */
  bornBefore?: Day;
}

const varicellaCohort = parseDay('2013-01-01')!;
const earlyBoosterCohort = parseDay('2018-07-01')!;
const hpvCohort = parseDay('2009-01-01')!;

/**
 * The Hong Kong Childhood Immunisation Programme (Department of Health, Family Health Service, "Hong Kong Childhood
 * Immunisation Programme"), simplified to three cohorts: varicella for births from 2013; from July 2018 the second MMRV
 * moves from Primary 1 to eighteen months and the third pneumococcal dose is the booster at twelve months; HPV for girls
 * in Primary 5 and 6 since the school year 2019/20. Products before 2009 are written with today's names.
 */
export const CHILDHOOD_PROGRAMME: readonly ScheduledDose[] = [
  { vaccine: 'bcg', dose: 1, months: 0, where: 'hospital' },
  { vaccine: 'hepatitisB', dose: 1, months: 0, where: 'hospital' },
  { vaccine: 'hepatitisB', dose: 2, months: 1, where: 'centre' },
  { vaccine: 'dtapIpv', dose: 1, months: 2, where: 'centre' },
  { vaccine: 'pneumococcal', dose: 1, months: 2, where: 'centre' },
  { vaccine: 'dtapIpv', dose: 2, months: 4, where: 'centre' },
  { vaccine: 'pneumococcal', dose: 2, months: 4, where: 'centre' },
  { vaccine: 'dtapIpv', dose: 3, months: 6, where: 'centre' },
  { vaccine: 'hepatitisB', dose: 3, months: 6, where: 'centre' },
  { vaccine: 'pneumococcal', dose: 3, months: 6, where: 'centre', bornBefore: earlyBoosterCohort },
  { vaccine: 'mmr', dose: 1, months: 12, where: 'centre' },
  { vaccine: 'varicella', dose: 1, months: 12, where: 'centre', bornFrom: varicellaCohort },
  { vaccine: 'pneumococcal', dose: 4, months: 12, where: 'centre', bornBefore: earlyBoosterCohort },
  { vaccine: 'pneumococcal', dose: 3, months: 12, where: 'centre', bornFrom: earlyBoosterCohort },
  { vaccine: 'dtapIpv', dose: 4, months: 18, where: 'centre' },
  { vaccine: 'mmrv', dose: 2, months: 18, where: 'centre', bornFrom: earlyBoosterCohort },
  { vaccine: 'dtapIpv', dose: 5, months: 76, where: 'school' },
  { vaccine: 'mmrv', dose: 2, months: 76, where: 'school', bornFrom: varicellaCohort, bornBefore: earlyBoosterCohort },
  { vaccine: 'mmr', dose: 2, months: 76, where: 'school', bornBefore: varicellaCohort },
  { vaccine: 'hpv9', dose: 1, months: 126, where: 'school', sex: 'female', bornFrom: hpvCohort },
  { vaccine: 'dtapIpvReduced', dose: 6, months: 138, where: 'school' },
  { vaccine: 'hpv9', dose: 2, months: 138, where: 'school', sex: 'female', bornFrom: hpvCohort },
];
