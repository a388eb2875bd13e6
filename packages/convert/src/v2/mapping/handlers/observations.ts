import type { Assembly, Draft } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { concept } from '../concepts.ts';
import { dateTime, dateTimeOf } from '../dates.ts';
import { entityIdentifier, organization, organizationCode, practitioner } from '../identifiers.ts';
import { attachment, putValue, referenceRange } from '../observation-value.ts';
import { append, applyRules, type Json, push, type Rules } from '../rules.ts';
import { addContent } from './documents.ts';
import { vaccineFact } from './vaccines.ts';
import { addEncounter, visitKey } from './visits.ts';

/** OBX[Observation], without the value. */
const OBX_OBSERVATION: Rules = [
  [21, 'identifier[]', entityIdentifier()],
  [3, 'code', concept()],
  [8, 'interpretation[]', concept('InterpretationCodes')],
  [14, 'effectiveDateTime', dateTime],
  [25, 'performer[]', practitioner],
  [16, 'performer[]', practitioner],
  [15, 'performer[]', organizationCode],
  [23, 'performer[]', organization],
  [17, 'method', concept()],
  [20, 'bodySite', concept()],
];

/** Table 0085 → observation-status: HL7's guide, and where it says nothing, the nearest that claims no more. */
const STATUSES: Readonly<Record<string, string>> = {
  A: 'amended',
  B: 'amended',
  C: 'corrected',
  D: 'entered-in-error',
  F: 'final',
  I: 'registered',
  N: 'final',
  O: 'registered',
  P: 'preliminary',
  R: 'preliminary',
  S: 'preliminary',
  U: 'final',
  V: 'final',
  W: 'entered-in-error',
  X: 'cancelled',
};

/** OBX-4, which tells equal observations of a report apart and groups those that belong together. */
const SUB_ID = 'urn:meridian:hl7v2:sub-id';

/** OBX: part of a document, of a vaccination, of a report, or an observation by itself. */
export function obx(segment: SegmentCells, assembly: Assembly): void {
  const type = segment.peek(2).toUpperCase();
  if (assembly.document) {
    addContent(segment, type, assembly);
    return;
  }
  if (assembly.immunization && vaccineFact(segment, assembly.immunization, assembly)) return;
  if ((type === 'ED' || type === 'RP') && assembly.report && presented(segment, type, assembly.report)) return;
  if (segment.peek(3) === '' && segment.peek(3, 2) === '') return;
  observation(segment, assembly);
}

function observation(segment: SegmentCells, assembly: Assembly): void {
  const draft = assembly.startOfPatient('Observation', 'update', 'subject', keyOf(segment, assembly));
  if (!draft) return;
  const { resource } = draft;
  const { source, report, order, specimen, immunization } = assembly;
  applyRules(resource, OBX_OBSERVATION, segment, source);
  const sent = segment.peek(11);
  resource.status = STATUSES[sent] ?? 'unknown';
  if (sent in STATUSES) segment.text(11);
  putValue(resource, segment, source);
  const range = referenceRange(segment, source);
  if (range) resource.referenceRange = [range];
  if (sent === 'N' && !holdsValue(resource)) {
    const system = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
    resource.dataAbsentReason = { coding: [{ system, code: 'not-asked' }] };
  }
  addAnalysis(segment, resource, assembly);
  const group = segment.text(4);
  if (group !== '') append(resource, 'extension', { url: SUB_ID, valueString: group });
  addEncounter(draft, assembly);
  if (specimen) resource.specimen = assembly.to(specimen);
  if (report) {
    resource.effectiveDateTime ??= report.resource.effectiveDateTime;
    if (resource.effectiveDateTime === undefined) delete resource.effectiveDateTime;
    push(report.resource, 'result', assembly.to(draft));
    assembly.observations.push(draft);
  } else if (order?.resource.resourceType === 'ServiceRequest') {
    push(order.resource, 'supportingInfo', assembly.to(draft));
  }
  if (immunization) resource.partOf = [assembly.to(immunization)];
  assembly.annotated = draft;
}

/** A corrected result has the key of the one it corrects: the report's numbers, the code, the group, not the value. */
function keyOf(segment: SegmentCells, assembly: Assembly): string[] {
  const own = segment.peek(21);
  const within = assembly.report ?? assembly.order ?? assembly.immunization;
  const identified = within?.match ? [`${within.match.system}|${within.match.value}`] : (within?.key ?? []);
  const context = within ? [within.resource.resourceType, ...identified] : [...visitKey(assembly), segment.peek(14)];
  return [...context, segment.peek(3) || segment.peek(3, 2), segment.peek(3, 3), segment.peek(4), own];
}

function holdsValue(observation: Json): boolean {
  return Object.keys(observation).some((name) => name.startsWith('value')) || observation.component !== undefined;
}

/** OBX-19: when the analyser measured, which R4 has no element for. */
function addAnalysis(segment: SegmentCells, observation: Json, { source }: Assembly): void {
  const analysed = dateTimeOf(segment.peek(19), source);
  if (analysed === undefined) return;
  segment.text(19);
  append(observation, 'extension', {
    url: 'http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time',
    valueDateTime: analysed,
  });
}

/** A document among the results (a PDF of the report) is the report's presented form. */
function presented(segment: SegmentCells, type: string, report: Draft): boolean {
  const forms = segment.field(5).map((cell) => attachment(type, cell));
  const found = forms.filter((form) => form !== undefined);
  if (found.length === 0) return false;
  const title = segment.text(3, 2) || segment.text(3);
  segment.text(2);
  for (const form of found) append(report.resource, 'presentedForm', { ...form, ...(title !== '' && { title }) });
  return true;
}

/** Elements that hold what an NTE says, by resource. */
const NOTES: Readonly<Record<string, string>> = {
  Observation: 'note',
  ServiceRequest: 'note',
  MedicationRequest: 'note',
  MedicationDispense: 'note',
  Specimen: 'note',
  Condition: 'note',
  Immunization: 'note',
};

/** NTE: a note to what came before it. */
export function nte(segment: SegmentCells, assembly: Assembly): void {
  const { annotated, source } = assembly;
  if (!annotated) return;
  const text = segment
    .field(3)
    .map((cell) => cell.text(1))
    .join('\n');
  if (text.trim() === '') return;
  const { resource } = annotated;
  if (resource.resourceType === 'Appointment') {
    resource.comment = resource.comment === undefined ? text : `${String(resource.comment)}\n${text}`;
    return;
  }
  if (resource.resourceType === 'DocumentReference') {
    assembly.documentLines.push(text);
    return;
  }
  const element = NOTES[resource.resourceType];
  if (element === undefined) return;
  const author = segment.first(5);
  const who = author && practitioner(author, source);
  const when = dateTimeOf(segment.peek(6), source);
  if (when !== undefined) segment.text(6);
  append(resource, element, {
    ...(who && { authorReference: who }),
    ...(when !== undefined && { time: when }),
    text,
  });
}
