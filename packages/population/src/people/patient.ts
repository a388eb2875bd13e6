import type { Resource } from '@meridian/fhir';
import { hl7, REGION, type Reference } from '../concept.ts';
import { type Day, isoDate } from '../day.ts';
import { uuidOf } from '../identity.ts';
import { chineseText, humanNames } from './name.ts';
import type { Household, Part, Person } from './person.ts';

/** HL7 v3 RoleCode of one who is `part` to a child. */
const RELATIONSHIPS: Partial<Record<Part, { code: string; display: string }>> = {
  mother: { code: 'MTH', display: 'mother' },
  father: { code: 'FTH', display: 'father' },
};

/** The identifier of the identity card, whose number is fictive (see `hkid.ts`). */
function hkidOf(person: Person) {
  return {
    use: 'official',
    type: { ...hl7('v2-0203', 'NI', 'National unique individual identifier'), text: 'HKID 香港身份證' },
    system: `${REGION}/hkid`,
    value: person.hkid,
  };
}

/** A reference to the Patient of a person. */
export function patientReference(person: Person): Reference {
  return { reference: `Patient/${person.id}` };
}

/** The parents of a child within its household. */
export function parentsOf(person: Person, household: Household): Person[] {
  if (person.part !== 'child') return [];
  return household.members.filter((member) => member.part in RELATIONSHIPS);
}

/** The children of a mother or father. */
export function childrenOf(person: Person, household: Household): Person[] {
  return person.part in RELATIONSHIPS ? household.members.filter((member) => member.part === 'child') : [];
}

function relatedId(seed: number, child: Person, parent: Person): string {
  return uuidOf(`${seed}/related/${child.index}/${parent.index}`);
}

/** The Patient resource. */
export function patientResource(
  seed: number,
  person: Person,
  household: Household,
  death: Day | undefined,
  clinic: Reference,
  doctor: Reference,
): Resource {
  const chinese = person.origin === 'chinese';
  const patient: Resource = {
    resourceType: 'Patient',
    id: person.id,
    identifier: [
      hkidOf(person),
      {
        use: 'usual',
        type: { ...hl7('v2-0203', 'MR', 'Medical record number'), text: 'Record number 病歷號碼' },
        system: `${REGION}/record-number`,
        value: `MR${String(person.index + 1).padStart(8, '0')}`,
      },
    ],
    active: true,
    name: humanNames(person.name),
    telecom: [{ system: 'phone', value: person.telephone, use: 'mobile' }],
    gender: person.sex,
    birthDate: isoDate(person.birth),
    address: person.address,
    maritalStatus: maritalStatus(person),
    communication: [
      { language: language(chinese ? 'zh-HK' : 'en'), preferred: true },
      ...(chinese ? [{ language: language('en') }] : []),
    ],
    generalPractitioner: [doctor],
    managingOrganization: clinic,
  };
  if (death !== undefined) patient.deceasedDateTime = isoDate(death);
  const links = childrenOf(person, household).map((child) => ({
    other: { reference: `RelatedPerson/${relatedId(seed, child, person)}` },
    type: 'seealso',
  }));
  if (links.length > 0) patient.link = links;
  return patient;
}

/**
 * The child's parents as RelatedPersons in the child's record. A parent's own Patient links to them as `seealso` (FHIR
 * R4, Patient, "Linking Patients"), and the identity card number is the same.
 */
export function relatedPersons(seed: number, child: Person, household: Household): Resource[] {
  return parentsOf(child, household).map((parent) => {
    const relationship = RELATIONSHIPS[parent.part]!;
    return {
      resourceType: 'RelatedPerson',
      id: relatedId(seed, child, parent),
      identifier: [hkidOf(parent)],
      active: true,
      patient: { ...patientReference(child), display: chineseText(child.name) },
      relationship: [hl7('v3-RoleCode', relationship.code, relationship.display)],
      name: humanNames(parent.name),
      telecom: [{ system: 'phone', value: parent.telephone, use: 'mobile' }],
      gender: parent.sex,
      birthDate: isoDate(parent.birth),
      address: parent.address,
    };
  });
}

function language(code: string) {
  return { coding: [{ system: 'urn:ietf:bcp:47', code }] };
}

function maritalStatus(person: Person) {
  if (person.married) return hl7('v3-MaritalStatus', 'M', 'Married');
  return person.part === 'grandmother'
    ? hl7('v3-MaritalStatus', 'W', 'Widowed')
    : hl7('v3-MaritalStatus', 'S', 'Never Married');
}
