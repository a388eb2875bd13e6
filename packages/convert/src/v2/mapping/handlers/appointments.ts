import type { Assembly } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { codeFrom } from '../code-tables.ts';
import { concept } from '../concepts.ts';
import { dateTimeOf } from '../dates.ts';
import { type NamedReference, place, practitioner } from '../identifiers.ts';
import { SCH_APPOINTMENT } from '../order-map.ts';
import { append, applyRules, type Json, listAt, push } from '../rules.ts';
import { numberOf } from './orders.ts';

/** Events of SIU → appointmentstatus, where SCH-25 says nothing (HL7 v2.9 chapter 10). */
const BY_EVENT: Readonly<Record<string, string>> = {
  S12: 'booked',
  S13: 'booked',
  S14: 'booked',
  S15: 'cancelled',
  S16: 'cancelled',
  S17: 'entered-in-error',
  S26: 'noshow',
};

/** SCH: an appointment. Its times and people come in the resource segments. */
export function sch(segment: SegmentCells, assembly: Assembly): void {
  const { source, facts } = assembly;
  const draft = assembly.start('Appointment', 'update', [segment.peek(1), segment.peek(2)]);
  const { resource } = draft;
  applyRules(resource, SCH_APPOINTMENT, segment, source);
  draft.match = (resource.identifier as unknown[] | undefined) && numberOf(resource);
  const sent = codeFrom('FillerStatusCodes[Appointment]', capitalised(segment.peek(25)));
  if (sent !== undefined) segment.text(25);
  resource.status = sent ?? BY_EVENT[facts.event] ?? 'proposed';
  if (resource.minutesDuration !== undefined) segment.first(10)?.takeAll();
  const timing = segment.first(11);
  setTimes(resource, timing?.peek(4) ?? '', timing?.peek(5) ?? '', assembly);
  timing?.takeAll();
  resource.participant = [];
  for (const field of [12, 16, 20]) {
    for (const cell of segment.field(field)) addParticipant(resource, practitioner(cell, source), undefined);
  }
  assembly.appointment = draft;
  assembly.annotated = draft;
}

/** AIS: the service; AIG, AIL, AIP: what, where and who is needed for it. */
export function aig(segment: SegmentCells, assembly: Assembly): void {
  resourceNeeded(segment, assembly, { actor: [3, equipment], type: 4, start: 8, duration: 11 });
}

export function ail(segment: SegmentCells, assembly: Assembly): void {
  resourceNeeded(segment, assembly, { actor: [3, place], type: 4, start: 6, duration: 9 });
}

export function aip(segment: SegmentCells, assembly: Assembly): void {
  resourceNeeded(segment, assembly, { actor: [3, practitioner], type: 4, start: 6, duration: 9 });
}

export function ais(segment: SegmentCells, assembly: Assembly): void {
  const { appointment, source } = assembly;
  if (!appointment) return;
  const service = segment.first(3);
  append(appointment.resource, 'serviceType', service && concept()(service, source));
  takeTimes(segment, 4, 7, assembly);
}

interface Needed {
  /** Field, and what it names. */
  actor: readonly [
    number,
    (cell: Parameters<typeof place>[0], source: Assembly['source']) => NamedReference | undefined,
  ];
  type: number;
  start: number;
  duration: number;
}

function resourceNeeded(segment: SegmentCells, assembly: Assembly, fields: Needed): void {
  const { appointment, source } = assembly;
  if (!appointment) return;
  const [actorField, read] = fields.actor;
  const kind = segment.first(fields.type);
  const type = kind && concept()(kind, source);
  for (const cell of segment.field(actorField)) addParticipant(appointment.resource, read(cell, source), type);
  takeTimes(segment, fields.start, fields.duration, assembly);
}

function equipment(cell: Parameters<typeof place>[0], source: Assembly['source']): NamedReference | undefined {
  const value = cell.text(1);
  const display = cell.text(2) || value;
  return value === '' ? undefined : { type: 'Device', identifier: { system: source.sender, value }, display };
}

function addParticipant(appointment: Json, actor: NamedReference | undefined, type: unknown): void {
  if (!actor) return;
  append(appointment, 'participant', { ...(type !== undefined && { type: [type] }), actor, status: 'accepted' });
}

/** The first resource with a time gives the appointment its time. */
function takeTimes(segment: SegmentCells, start: number, duration: number, assembly: Assembly): void {
  const { appointment, source } = assembly;
  const from = dateTimeOf(segment.peek(start), source);
  if (!appointment || from === undefined || !from.includes('T')) return;
  segment.text(start);
  const { resource } = appointment;
  const length = segment.peek(duration);
  if (/^\d{1,5}$/.test(length) && /^(?:MIN|M)?$/i.test(segment.peek(duration + 1))) {
    segment.text(duration);
    segment.first(duration + 1)?.takeAll();
    resource.minutesDuration ??= Number(length);
  }
  if (resource.start === undefined) setTimes(resource, segment.peek(start), '', assembly);
}

/** FHIR asks for both ends or neither: the end follows from the duration where it was not sent. */
function setTimes(resource: Json, start: string, end: string, { source }: Assembly): void {
  const from = dateTimeOf(start, source);
  if (from === undefined || !from.includes('T')) return;
  const sentEnd = dateTimeOf(end, source);
  const minutes = typeof resource.minutesDuration === 'number' ? resource.minutesDuration : 0;
  const until = sentEnd?.includes('T') ? sentEnd : new Date(Date.parse(from) + minutes * 60_000).toISOString();
  if (Date.parse(until) < Date.parse(from)) return;
  Object.assign(resource, { start: from, end: until });
}

/** The patient takes part in the appointments of the message. */
export function addPatient(assembly: Assembly): void {
  const { patient } = assembly;
  for (const { resource } of assembly.drafts) {
    if (resource.resourceType !== 'Appointment') continue;
    if (patient) push(resource, 'participant', { actor: assembly.to(patient), status: 'accepted' });
    const participants = listAt(resource, 'participant');
    // FHIR asks for somebody (Appointment.participant 1..*)
    if (participants.length === 0) participants.push({ actor: { display: 'unknown' }, status: 'tentative' });
    // only proposed, cancelled and waitlisted appointments may be without a time (app-3)
    const mayBeOpen = ['proposed', 'cancelled', 'waitlist'].includes(String(resource.status));
    if (resource.start === undefined && !mayBeOpen) resource.status = 'proposed';
  }
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
}
