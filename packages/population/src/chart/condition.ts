import type { Resource } from '@meridian/fhir';
import { PROBLEMS, type ProblemKey } from '../catalogue/problems.ts';
import { conceptOf, hl7, type Reference } from '../concept.ts';
import { type Day, isoDate } from '../day.ts';
import { referenceTo } from './chart.ts';
import type { Visit } from './visit.ts';

/** How a condition stands. */
export interface Course {
  /** When it began; the day of the visit unless said. */
  onset?: Day;
  /** When it was over; a chronic problem has none. */
  abatement?: Day;
  /** On the problem list, where it is followed for years. */
  chronic?: boolean;
}

/** Records a diagnosis made, or first recorded, in a visit. */
export function diagnose(visit: Visit, key: ProblemKey, course: Course = {}): Resource {
  const over = course.abatement !== undefined;
  const condition = visit.add('Condition', {
    clinicalStatus: hl7('condition-clinical', over ? 'resolved' : 'active'),
    verificationStatus: hl7('condition-ver-status', 'confirmed'),
    category: [hl7('condition-category', course.chronic === true ? 'problem-list-item' : 'encounter-diagnosis')],
    code: conceptOf(PROBLEMS[key]),
    ...visit.context,
    onsetDateTime: isoDate(course.onset ?? visit.day),
    ...(course.abatement === undefined ? {} : { abatementDateTime: isoDate(course.abatement) }),
    recordedDate: isoDate(visit.day),
    recorder: visit.clinician,
  });
  visit.concerns(referenceTo(condition));
  return condition;
}

/** Ends a condition written before: resolved, or in remission (con-4 allows an abatement with both). */
export function endCondition(condition: Resource, day: Day, status: 'resolved' | 'remission' = 'resolved'): void {
  condition.clinicalStatus = hl7('condition-clinical', status);
  condition.abatementDateTime = isoDate(day);
}

/** A reference to a condition with its name. */
export function conditionReference(condition: Resource, key: ProblemKey): Reference {
  return { ...referenceTo(condition), display: PROBLEMS[key].en };
}
