import { table } from '../cda/concept-maps.ts';
import {
  DOCUMENT_ATTESTER,
  DOCUMENT_CONTEXT,
  DOCUMENT_FORMAT,
  DOCUMENT_IDENTIFIER,
  DOCUMENT_RELATION,
} from './document-rules.ts';
import {
  ENCOUNTER_CLASS,
  ENCOUNTER_DIAGNOSIS,
  ENCOUNTER_REASON,
  ENCOUNTER_STATUS_DOWN,
  ENCOUNTER_STATUS_UP,
  HOSPITALIZATION,
  SERVICE_TYPE,
} from './encounter-rules.ts';
import { DOSAGE, doseNumber, IMMUNIZATION_SOURCE, REASON, REPORTED, STATEMENT_STATUS } from './medication-rules.ts';
import {
  codeableChoice,
  codeableReferences,
  codes,
  codeToConcept,
  extend,
  fields,
  list,
  only,
  put,
  type Rule,
  rename,
  single,
  take,
  within,
} from './rule.ts';

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** Recorder and asserter of R4 are participants in R5, as author and informant (their mappings to FiveWs). */
const PARTICIPANTS: Rule = {
  up({ from, to }) {
    const participant = [
      ['author', take(from, 'recorder')] as const,
      ['informant', take(from, 'asserter')] as const,
    ].flatMap(([code, actor]) =>
      actor === undefined ? [] : [{ function: { coding: [{ system: PARTICIPATION, code }] }, actor }],
    );
    put(to, 'participant', [...participant, ...list(take(from, 'participant'))]);
  },
  down(step) {
    for (const { function: role, actor } of list(take(step.from, 'participant'))) {
      const code = list(fields(role)?.coding)[0]?.code;
      const name = code === 'author' ? 'recorder' : code === 'informant' ? 'asserter' : undefined;
      if (name !== undefined && step.to[name] === undefined) put(step.to, name, actor);
      else step.dropped('participant', 'R4 has one recorder and one asserter only');
    }
  },
};

const ORGANIZATION_CONTACT: Rule = {
  up({ from, to }) {
    const own = list(take(from, 'contact')).map(({ name, ...rest }) => ({
      ...rest,
      ...(name === undefined ? {} : { name: [name] }),
    }));
    const telecom = take(from, 'telecom');
    const addresses = list(take(from, 'address'));
    const plain = [
      ...(telecom === undefined && addresses.length === 0
        ? []
        : [{ ...(telecom === undefined ? {} : { telecom }), ...(addresses[0] && { address: addresses[0] }) }]),
      ...addresses.slice(1).map((address) => ({ address })),
    ];
    put(to, 'contact', [...plain, ...own]);
  },
  down(step) {
    const contacts = list(take(step.from, 'contact'));
    // without purpose and name it is how to reach the organisation itself
    const plain = contacts.filter(({ purpose, name }) => purpose === undefined && name === undefined);
    const own = contacts.filter((contact) => !plain.includes(contact));
    put(
      step.to,
      'telecom',
      plain.flatMap(({ telecom }) => list(telecom)),
    );
    put(
      step.to,
      'address',
      plain.flatMap(({ address }) => (address === undefined ? [] : [address])),
    );
    put(
      step.to,
      'contact',
      own.map(({ name, organization: _o, period: _p, ...rest }) => ({
        ...rest,
        ...(list(name)[0] && { name: list(name)[0] }),
      })),
    );
    if (
      contacts.some(
        ({ organization, period, name }) => organization !== undefined || period !== undefined || list(name).length > 1,
      )
    )
      step.dropped('contact', 'R4 contacts have one name, and no organization or period');
  },
};

const PRACTITIONER_LANGUAGE: Rule = {
  up({ from, to }) {
    put(
      to,
      'communication',
      list(take(from, 'communication')).map((language) => ({ language })),
    );
  },
  down(step) {
    const spoken = list(take(step.from, 'communication'));
    put(
      step.to,
      'communication',
      spoken.flatMap(({ language }) => (language === undefined ? [] : [language])),
    );
    if (spoken.some(({ preferred }) => preferred !== undefined))
      step.dropped('communication.preferred', 'R4 has no place for it');
  },
};

