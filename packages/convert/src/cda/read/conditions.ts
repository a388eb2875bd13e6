import {
  ALLERGY_CATEGORY,
  ALLERGY_TYPE,
  CLINICAL_STATUS,
  CRITICALITY,
  GENDER,
  NO_KNOWN_ALLERGY,
  SEVERITY,
} from '../concept-maps.ts';
import type { XmlElement } from '../xml.ts';
import {
  authoredOn,
  identifierPart,
  isNegated,
  markStructure,
  notes,
  people,
  related,
  statements,
  statusOf,
  valueCode,
} from './common.ts';
import { beginning, type Concept, concept, dateTime, precedes, requiredConcept, text } from './datatypes.ts';
import type { Reading, Reference } from './reading.ts';

const SNOMED = 'http://snomed.info/sct';

/** A concern act gives its status to the observations within (C-CDA R2.1, 3.3 and 3.79). */
function concernStatus(concern: XmlElement | undefined): 'active' | 'inactive' | undefined {
  const status = concern && statusOf(concern);
  if (status === undefined) return undefined;
  return status === 'active' || status === 'new' ? 'active' : 'inactive';
}

function clinicalStatus(observation: XmlElement, concern: XmlElement | undefined, ended: boolean): string {
  // status observations: problem status (R1.1), allergy status (R1.1), and their R2.1 successors
  for (const status of related(observation, '22.4.6', '22.4.28', '22.4.5.1')) {
    const known = CLINICAL_STATUS[valueCode(status) ?? ''];
    // con-4: what has ended is not active
    if (known !== undefined && !(ended && ['active', 'recurrence', 'relapse'].includes(known))) return known;
  }
  return ended ? 'resolved' : (concernStatus(concern) ?? 'active');
}

