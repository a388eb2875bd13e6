import { ConversionError } from '../../../evidence/converter.ts';
import type { Assembly, Draft } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { codeFrom } from '../code-tables.ts';
import { concept } from '../concepts.ts';
import { dateTimeOf } from '../dates.ts';
import { type Identifier, identifier, practitioner } from '../identifiers.ts';
import {
  AL1_ALLERGY,
  EVN_PROVENANCE,
  GT1_RELATED,
  IAM_ALLERGY,
  manifestation,
  NK1_RELATED,
  PD1_PATIENT,
  PID_PATIENT,
} from '../patient-map.ts';
import { humanName } from '../people.ts';
import { append, applyRules, type Json, push, type Rules } from '../rules.ts';

/** Messages that are the authority for the patient's demographics; others only refer to the patient. */
const OWNS_PATIENT: ReadonlySet<string> = new Set(['ADT', 'BAR', 'VXU']);
/** Types of identifier by which a patient is looked for, the best first (table 0203). */
const BEST_TYPES = ['MR', 'PI', 'PT', 'MRT', 'NH', 'NI', 'JHN', 'U', ''];
/** Elements that `""` in a field of PID removes. */
const REMOVABLE: ReadonlyMap<number, string> = new Map([
  [5, 'name'],
  [7, 'birthDate'],
  [8, 'gender'],
  [11, 'address'],
  [13, 'telecom'],
  [16, 'maritalStatus'],
  [29, 'deceasedDateTime'],
]);

/** PID: begins a patient. */
export function pid(segment: SegmentCells, assembly: Assembly): void {
  const draft = assembly.start('Patient', OWNS_PATIENT.has(assembly.facts.type) ? 'update' : 'create');
  applyRules(draft.resource, PID_PATIENT, segment, assembly.source);
  addBirthTime(draft.resource, segment, assembly);
  const match = bestOf((draft.resource.identifier ?? []) as Identifier[]);
  if (!match) {
    const place = `segment ${segment.index + 1} (PID), field 3`;
    throw new ConversionError('PID-3 holds no identifier, so the patient cannot be found; add one.', place);
  }
  // a message may name its patient before each group of results: it is one patient all the same
  const before = assembly.known('Patient', match);
  if (before) assembly.discard(draft);
  draft.match = match;
  draft.resource.active = assembly.facts.event !== 'A29';
  Object.assign(assembly, { patient: before ?? draft, patientKey: match, encounter: undefined, annotated: undefined });
  const account = segment.first(18);
  assembly.account = account && identifier('AN')(account, assembly.source);
  for (const [field, element] of REMOVABLE) {
    const cell = segment.first(field);
    if (!cell?.asksToDelete) continue;
    cell.takeAll();
    assembly.operations.push({ kind: 'remove-element', type: 'Patient', identifier: match, element });
  }
}

/** PID-18 is the visit's; without a visit it stays with the patient. */
export function finishAccount({ account, encounter, patient }: Assembly): void {
  if (account && !encounter && patient) append(patient.resource, 'identifier', account);
}

/** The identifier by which a patient is found. */
export function bestOf(identifiers: readonly Identifier[]): Identifier | undefined {
  for (const type of BEST_TYPES) {
    const found = identifiers.find(({ type: own }) => (own?.coding?.[0]?.code ?? '') === type);
    if (found) return found;
  }
  return identifiers[0];
}

/** PID-7 with a time: the time of birth is an extension of the date. */
function addBirthTime(patient: Json, segment: SegmentCells, { source }: Assembly): void {
  const born = dateTimeOf(segment.peek(7), source);
  if (born === undefined || !born.includes('T')) return;
  patient._birthDate = {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: born }],
  };
}

export function pd1(segment: SegmentCells, assembly: Assembly): void {
  if (assembly.patient) applyRules(assembly.patient.resource, PD1_PATIENT, segment, assembly.source);
}

/** NK1 and GT1: people around the patient. */
export function nk1(segment: SegmentCells, assembly: Assembly): void {
  related(segment, assembly, NK1_RELATED, [segment.peek(2, 1), segment.peek(2, 2), segment.peek(3)]);
}

export function gt1(segment: SegmentCells, assembly: Assembly): void {
  const draft = related(segment, assembly, GT1_RELATED, ['GT1', segment.peek(3, 1), segment.peek(3, 2)]);
  if (!draft) return;
  const system = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
  append(draft.resource, 'relationship', { coding: [{ system, code: 'GUAR', display: 'guarantor' }] });
}