/** A reference that is a CodeableReference in R5. */
function referenceToCodeable(old: string, now = old): Rule {
  return {
    up({ from, to }) {
      const reference = take(from, old);
      if (reference !== undefined) put(to, now, { reference });
    },
    down(step) {
      const value = fields(take(step.from, now));
      put(step.to, old, value?.reference);
      if (value?.concept !== undefined) extend(step, '5.0', now, 'CodeableConcept', value.concept);
    },
  };
}

/** Concepts that are CodeableReferences in R5. */
const MANIFESTATIONS: Rule = {
  up({ from, to }) {
    put(
      to,
      'manifestation',
      list(take(from, 'manifestation')).map((concept) => ({ concept })),
    );
  },
  down(step) {
    const values = list(take(step.from, 'manifestation'));
    put(
      step.to,
      'manifestation',
      values.map(({ concept }) => concept ?? { text: 'Stated as a reference in R5' }),
    );
    for (const { reference } of values)
      if (reference !== undefined) extend(step, '5.0', 'manifestation', 'Reference', reference);
  },
};

const CONDITION_EVIDENCE: Rule = {
  up({ from, to }) {
    // a CodeableReference holds both, so that a code stays with its detail
    const evidence = list(take(from, 'evidence')).flatMap(({ code, detail }) => {
      const [concepts, references] = [list(code), list(detail)];
      return Array.from({ length: Math.max(concepts.length, references.length) }, (_, index) => ({
        ...(concepts[index] && { concept: concepts[index] }),
        ...(references[index] && { reference: references[index] }),
      }));
    });
    put(to, 'evidence', evidence);
  },
  down({ from, to }) {
    const evidence = list(take(from, 'evidence')).map(({ concept, reference }) => ({
      ...(concept === undefined ? {} : { code: [concept] }),
      ...(reference === undefined ? {} : { detail: [reference] }),
    }));
    put(to, 'evidence', evidence);
  },
};

/**
 * How the types of R4 (4.0.1) and R5 (5.0.0) correspond, as the "R4 - R5 conversion" pages and maps of the R5
 * specification state it. What no rule names is the same in both.
 */
