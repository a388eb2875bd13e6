import type {
  AllergyIntolerance,
  Composition,
  Condition,
  FhirResource,
  MedicationRequest,
  Observation,
  Provenance,
} from 'fhir/r4';

/** What can be amended here; all else is amended by whoever's system wrote it. */
export type Amendable = AllergyIntolerance | Composition | Condition | MedicationRequest | Observation;

/** How a record is put right, by type. */
export type Amendment =
  | 'resolved'
  | 'active'
  | 'stopped'
  | 'on-hold'
  | 'value'
  | 'sections'
  | 'refuted'
  | 'entered-in-error';

const CHOICES: Readonly<Record<Amendable['resourceType'], readonly Amendment[]>> = {
  Condition: ['resolved', 'active', 'refuted', 'entered-in-error'],
  AllergyIntolerance: ['refuted', 'active', 'entered-in-error'],
  MedicationRequest: ['stopped', 'on-hold', 'active', 'entered-in-error'],
  Observation: ['value', 'entered-in-error'],
  Composition: ['sections', 'entered-in-error'],
};

export function isAmendable(resource: FhirResource): resource is Amendable {
  return Object.hasOwn(CHOICES, resource.resourceType) && choicesFor(resource as Amendable).length > 0;
}

/** What may be done with the record as it stands. */
export function choicesFor(resource: Amendable): Amendment[] {
  return CHOICES[resource.resourceType].filter((choice) => {
    if (choice === 'value') return resource.resourceType === 'Observation' && resource.valueQuantity !== undefined;
    return choice !== stateOf(resource);
  });
}

function stateOf(resource: Amendable): string | undefined {
  if (resource.resourceType === 'Condition' || resource.resourceType === 'AllergyIntolerance') {
    const sure = resource.verificationStatus?.coding?.[0]?.code;
    if (sure === 'refuted' || sure === 'entered-in-error') return sure;
    return resource.clinicalStatus?.coding?.[0]?.code;
  }
  return resource.status;
}

const HL7 = 'http://terminology.hl7.org/CodeSystem/';

/** What the reader typed for an amendment: the new value of a result, the new texts of sections. */
export interface NewContent {
  value?: number;
  /** XHTML of each section, in order. */
  sections?: readonly string[];
}

/** The record as it is to stand. A status says that it was amended, as the standard of its type has it. */
export function amended(resource: Amendable, amendment: Amendment, content: NewContent, reason: string): Amendable {
  switch (resource.resourceType) {
    case 'Condition':
    case 'AllergyIntolerance':
      return withStatus(resource, amendment);
    case 'MedicationRequest': {
      const status = amendment as MedicationRequest['status'];
      return { ...resource, status, statusReason: { text: reason } };
    }
    case 'Observation': {
      if (amendment === 'entered-in-error') return { ...resource, status: 'entered-in-error' };
      const { interpretation: _old, ...rest } = resource;
      const valueQuantity = { ...resource.valueQuantity, value: content.value ?? resource.valueQuantity?.value ?? 0 };
      // the old reading of the old value must not stand beside the new one
      return { ...rest, status: 'corrected', valueQuantity };
    }
    case 'Composition': {
      if (amendment === 'entered-in-error') return { ...resource, status: 'entered-in-error' };
      const section = (resource.section ?? []).map((one, index) => {
        const div = content.sections?.[index];
        return div === undefined ? one : { ...one, text: { status: 'additional' as const, div } };
      });
      return { ...resource, status: 'amended', section };
    }
  }
}

/** Clinical status must be absent where the entry is an error (FHIR R4, con-5 and ait-2). */
function withStatus<T extends Condition | AllergyIntolerance>(resource: T, amendment: Amendment): T {
  const type = resource.resourceType === 'Condition' ? 'condition' : 'allergyintolerance';
  const clinical = (code: string) => ({ coding: [{ system: `${HL7}${type}-clinical`, code }] });
  const system = `${HL7}${resource.resourceType === 'Condition' ? 'condition-ver-status' : 'allergyintolerance-verification'}`;
  const sure = (code: string) => ({ coding: [{ system, code }] });
  if (amendment === 'entered-in-error') {
    const { clinicalStatus: _gone, ...rest } = resource;
    return { ...rest, verificationStatus: sure('entered-in-error') } as T;
  }
  if (amendment === 'refuted') {
    return { ...resource, clinicalStatus: clinical('inactive'), verificationStatus: sure('refuted') };
  }
  return { ...resource, clinicalStatus: clinical(amendment), verificationStatus: sure('confirmed') };
}

/**
 * Who amended what, when and why (FHIR R4, Provenance). The patient is a target too: by that the server knows whose record
 * it belongs to.
 */
export function provenanceOf(
  target: { type: string; id: string; patientId: string },
  { by, reason, at }: { by: { reference: string; display: string }; reason: string; at: string },
): Provenance {
  return {
    resourceType: 'Provenance',
    target: [{ reference: `${target.type}/${target.id}` }, { reference: `Patient/${target.patientId}` }],
    recorded: at,
    activity: {
      coding: [{ system: `${HL7}v3-DataOperation`, code: 'UPDATE', display: 'revise' }],
    },
    reason: [{ text: reason }],
    agent: [
      {
        type: { coding: [{ system: `${HL7}provenance-participant-type`, code: 'author', display: 'Author' }] },
        who: by,
      },
    ],
  };
}
