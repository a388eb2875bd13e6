import type { Coding, Resource } from '@meridian/fhir';
import { profileUrl } from '../tcm/profile/url.ts';
import type { ChineseMedicineFact } from './chinese-medicine-fact.ts';
import type { TextFinding } from './findings.ts';
import type { FollowUp, FollowUpTime } from './follow-up.ts';
import { CONCEPT_SYSTEM, type Concept } from './lexicon.ts';
import type { TextMeasurement } from './measurements.ts';
import type { ReadReport } from './read-report.ts';
import { sectionAt } from './sections.ts';
import type { Span } from './span.ts';

/** Our extensions on proposals. */
export const TEXT_EXTENSION = {
  /** `start` and `end`: UTF-16 offsets in the text of the report. */
  span: profileUrl('text-span'),
  /** `present`, `absent` or `uncertain`, as on attributed interpretations. */
  presence: profileUrl('finding-presence'),
  /** The finding is of the past. */
  historical: profileUrl('finding-historical'),
  /** One Quantity for each dimension of a measurement. */
  measured: profileUrl('measured-value'),
  /** The measurement is of an earlier examination. */
  prior: profileUrl('measured-earlier'),
} as const;

const TASK_SYSTEM = 'https://meridian.example/fhir/CodeSystem/clinic-task';
const UCUM = 'http://unitsofmeasure.org';
const SNOMED = 'http://snomed.info/sct';

/** What proposals are about. */
export interface ProposalContext {
  /** `Patient/…`. */
  patient: string;
  /** `DiagnosticReport/…` or `DocumentReference/…` that holds the text. */
  report: string;
  /** FHIR dateTime of the reading. */
  at: string;
  /** FHIR date of the report, from which recommended times count; without it Tasks have no period. */
  reportDate?: string;
  newId: () => string;
}

/**
 * What was read, as proposals for a person: a ClinicalImpression `in-progress` with the findings, measurements and facts of Chinese
 * medicine, a FamilyMemberHistory `partial` for each disorder of a relative, a Task `draft` with the intent `proposal` for each
 * recommendation. Every one has the characters it rests on as an extension. **They are not to be stored as records before a
 * person has read and signed them.** What is only watched for or prevented (`hypothetical`), and what a relative does not have,
 * is proposed nowhere; neither are the amounts of a prescription.
 */
export function toFhir(report: ReadReport, context: ProposalContext): Resource[] {
  const own = report.findings.filter((one) => one.temporality !== 'hypothetical' && one.experiencer === 'patient');
  const family = report.findings.filter((one) => one.experiencer === 'family' && !one.negated);
  const finding = [
    ...own.map((one) => findingOf(report.text, one)),
    ...report.measurements.filter((one) => !isDose(report, one)).map((one) => measurementOf(report.text, one)),
    ...report.chineseMedicine.map((one) => chineseMedicineOf(report.text, one)),
  ];
  return [
    ...(finding.length > 0 ? [impressionOf(finding, context)] : []),
    ...family.map((one) => familyHistoryOf(report.text, one, context)),
    ...report.followUps.map((one) => taskOf(report.text, one, context)),
  ];
}

/** What stands under medications or a prescription is how much to take, not what was found. */
function isDose({ sections }: ReadReport, { start }: Span): boolean {
  const kind = sectionAt(sections, start)?.kind;
  return kind === 'medications' || kind === 'prescription';
}

function impressionOf(finding: object[], { patient, report, at, newId }: ProposalContext): Resource {
  return {
    resourceType: 'ClinicalImpression',
    id: newId(),
    status: 'in-progress',
    description: 'Proposed from the words of a report; not yet read by a person',
    subject: { reference: patient },
    date: at,
    investigation: [{ code: { text: 'Report that was read' }, item: [{ reference: report }] }],
    finding,
  };
}

