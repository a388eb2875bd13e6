import { table } from '../concept-maps.ts';
import type { XmlElement } from '../xml.ts';
import {
  readCoverage,
  readEncounter,
  readGoal,
  readInstruction,
  readNote,
  readPlan,
  readProcedure,
  readSupply,
} from './activities.ts';
import { hasTemplate, markStructure, statements } from './common.ts';
import { type ConditionKind, observationsOf, readAllergy, readCondition, readFamilyMember } from './conditions.ts';
import { readImmunization, readMedication } from './medications.ts';
import { type ObservationKind, readObservation, readOrganizer } from './observation.ts';
import type { Reading, Reference } from './reading.ts';

/** What a section holds, by its LOINC code (C-CDA R2.1, chapter 2). Entries without a known template go by it. */
export type SectionKind =
  | 'allergies'
  | 'encounters'
  | 'family'
  | 'functional'
  | 'goals'
  | 'immunizations'
  | 'medications'
  | 'plan'
  | 'problems'
  | 'concerns'
  | 'diagnoses'
  | 'procedures'
  | 'results'
  | 'social'
  | 'vitals'
  | 'other';

const SECTION_KINDS: Readonly<Record<string, SectionKind>> = table({
  '48765-2': 'allergies',
  '10160-0': 'medications',
  '10183-2': 'medications',
  '42346-7': 'medications',
  '75311-1': 'medications',
  '29549-3': 'medications',
  '11450-4': 'problems',
  '11348-0': 'problems',
  '75310-3': 'concerns',
  '46241-6': 'diagnoses',
  '42347-5': 'diagnoses',
  '11535-2': 'diagnoses',
  '78375-3': 'diagnoses',
  '51848-0': 'diagnoses',
  '47519-4': 'procedures',
  '30954-2': 'results',
  '8716-3': 'vitals',
  '11369-6': 'immunizations',
  '29762-2': 'social',
  '46240-8': 'encounters',
  '18776-5': 'plan',
  '10157-6': 'family',
  '47420-5': 'functional',
  '10190-7': 'functional',
  '61146-7': 'goals',
});

export function sectionKind(code: string | undefined): SectionKind {
  return SECTION_KINDS[code ?? ''] ?? 'other';
}

const OBSERVATION_KINDS: Readonly<Partial<Record<SectionKind, ObservationKind>>> = table({
  results: 'laboratory',
  vitals: 'vital-signs',
  social: 'social-history',
  functional: 'survey',
  procedures: 'procedure',
});

const CONDITION_KINDS: Readonly<Partial<Record<SectionKind, ConditionKind>>> = table({
  concerns: 'health-concern',
  diagnoses: 'encounter-diagnosis',
  encounters: 'encounter-diagnosis',
});

/**
 * The resources of one clinical statement, the main one first. The template decides; messy exports without templates go by
 * the kind of element, its mood and the section. None means: not understood, kept in the narrative and the original.
 */
export function readStatement(element: XmlElement, section: SectionKind, reading: Reading): Reference[] {
  const kind = OBSERVATION_KINDS[section];
  const condition = CONDITION_KINDS[section] ?? 'problem-list-item';
  if (hasTemplate(element, '22.4.202')) return [readNote(element, reading)];
  if (element.name === 'substanceAdministration') {
    const isVaccine = hasTemplate(element, '22.4.52', '22.4.120') || section === 'immunizations';
    if (isVaccine && element.attributes.moodCode === 'EVN') return [readImmunization(element, reading)];
    return readMedication(element, reading);
  }
  if (element.name === 'organizer') return readOrganizerEntry(element, section, reading);
  if (element.name === 'encounter')
    return element.attributes.moodCode === 'EVN' ? readEncounter(element, reading) : [readPlan(element, reading)];
  if (element.name === 'procedure')
    return [isEvent(element) ? readProcedure(element, reading) : readPlan(element, reading)];
  if (element.name === 'supply') return isEvent(element) ? readSupply(element, reading) : [readPlan(element, reading)];
  if (element.name === 'observation') return readObservationEntry(element, kind, condition, reading);
  return element.name === 'act' ? readAct(element, section, condition, reading) : [];
}