export const RULES: Readonly<Record<string, readonly Rule[]>> = table({
  Patient: [],
  Practitioner: [
    PRACTITIONER_LANGUAGE,
    only('5.0', 'deceasedBoolean', 'Boolean', false),
    only('5.0', 'deceasedDateTime', 'DateTime', false),
  ],
  Organization: [ORGANIZATION_CONTACT, only('5.0', 'description', 'Markdown', false), only('5.0', 'qualification')],
  Observation: [
    only('5.0', 'instantiatesCanonical', 'Canonical', false),
    only('5.0', 'instantiatesReference', 'Reference', false),
    only('5.0', 'triggeredBy'),
    only('5.0', 'bodyStructure', 'Reference', false),
    only('5.0', 'valueAttachment', 'Attachment', false),
    only('5.0', 'valueReference', 'Reference', false),
    within('referenceRange', only('5.0', 'normalValue', 'CodeableConcept', false)),
  ],
  Condition: [PARTICIPANTS, CONDITION_EVIDENCE],
  AllergyIntolerance: [
    PARTICIPANTS,
    codeToConcept('type', 'http://hl7.org/fhir/allergy-intolerance-type'),
    within('reaction', MANIFESTATIONS),
  ],
  Encounter: [
    codes('status', ENCOUNTER_STATUS_UP, ENCOUNTER_STATUS_DOWN),
    ENCOUNTER_CLASS,
    SERVICE_TYPE,
    rename('period', 'actualPeriod'),
    ENCOUNTER_REASON,
    ENCOUNTER_DIAGNOSIS,
    HOSPITALIZATION,
    within('participant', rename('individual', 'actor')),
    within('location', rename('physicalType', 'form')),
    only('4.0', 'statusHistory'),
    only('4.0', 'classHistory'),
    only('5.0', 'subjectStatus', 'CodeableConcept', false),
    only('5.0', 'careTeam', 'Reference'),
    only('5.0', 'plannedStartDate', 'DateTime', false),
    only('5.0', 'plannedEndDate', 'DateTime', false),
    only('5.0', 'virtualService'),
  ],
  Procedure: [
    ...['DateTime', 'Period', 'String', 'Age', 'Range'].map((type) => rename(`performed${type}`, `occurrence${type}`)),
    only('5.0', 'occurrenceTiming', 'Timing', false),
    REASON,
    codeableReferences('usedCode', 'usedReference', 'used'),
    codeableReferences('complication', 'complicationDetail', 'complication'),
    single('category', 'category', 'CodeableConcept'),
    only('4.0', 'asserter', 'Reference', false),
    only('5.0', 'focus', 'Reference', false),
    only('5.0', 'recorded', 'DateTime', false),
    only('5.0', 'reportedBoolean', 'Boolean', false),
    only('5.0', 'reportedReference', 'Reference', false),
    only('5.0', 'supportingInfo', 'Reference'),
  ],
  MedicationRequest: [
    codes('status', {}, { ended: 'completed' }),
    codeableChoice('medication'),
    REASON,
    REPORTED,
    single('performer', 'performer', 'Reference'),
    within('dosageInstruction', ...DOSAGE),
    within('dispenseRequest', rename('performer', 'dispenser'), only('5.0', 'dispenserInstruction', 'Annotation')),
    only('4.0', 'instantiatesCanonical', 'Canonical'),
    only('4.0', 'instantiatesUri', 'Uri'),
    only('4.0', 'detectedIssue', 'Reference'),
    only('5.0', 'statusChanged', 'DateTime', false),
    only('5.0', 'renderedDosageInstruction', 'Markdown', false),
    only('5.0', 'effectiveDosePeriod', 'Period', false),
    only('5.0', 'device'),
  ],
  MedicationStatement: [
    STATEMENT_STATUS,
    codeableChoice('medication'),
    REASON,
    rename('context', 'encounter'),
    single('category', 'category', 'CodeableConcept'),
    single('informationSource', 'informationSource', 'Reference'),
    within('dosage', ...DOSAGE),
    only('4.0', 'basedOn', 'Reference'),
    only('4.0', 'statusReason', 'CodeableConcept'),
    only('5.0', 'renderedDosageInstruction', 'Markdown', false),
    only('5.0', 'relatedClinicalInformation', 'Reference'),
  ],
  Immunization: [
    REASON,
    IMMUNIZATION_SOURCE,
    referenceToCodeable('manufacturer'),
    within('reaction', referenceToCodeable('detail', 'manifestation')),
    within('protocolApplied', doseNumber('doseNumber'), doseNumber('seriesDoses')),
    only('4.0', 'recorded', 'DateTime', false),
    only('4.0', 'education'),
    only('4.0', 'programEligibility', 'CodeableConcept'),
    only('5.0', 'basedOn', 'Reference'),
    only('5.0', 'administeredProduct'),
    only('5.0', 'supportingInformation', 'Reference'),
  ],
  DiagnosticReport: [
    rename('imagingStudy', 'study'),
    only('5.0', 'note', 'Annotation'),
    only('5.0', 'supportingInfo'),
    only('5.0', 'composition', 'Reference', false),
  ],
  DocumentReference: [
    DOCUMENT_IDENTIFIER,
    DOCUMENT_CONTEXT,
    DOCUMENT_ATTESTER,
    DOCUMENT_RELATION,
    within('content', DOCUMENT_FORMAT),
    only('5.0', 'version', 'String', false),
    only('5.0', 'basedOn', 'Reference'),
    only('5.0', 'modality', 'CodeableConcept'),
    only('5.0', 'bodySite'),
  ],
});
