import type { Resource } from '@meridian/fhir';
import type { Icd11Code } from '../icd11.ts';
import { conceptOf } from '../profile/code-systems.ts';
import { PROFILE } from '../profile/url.ts';
import type { OUTCOMES } from '../terms/therapy.ts';
import type { Reference, VisitContext } from './context.ts';
import { conditionResource, type Diagnosis } from './diagnosis.ts';
import { examinationResources, type FourExaminations } from './examination.ts';
import { type Prescription, prescriptionResource } from './formula-prescription.ts';
import { type HandTreatment, procedureResource } from './procedure.ts';

/** One visit to a Chinese-medicine practitioner, as it is told. */
export interface TcmVisit extends VisitContext {
  examinations: FourExaminations;
  diagnosis: Diagnosis;
  /** A code of the table of principles, or the principle in words. */
  principle?: { code: string } | { text: string };
  prescriptions?: Prescription[];
  treatments?: HandTreatment[];
  /** How the problem has changed since the last visit. */
  outcome?: (typeof OUTCOMES)[number]['code'];
  /** Titles of ICD-11 codes, where WHO's table was loaded. */
  titles?: ReadonlyMap<string, Icd11Code>;
}

/**
 * The resources of a visit, each of its profile: the examinations, the Condition, prescriptions, treatments, the CarePlan
 * that holds them together, and the outcome. Patient, Encounter and Practitioner are the caller's.
 */
export function tcmVisit(visit: TcmVisit): Resource[] {
  const condition = conditionResource(visit.diagnosis, visit, visit.titles);
  const reason = referenceTo(condition);
  const prescriptions = (visit.prescriptions ?? []).map((one) => prescriptionResource(one, visit, [reason]));
  const treatments = (visit.treatments ?? []).map((one) => procedureResource(one, visit, [reason]));
  return [
    ...examinationResources(visit.examinations, visit),
    condition,
    ...prescriptions,
    ...treatments,
    ...(visit.principle ? [planResource(visit, visit.principle, reason, prescriptions.map(referenceTo))] : []),
    ...(visit.outcome ? [outcomeResource(visit, visit.outcome, reason)] : []),
  ];
}

function referenceTo({ resourceType, id }: Resource): Reference {
  return { reference: `${resourceType}/${id}` };
}

function planResource(
  { patient, encounter, practitioner, at, newId }: VisitContext,
  principle: NonNullable<TcmVisit['principle']>,
  reason: Reference,
  orders: Reference[],
): Resource {
  const code = 'code' in principle ? conceptOf('tcm-principle', principle.code) : principle;
  return {
    ...{ resourceType: 'CarePlan', id: newId(), meta: { profile: [PROFILE.plan] }, status: 'active', intent: 'plan' },
    ...{ subject: patient, encounter, created: at, author: practitioner, addresses: [reason] },
    activity: [
      { detail: { code, status: 'in-progress', reasonReference: [reason] } },
      ...orders.map((reference) => ({ reference })),
    ],
  };
}

function outcomeResource(
  { patient, encounter, practitioner, at, newId }: VisitContext,
  outcome: string,
  focus: Reference,
): Resource {
  return {
    ...{ resourceType: 'Observation', id: newId(), meta: { profile: [PROFILE.outcome] }, status: 'final' },
    code: conceptOf('tcm-observation', 'outcome'),
    ...{ subject: patient, focus: [focus], encounter, effectiveDateTime: at, performer: [practitioner] },
    valueCodeableConcept: conceptOf('tcm-outcome', outcome),
  };
}
