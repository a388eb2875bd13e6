import { LABEL, type LabelRules } from '@meridian/records';

const ICD10 = 'http://hl7.org/fhir/sid/icd-10';
const ICD10_CM = 'http://hl7.org/fhir/sid/icd-10-cm';
const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';

/**
 * Chapters and categories of ICD-10 (World Health Organization, 10th revision), used for ICD-10-CM as well.
 *
 * - F10 to F19: mental and behavioural disorders due to psychoactive substance use. F17 (tobacco) is left out: 42 CFR 2.11
 *   leaves tobacco out of "substance use disorder".
 * - F20 to F99 and F00 to F09 are the rest of chapter V; only F20 to F69 and F90 to F99 are labelled: dementia, intellectual
 *   disability and disorders of development are what everybody who cares for somebody has to know.
 * - B20 to B24: HIV disease; Z21: asymptomatic HIV infection; R75: laboratory evidence of HIV; Z11.4: screening.
 * - A50 to A64: infections with a predominantly sexual mode of transmission.
 * - T74: maltreatment syndromes; Y05: sexual assault by bodily force; Y06, Y07: neglect and other maltreatment.
 */
const DIAGNOSES: readonly (readonly [prefixes: readonly string[], mask: number])[] = [
  [['F10', 'F11', 'F12', 'F13', 'F14', 'F15', 'F16', 'F18', 'F19'], LABEL.substanceUse],
  [['F2', 'F3', 'F4', 'F5', 'F6', 'F9'], LABEL.mentalHealth],
  [['B20', 'B21', 'B22', 'B23', 'B24', 'Z21', 'R75', 'Z11.4'], LABEL.hiv],
  [['A5', 'A60', 'A61', 'A62', 'A63', 'A64'], LABEL.sexualHealth],
  [['T74', 'Y05', 'Y06', 'Y07'], LABEL.violence],
];

/** SNOMED CT concepts that stand for a whole kind; their descendants are not known without the terminology. */
const CONCEPTS: readonly (readonly [code: string, mask: number])[] = [
  // Human immunodeficiency virus infection
  ['86406008', LABEL.hiv],
  // Acquired immune deficiency syndrome
  ['62479008', LABEL.hiv],
  // Sexually transmitted infectious disease
  ['8098009', LABEL.sexualHealth],
  // Drug dependence
  ['191816009', LABEL.substanceUse],
  // Alcohol dependence
  ['66590003', LABEL.substanceUse],
  // Schizophrenia
  ['58214004', LABEL.mentalHealth],
  // Victim of intimate partner abuse
  ['706893006', LABEL.violence],
];

/** LOINC: HIV tests (antibody, antigen and antibody, RNA). */
const TESTS: readonly (readonly [code: string, mask: number])[] = [
  // HIV 1 Ab [Presence] in Serum, Plasma or Blood; HIV 1+2 Ab [Presence] in Serum or Plasma
  ['7917-8', LABEL.hiv],
  ['31201-7', LABEL.hiv],
  // HIV 1+2 Ab and HIV1 p24 Ag [Identifier] and [Presence] in Serum or Plasma
  ['56888-1', LABEL.hiv],
  // HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA
  ['20447-9', LABEL.hiv],
  ['25836-8', LABEL.hiv],
];

/**
 * Codes that label every record in which they stand. They cover what the sources above name and no more: a list to start
 * from, to be extended by the installation; labels can also be set by authors and patients.
 */
export const LABEL_RULES: LabelRules = [
  ...DIAGNOSES.flatMap(([prefixes, mask]) =>
    prefixes.flatMap((prefix) => [ICD10, ICD10_CM].map((system) => ({ system, prefix, mask }))),
  ),
  ...CONCEPTS.map(([code, mask]) => ({ system: SNOMED, code, mask })),
  ...TESTS.map(([code, mask]) => ({ system: LOINC, code, mask })),
];
