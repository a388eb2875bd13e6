import { useLingui } from '@lingui/react/macro';
import type { Flag } from './summary.ts';

/** What the types of FHIR are called outside of FHIR. */
export function useKindNames(): (type: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    AllergyIntolerance: t`Allergy`,
    Appointment: t`Appointment`,
    CarePlan: t`Care plan`,
    Composition: t`Document`,
    Condition: t`Diagnosis`,
    Consent: t`Consent`,
    Coverage: t`Insurance`,
    DiagnosticReport: t`Report`,
    DocumentReference: t`Note or document`,
    Encounter: t`Visit`,
    FamilyMemberHistory: t`Family history`,
    Flag: t`Alert`,
    Goal: t`Goal`,
    ImagingStudy: t`Images`,
    Immunization: t`Vaccination`,
    MedicationAdministration: t`Medicine given`,
    MedicationDispense: t`Medicine handed out`,
    MedicationRequest: t`Prescription`,
    MedicationStatement: t`Medicine taken`,
    Observation: t`Result`,
    Patient: t`Person`,
    Procedure: t`Procedure`,
    QuestionnaireResponse: t`Answers to questions`,
    RelatedPerson: t`Related person`,
    ServiceRequest: t`Order`,
  };
  return (type) => names[type] ?? type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
}

/** What a flag says in a word. */
export function useFlagNames(): Readonly<Record<Flag, string>> {
  const { t } = useLingui();
  return { high: t`High`, low: t`Low`, critical: t`Critical`, abnormal: t`Not normal` };
}