function related(segment: SegmentCells, assembly: Assembly, rules: Rules, key: string[]): Draft | undefined {
  const draft = assembly.startOfPatient('RelatedPerson', 'update', 'patient', key);
  if (!draft) return undefined;
  applyRules(draft.resource, rules, segment, assembly.source);
  if (draft.resource.name !== undefined || draft.resource.identifier !== undefined) return draft;
  assembly.discard(draft);
  return undefined;
}

/** EVN: what happened, when, by whom. */
export function evn(segment: SegmentCells, assembly: Assembly): void {
  applyRules(assembly.provenance, EVN_PROVENANCE, segment, assembly.source);
  // EVN-1 repeats MSH-9.2
  segment.text(1);
  for (const cell of segment.field(5)) {
    const who = practitioner(cell, assembly.source);
    const system = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';
    if (who) append(assembly.provenance, 'agent', { type: { coding: [{ system, code: 'enterer' }] }, who });
  }
  const facility = segment.text(7);
  if (facility !== '') assembly.provenance.location = { display: facility };
}

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

/** AL1: an allergy of the patient as it stands. */
export function al1(segment: SegmentCells, assembly: Assembly): void {
  allergy(segment, assembly, AL1_ALLERGY, false);
}

/** IAM: the same with an identifier and an action; `D` takes it back. */
export function iam(segment: SegmentCells, assembly: Assembly): void {
  allergy(segment, assembly, IAM_ALLERGY, segment.text(6) === 'D');
}

function allergy(segment: SegmentCells, assembly: Assembly, rules: Rules, isWrong: boolean): void {
  const key = [segment.peek(3, 1) || segment.peek(3, 2), segment.peek(3, 3)];
  const draft = assembly.startOfPatient('AllergyIntolerance', 'update', 'patient', key);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, rules, segment, assembly.source);
  if (isWrong) resource.verificationStatus = { coding: [{ system: VERIFICATION, code: 'entered-in-error' }] };
  else resource.clinicalStatus = { coding: [{ system: CLINICAL, code: 'active' }] };
  const manifestations = segment.field(5).map((cell) => manifestation(cell, assembly.source));
  const seen = manifestations.filter((each) => each !== undefined);
  if (seen.length === 0) return;
  const severity = codeFrom('AllergySeverity[AllergyIntolerance.reaction.severity]', segment.peek(4));
  if (severity !== undefined) segment.text(4);
  resource.reaction = [{ manifestation: seen, ...(severity !== undefined && { severity }) }];
}

/** Events whose MRG names a patient that is now the one of PID (HL7 v2.9 §3.3). */
const MERGES: ReadonlySet<string> = new Set(['A18', 'A30', 'A34', 'A36', 'A39', 'A40']);

/**
 * MRG: the prior patient is replaced by the surviving one. Both keep their resource: the prior points to the surviving one
 * and is no longer active. What belonged to it is moved by the store (`merge-patients`).
 */
export function mrg(segment: SegmentCells, assembly: Assembly): void {
  const { patient, patientKey, source, facts } = assembly;
  if (!MERGES.has(facts.event) || !patient || !patientKey) return;
  const identifiers = segment
    .field(1)
    .map((cell) => identifier()(cell, source))
    .filter((each) => each !== undefined);
  const prior = bestOf(identifiers);
  if (!prior || assembly.known('Patient', prior)) return;
  const draft = assembly.start('Patient', 'update');
  draft.match = prior;
  Object.assign(draft.resource, { identifier: identifiers, active: false });
  const name = segment.first(7);
  const written = name && humanName(name, source);
  if (written) draft.resource.name = [written];
  draft.resource.link = [{ other: assembly.to(patient), type: 'replaced-by' }];
  push(patient.resource, 'link', { other: assembly.to(draft), type: 'replaces' });
  assembly.operations.push({ kind: 'merge-patients', prior, surviving: patientKey });
}

/** ARV-3, ARV-4 … are the viewing rules' business: what a sender restricts is kept with the patient as it was sent. */
export function arv(segment: SegmentCells, assembly: Assembly): void {
  const cell = segment.first(3);
  const value = cell && concept()(cell, assembly.source);
  if (!value || !assembly.patient) return;
  const extension = [
    { url: 'restriction', valueCodeableConcept: value },
    ...segment.field(4).map((each) => ({ url: 'reason', valueCodeableConcept: concept()(each, assembly.source) })),
    ...segment.field(5).map((each) => ({ url: 'instructions', valueString: each.text(1) })),
  ].filter((part) => Object.values(part).every((content) => content !== undefined && content !== ''));
  append(assembly.patient.resource, 'extension', { url: 'urn:meridian:hl7v2:access-restriction', extension });
}