function isEvent(element: XmlElement): boolean {
  return (element.attributes.moodCode ?? 'EVN') === 'EVN';
}

function readObservationEntry(
  element: XmlElement,
  kind: ObservationKind | undefined,
  condition: ConditionKind,
  reading: Reading,
): Reference[] {
  if (element.attributes.moodCode === 'GOL') return [readGoal(element, reading)];
  if (!isEvent(element)) return [readPlan(element, reading)];
  if (hasTemplate(element, '22.4.7', '24.3.90')) return [readAllergy(element, undefined, reading)];
  if (hasTemplate(element, '22.4.4')) return [readCondition(element, undefined, condition, reading)];
  if (hasTemplate(element, '22.4.13')) return [readProcedure(element, reading)];
  return [readObservation(element, { kind }, reading), ...nested(element, 'other', reading)];
}

/** Entries of their own below another: readings of a scale and comments belong to it and are not taken twice. */
function nested(element: XmlElement, section: SectionKind, reading: Reading): Reference[] {
  return statements(element)
    .filter((one) => hasTemplate(one, '22.4.4', '22.4.2', '22.4.16', '22.4.14', '22.4.50', '22.4.7'))
    .flatMap((one) => readStatement(one, section, reading));
}

function readOrganizerEntry(element: XmlElement, section: SectionKind, reading: Reading): Reference[] {
  if (hasTemplate(element, '22.4.45') || section === 'family') return [readFamilyMember(element, reading)];
  if (hasTemplate(element, '22.4.1')) return readOrganizer(element, 'laboratory', reading);
  if (hasTemplate(element, '22.4.26')) return readOrganizer(element, 'vital-signs', reading);
  if (statements(element).every(({ name }) => name === 'observation' || name === 'organizer'))
    return readOrganizer(element, OBSERVATION_KINDS[section] ?? 'survey', reading);
  markStructure(element);
  return statements(element).flatMap((one) => readStatement(one, section, reading));
}

const CONCERNS = ['22.4.3', '22.4.132', '22.4.136'];
const DIAGNOSIS_ACTS = ['22.4.33', '22.4.34', '22.4.65', '22.4.51', '22.4.80'];
const DRUG_ACTS = ['22.4.35', '22.4.36'];

function readAct(element: XmlElement, section: SectionKind, condition: ConditionKind, reading: Reading): Reference[] {
  if (hasTemplate(element, '22.4.30') || (section === 'allergies' && isEvent(element))) {
    markStructure(element);
    return observationsOf(element).map((one) => readAllergy(one, element, reading));
  }
  const isDiagnosis = hasTemplate(element, ...DIAGNOSIS_ACTS) || section === 'diagnoses';
  if (hasTemplate(element, ...CONCERNS) || isDiagnosis || section === 'problems') {
    markStructure(element);
    const kind = hasTemplate(element, ...DIAGNOSIS_ACTS) ? 'encounter-diagnosis' : condition;
    const observations = observationsOf(element);
    return observations.map((one) =>
      hasTemplate(one, '22.4.7', '24.3.90')
        ? readAllergy(one, element, reading)
        : readCondition(one, element, kind, reading),
    );
  }
  if (hasTemplate(element, ...DRUG_ACTS)) {
    markStructure(element);
    return statements(element).flatMap((one) => readStatement(one, 'medications', reading));
  }
  if (hasTemplate(element, '22.4.60')) return readCoverage(element, reading);
  if (hasTemplate(element, '22.4.20')) return [readInstruction(element, reading)];
  if (hasTemplate(element, '22.4.12')) return [readProcedure(element, reading)];
  if (!isEvent(element))
    return [
      readPlan(element, reading),
      ...statements(element).flatMap((one) =>
        hasTemplate(one, '22.4.20', '22.4.64') ? [] : readStatement(one, section, reading),
      ),
    ];
  if (section === 'procedures') return [readProcedure(element, reading)];
  const within = statements(element).filter((one) => !hasTemplate(one, '22.4.64'));
  if (within.length > 0) markStructure(element);
  return within.flatMap((one) => readStatement(one, section, reading));
}