function findingOf(text: string, one: TextFinding): object {
  const presence = one.negated ? 'absent' : one.uncertain ? 'uncertain' : 'present';
  const historical = one.temporality === 'historical';
  return {
    extension: [
      spanExtension(one),
      { url: TEXT_EXTENSION.presence, valueCode: presence },
      ...(historical ? [{ url: TEXT_EXTENSION.historical, valueBoolean: true }] : []),
    ],
    itemCodeableConcept: { coding: codingsOf(one.concept), text: wordsAt(text, one) },
    ...(one.because.length > 0 && { basis: one.because.map((span) => wordsAt(text, span)).join(', ') }),
  };
}

function measurementOf(text: string, one: TextMeasurement): object {
  const { values, unit, prior } = one;
  return {
    extension: [
      spanExtension(one),
      ...values.map((value) => ({
        url: TEXT_EXTENSION.measured,
        valueQuantity: { value, system: UCUM, code: unit, unit },
      })),
      ...(prior ? [{ url: TEXT_EXTENSION.prior, valueBoolean: true }] : []),
    ],
    itemCodeableConcept: { text: wordsAt(text, one) },
  };
}

function chineseMedicineOf(text: string, one: ChineseMedicineFact): object {
  return {
    extension: [spanExtension(one), { url: TEXT_EXTENSION.presence, valueCode: one.negated ? 'absent' : 'present' }],
    itemCodeableConcept: { coding: [one.coding], text: wordsAt(text, one) },
  };
}

/** Which relative is left to the person who reads: the text may name several. */
function familyHistoryOf(text: string, one: TextFinding, { patient, at, newId }: ProposalContext): Resource {
  const relationship = {
    system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
    code: 'FAMMEMB',
    display: 'family member',
  };
  return {
    resourceType: 'FamilyMemberHistory',
    id: newId(),
    extension: [
      spanExtension(one),
      { url: TEXT_EXTENSION.presence, valueCode: one.uncertain ? 'uncertain' : 'present' },
    ],
    status: 'partial',
    patient: { reference: patient },
    date: at,
    relationship: { coding: [relationship] },
    condition: [{ code: { coding: codingsOf(one.concept), text: wordsAt(text, one) } }],
  };
}

function taskOf(text: string, one: FollowUp, { patient, report, at, reportDate, newId }: ProposalContext): Resource {
  const period = one.when && reportDate !== undefined ? periodOf(reportDate, one.when) : undefined;
  return {
    resourceType: 'Task',
    id: newId(),
    extension: [spanExtension(one)],
    status: 'draft',
    intent: 'proposal',
    code: { coding: [{ system: TASK_SYSTEM, code: `follow-up-${one.kind}` }], text: wordsAt(text, one.what) },
    description: wordsAt(text, one),
    focus: { reference: report },
    for: { reference: patient },
    authoredOn: at,
    ...(period && { restriction: { period } }),
  };
}

/** From the earlier to the later time that was recommended, counted from the report; undefined for a date that is none. */
function periodOf(reportDate: string, { low, high, unit }: FollowUpTime): { start: string; end: string } | undefined {
  const start = later(reportDate, low, unit);
  const end = later(reportDate, high, unit);
  return start !== undefined && end !== undefined ? { start, end } : undefined;
}

function later(from: string, count: number, unit: FollowUpTime['unit']): string | undefined {
  const date = new Date(`${from.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return undefined;
  if (unit === 'd' || unit === 'wk') {
    date.setUTCDate(date.getUTCDate() + Math.round(count * (unit === 'wk' ? 7 : 1)));
    return date.toISOString().slice(0, 10);
  }
  const months = unit === 'a' ? count * 12 : count;
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + Math.floor(months));
  // half a month is fifteen days; the 31st of a shorter month is its last day
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last) + Math.round((months % 1) * 30));
  return date.toISOString().slice(0, 10);
}

function spanExtension({ start, end }: Span): object {
  return {
    url: TEXT_EXTENSION.span,
    extension: [
      { url: 'start', valueUnsignedInt: start },
      { url: 'end', valueUnsignedInt: end },
    ],
  };
}

function codingsOf({ id, snomed, name }: Concept): Coding[] {
  const own = { system: CONCEPT_SYSTEM, code: id, display: name.en };
  return snomed === undefined ? [own] : [{ system: SNOMED, code: snomed }, own];
}

function wordsAt(text: string, { start, end }: Span): string {
  return text.slice(start, end);
}