function clinical(kind: 'condition' | 'allergyintolerance', code: string): unknown {
  return { coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}-clinical`, code }] };
}

function verification(kind: 'condition' | 'allergyintolerance', code: string): unknown {
  const system =
    kind === 'condition'
      ? 'http://terminology.hl7.org/CodeSystem/condition-ver-status'
      : 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';
  return { coding: [{ system, code }] };
}

export type ConditionKind = 'problem-list-item' | 'encounter-diagnosis' | 'health-concern';

/** A problem observation (C-CDA R2.1, 3.80; C-CDA on FHIR, "Problems"). */
export function readCondition(
  observation: XmlElement,
  concern: XmlElement | undefined,
  kind: ConditionKind,
  reading: Reading,
): Reference {
  const effective = observation.child('effectiveTime');
  const onset = beginning(effective, reading);
  const end = dateTime(effective?.child('high'), reading);
  const isEnded =
    effective?.child('high') !== undefined && effective.child('high')?.attributes.nullFlavor === undefined;
  const abatement = end !== undefined && onset !== undefined && precedes(end, onset) ? undefined : end;
  const authors = [observation, ...(concern ? [concern] : [])].flatMap((one) => people(one, 'author', reading));
  const isError = concern !== undefined && statusOf(concern) === 'nullified';
  markStructure(observation);
  const severity = related(observation, '22.4.8')[0];
  return reading.add({
    resourceType: 'Condition',
    ...identifierPart(observation),
    clinicalStatus: isError ? undefined : clinical('condition', clinicalStatus(observation, concern, isEnded)),
    verificationStatus: verification(
      'condition',
      isError ? 'entered-in-error' : isNegated(observation) ? 'refuted' : 'confirmed',
    ),
    category: [conditionCategory(kind)],
    severity: concept(severity?.child('value'), reading),
    code: requiredConcept(observation.child('value') ?? observation.child('code'), reading),
    bodySite: [concept(observation.child('targetSiteCode'), reading)],
    subject: reading.patient,
    onsetDateTime: onset,
    abatementDateTime: abatement,
    recordedDate: authoredOn(observation, reading) ?? (concern && authoredOn(concern, reading)),
    recorder: authors[0],
    note: notes(observation, reading),
  });
}

function conditionCategory(kind: ConditionKind): unknown {
  const system =
    kind === 'health-concern'
      ? 'http://hl7.org/fhir/us/core/CodeSystem/condition-category'
      : 'http://terminology.hl7.org/CodeSystem/condition-category';
  return { coding: [{ system, code: kind }] };
}

/** An allergy or intolerance observation (C-CDA R2.1, 3.4; C-CDA on FHIR, "Allergies"). */
export function readAllergy(observation: XmlElement, concern: XmlElement | undefined, reading: Reading): Reference {
  const value = observation.child('value');
  const kind = value?.attributes.code?.trim() ?? '';
  const kindConcept = concept(value, reading);
  const entity = observation.at('participant', 'participantRole', 'playingEntity');
  const substance = concept(entity?.child('code'), reading) ?? named(text(entity?.child('name'), reading));
  const effective = observation.child('effectiveTime');
  const isNone = isNegated(observation);
  const end = dateTime(effective?.child('high'), reading);
  const isError = concern !== undefined && statusOf(concern) === 'nullified';
  const criticality = CRITICALITY[valueCode(related(observation, '22.4.145')[0]) ?? ''];
  const authors = [observation, ...(concern ? [concern] : [])].flatMap((one) => people(one, 'author', reading));
  markStructure(observation);
  const absence = isNone && !substance ? NO_KNOWN_ALLERGY[kind] : undefined;
  const isRefuted = isNone && absence === undefined;
  return reading.add({
    resourceType: 'AllergyIntolerance',
    ...identifierPart(observation),
    clinicalStatus: isError
      ? undefined
      : clinical('allergyintolerance', allergyStatus(clinicalStatus(observation, concern, end !== undefined))),
    verificationStatus: verification(
      'allergyintolerance',
      isError ? 'entered-in-error' : isRefuted ? 'refuted' : 'confirmed',
    ),
    type: ALLERGY_TYPE[kind],
    category: [ALLERGY_CATEGORY[kind]],
    criticality,
    code: absence
      ? { coding: [{ system: SNOMED, code: absence[0], display: absence[1] }] }
      : (substance ?? kindConcept ?? requiredConcept(undefined, reading)),
    patient: reading.patient,
    onsetDateTime: beginning(effective, reading),
    recordedDate: authoredOn(observation, reading) ?? (concern && authoredOn(concern, reading)),
    recorder: authors[0],
    note: notes(observation, reading),
    reaction: reactions(observation, reading),
  });
}

/** Allergies know three of the six states of conditions. */
function allergyStatus(status: string): string {
  return status === 'inactive' || status === 'resolved' || status === 'active' ? status : 'active';
}

function named(name: string | undefined): Concept | undefined {
  return name === undefined ? undefined : { text: name };
}

function reactions(observation: XmlElement, reading: Reading): unknown[] {
  const severityOf = (element: XmlElement): string | undefined =>
    SEVERITY[valueCode(related(element, '22.4.8')[0]) ?? ''];
  const direct = severityOf(observation);
  return related(observation, '22.4.9').flatMap((reaction) => {
    const manifestation = concept(reaction.child('value'), reading);
    if (!manifestation) return [];
    markStructure(reaction);
    const onset = beginning(reaction.child('effectiveTime'), reading);
    const description = text(reaction.child('text'), reading);
    return [{ manifestation: [manifestation], severity: severityOf(reaction) ?? direct, onset, description }];
  });
}

/** Observations within a concern act that are problems, or allergies, by template or else by what the act is. */
export function observationsOf(concern: XmlElement): XmlElement[] {
  return statements(concern).filter(({ name }) => name === 'observation');
}

/** A family member with conditions, ages and death (C-CDA R2.1, 3.35 and 3.36). */
export function readFamilyMember(organizer: XmlElement, reading: Reading): Reference {
  const subject = organizer.at('subject', 'relatedSubject');
  const person = subject?.child('subject');
  const gender = person?.child('administrativeGenderCode');
  if (gender) gender.read = true;
  const conditions = statements(organizer).filter(({ name }) => name === 'observation');
  const deceased = person?.child('deceasedInd');
  if (deceased) deceased.read = true;
  const read = conditions.map((condition) => familyCondition(condition, reading));
  const died =
    deceased?.attributes.value === 'true' || read.some(({ contributedToDeath }) => contributedToDeath === true);
  return reading.add({
    resourceType: 'FamilyMemberHistory',
    ...identifierPart(organizer),
    status: statusOf(organizer) === 'completed' ? 'completed' : 'partial',
    patient: reading.patient,
    name: text(person?.child('name'), reading),
    relationship: requiredConcept(subject?.child('code'), reading),
    sex: gender?.attributes.code && {
      coding: [
        {
          system: 'http://hl7.org/fhir/administrative-gender',
          code: GENDER[gender.attributes.code] ?? 'unknown',
        },
      ],
    },
    bornDate: dateTime(person?.child('birthTime'), reading)?.slice(0, 10),
    deceasedBoolean: died ? true : undefined,
    condition: read,
  });
}

function familyCondition(observation: XmlElement, reading: Reading): Record<string, unknown> {
  markStructure(observation);
  const age = related(observation, '22.4.31')[0];
  const years = age?.child('value')?.attributes;
  const isAge = years?.value !== undefined && /^\d{1,3}$/.test(years.value);
  const ageValue = age?.child('value');
  if (age && ageValue && isAge) {
    markStructure(age);
    ageValue.read = true;
  }
  const death = related(observation, '22.4.47')[0];
  if (death) {
    markStructure(death);
    const cause = death.child('value');
    if (cause) cause.read = true;
  }
  const onset = beginning(observation.child('effectiveTime'), reading);
  const unit = years?.unit === undefined || years.unit === '1' ? 'a' : years.unit;
  return {
    code: requiredConcept(observation.child('value'), reading),
    contributedToDeath: death ? true : undefined,
    onsetAge: isAge
      ? { value: Number(years?.value), unit, system: 'http://unitsofmeasure.org', code: unit }
      : undefined,
    note: onset === undefined ? [] : [{ text: `Date: ${onset}` }],
  };
}
