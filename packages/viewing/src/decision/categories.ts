import type { Category } from './vocabulary.ts';

/**
 * Which kind of record a FHIR R4 type is. What is not listed is `clinical`, the kind that is guarded best; so are types
 * that may hold anything (Basic, Binary, Bundle, List, Parameters).
 */
const LISTED: Readonly<Record<Exclude<Category, 'clinical'>, string>> = {
  demographic: 'Patient Person RelatedPerson',
  consent: 'Consent Contract',
  audit: 'AuditEvent',
  financial: `Account ChargeItem Claim ClaimResponse Coverage CoverageEligibilityRequest CoverageEligibilityResponse
    EnrollmentRequest EnrollmentResponse ExplanationOfBenefit Invoice PaymentNotice PaymentReconciliation`,
  administrative:
    'Appointment AppointmentResponse EpisodeOfCare Schedule Slot Subscription SupplyDelivery SupplyRequest',
  directory: `Endpoint HealthcareService InsurancePlan Location Organization OrganizationAffiliation Practitioner
    PractitionerRole VerificationResult`,
  definitional: `ActivityDefinition BiologicallyDerivedProduct CapabilityStatement CatalogEntry ChargeItemDefinition
    CodeSystem CompartmentDefinition ConceptMap DeviceDefinition EffectEvidenceSynthesis EventDefinition Evidence
    EvidenceVariable ExampleScenario GraphDefinition ImplementationGuide Library Measure Medication MedicationKnowledge
    MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication
    MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
    MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition NamingSystem ObservationDefinition
    OperationDefinition PlanDefinition Questionnaire ResearchDefinition ResearchElementDefinition RiskEvidenceSynthesis
    SearchParameter SpecimenDefinition StructureDefinition StructureMap Substance SubstanceNucleicAcid SubstancePolymer
    SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification TerminologyCapabilities
    TestReport TestScript ValueSet`,
};

const CATEGORY_OF: ReadonlyMap<string, Category> = new Map(
  Object.entries(LISTED).flatMap(([category, types]) =>
    types.split(/\s+/).map((type) => [type, category as Category] as const),
  ),
);

/** The kind of record that a FHIR type is. */
export function categoryOf(type: string): Category {
  return CATEGORY_OF.get(type) ?? 'clinical';
}

/** The types listed above, for the test that compares them with FHIR's. */
export function listedTypes(): string[] {
  return [...CATEGORY_OF.keys()];
}
