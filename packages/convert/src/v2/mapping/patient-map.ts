import { code, concept, language, text, textConcept, yesNo } from './concepts.ts';
import { date, dateTime, instant } from './dates.ts';
import { identifier, numberOf, organization, practitioner } from './identifiers.ts';
import { address, humanName, nameText, telecom } from './people.ts';
import { extension, type Reading, type Rules, within, without } from './rules.ts';

const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/';
const US_SSN = 'http://hl7.org/fhir/sid/us-ssn';

/** A nested extension with one coded part. */
const codedPart = (name: string, part: string): Reading => {
  const read = extension(part, 'valueCodeableConcept', concept());
  return (cell, source) => {
    const inner = read(cell, source);
    return inner === undefined ? undefined : { url: `${STRUCTURE}${name}`, extension: [inner] };
  };
};

/** v2 has no extension of its own for race and ethnicity outside the realms; kept as they were sent. */
const localConcept = (name: string): Reading =>
  extension(`urn:meridian:hl7v2:${name}`, 'valueCodeableConcept', concept());

/** PID[Patient] of HL7's v2-to-FHIR guide. PID-18 belongs to the visit (assembly.ts), PID-21 to the mother. */
export const PID_PATIENT: Rules = [
  [3, 'identifier[]', identifier()],
  [2, 'identifier[]', identifier()],
  [4, 'identifier[]', identifier()],
  [19, 'identifier[]', numberOf('SS', US_SSN)],
  [20, 'identifier[]', identifier('DL')],
  [5, 'name[]', humanName],
  [9, 'name[]', humanName],
  [6, 'extension[]', extension(`${STRUCTURE}patient-mothersMaidenName`, 'valueString', nameText)],
  [7, 'birthDate', date],
  [8, 'gender', code('AdministrativeSex')],
  [10, 'extension[]', localConcept('race')],
  [11, 'address[]', address],
  [13, 'telecom[]', telecom('home')],
  [14, 'telecom[]', telecom('work')],
  [40, 'telecom[]', telecom()],
  [15, 'communication[]', within('language', language)],
  [16, 'maritalStatus', concept('MaritalStatus')],
  [17, 'extension[]', extension(`${STRUCTURE}patient-religion`, 'valueCodeableConcept', concept('Religion'))],
  [22, 'extension[]', localConcept('ethnic-group')],
  [23, 'extension[]', extension(`${STRUCTURE}patient-birthPlace`, 'valueAddress', within('text', text))],
  [
    25,
    'multipleBirthInteger',
    (cell) => (wholeNumber(cell.peek(1)) !== undefined ? wholeNumber(cell.text(1)) : undefined),
  ],
  [24, 'multipleBirthBoolean', yesNo, without(25)],
  [26, 'extension[]', codedPart('patient-citizenship', 'code')],
  [39, 'extension[]', codedPart('patient-citizenship', 'code')],
  [28, 'extension[]', codedPart('patient-nationality', 'code')],
  [29, 'deceasedDateTime', dateTime],
  [30, 'deceasedBoolean', yesNo, without(29)],
  [35, 'extension[]', codedPart('patient-animal', 'species')],
  [31, 'extension[]', extension('urn:meridian:hl7v2:identity-unknown', 'valueBoolean', yesNo)],
  [33, 'extension[]', extension('urn:meridian:hl7v2:last-update', 'valueDateTime', dateTime)],
];

/** PD1[Patient]. */
export const PD1_PATIENT: Rules = [
  [3, 'generalPractitioner[]', organization],
  [4, 'generalPractitioner[]', practitioner],
  [6, 'extension[]', extension(`${STRUCTURE}patient-disability`, 'valueCodeableConcept', concept())],
  [14, 'extension[]', extension(`${STRUCTURE}patient-congregation`, 'valueString', text)],
  [7, 'extension[]', extension('urn:meridian:hl7v2:living-will', 'valueCodeableConcept', concept('LivingWillCode'))],
  [11, 'extension[]', extension('urn:meridian:hl7v2:publicity', 'valueCodeableConcept', concept('PublicityCode'))],
  [12, 'extension[]', extension('urn:meridian:hl7v2:protection', 'valueBoolean', yesNo)],
];

/** NK1[RelatedPerson]. */
export const NK1_RELATED: Rules = [
  [2, 'name[]', humanName],
  [30, 'name[]', humanName],
  [3, 'relationship[]', concept('Relationship')],
  [7, 'relationship[]', concept('ContactRole')],
  [4, 'address[]', address],
  [32, 'address[]', address],
  [5, 'telecom[]', telecom('home')],
  [6, 'telecom[]', telecom('work')],
  [31, 'telecom[]', telecom()],
  [40, 'telecom[]', telecom()],
  [41, 'telecom[]', telecom()],
  [8, 'period.start', dateTime],
  [9, 'period.end', dateTime],
  [12, 'identifier[]', identifier()],
  [33, 'identifier[]', identifier()],
  [37, 'identifier[]', numberOf('SS', US_SSN)],
  [15, 'gender', code('AdministrativeSex')],
  [16, 'birthDate', date],
  [20, 'communication[]', within('language', language)],
];

/** GT1, which HL7's guide does not map: the guarantor is a RelatedPerson. */
export const GT1_RELATED: Rules = [
  [2, 'identifier[]', identifier()],
  [19, 'identifier[]', numberOf('SS', US_SSN)],
  [3, 'name[]', humanName],
  [5, 'address[]', address],
  [6, 'telecom[]', telecom('home')],
  [7, 'telecom[]', telecom('work')],
  [8, 'birthDate', date],
  [9, 'gender', code('AdministrativeSex')],
  [11, 'relationship[]', concept('Relationship')],
  [13, 'period.start', dateTime],
  [14, 'period.end', dateTime],
];

/** EVN[Provenance]. */
export const EVN_PROVENANCE: Rules = [
  [6, 'occurredDateTime', dateTime],
  [2, 'recorded', instant],
  [4, 'reason[]', concept('EventReason')],
];

/** AL1[AllergyIntolerance]. */
export const AL1_ALLERGY: Rules = [
  [3, 'code', concept()],
  [2, 'category[]', code('AllergenType[AllergyIntoleranceCategory]')],
  [2, 'type', code('AllergyType')],
  [4, 'criticality', code('AllergySeverity[AllergyIntolerance.criticality]')],
  [6, 'onsetDateTime', dateTime],
];

/** IAM[AllergyIntolerance]. */
export const IAM_ALLERGY: Rules = [
  [3, 'code', concept()],
  [2, 'category[]', code('AllergenType[AllergyIntoleranceCategory]')],
  [2, 'type', code('AllergyType')],
  [4, 'criticality', code('AllergySeverity[AllergyIntolerance.criticality]')],
  [11, 'onsetDateTime', dateTime],
  [12, 'onsetString', text, without(11)],
  [13, 'recordedDate', dateTime],
];

/** AL1-5 and IAM-5: what the reaction looked like. */
export const manifestation: Reading = textConcept;

export function wholeNumber(sent: string): number | undefined {
  return /^\d{1,9}$/.test(sent) ? Number(sent) : undefined;
}
