import type { Assembly, Draft } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { codeFrom } from '../code-tables.ts';
import type { Concept } from '../concepts.ts';
import { dateTimeOf, periodOf } from '../dates.ts';
import type { Identifier } from '../identifiers.ts';
import { OBR_REPORT, OBR_REQUEST, ORC_REQUEST, SPM_SPECIMEN, TQ1_REQUEST } from '../order-map.ts';
import { append, applyRules, type Json, push, valueAt } from '../rules.ts';
import { REPORT_PEOPLE } from '../visit-map.ts';
import { addEncounter } from './visits.ts';

/** Messages that place or change orders; in others an order is only referred to. */
const OWNS_ORDER: ReadonlySet<string> = new Set(['ORM', 'OML', 'OMG', 'OMI', 'OPL', 'OMB', 'REF']);
/** Messages that bring results. */
const HAS_RESULTS: ReadonlySet<string> = new Set(['ORU', 'OUL', 'OPU', 'ORD']);

/** ORC: what the next OBR, RXO, RXE or RXA has in common with other orders. */
export function orc(segment: SegmentCells, assembly: Assembly): void {
  finishOrder(assembly);
  assembly.orc = segment;
  assembly.order = undefined;
  assembly.report = undefined;
  assembly.medication = undefined;
  assembly.annotated = undefined;
}

/** An ORC of an ordering message with nothing after it (a diet order, a change of state) is an order by itself. */
export function finishOrder(assembly: Assembly): void {
  const segment = assembly.orc;
  if (segment && OWNS_ORDER.has(assembly.facts.type)) request(undefined, assembly);
  assembly.orc = undefined;
}

/** OBR: an order, and in messages with results the report of it. */
export function obr(segment: SegmentCells, assembly: Assembly): void {
  const order = request(segment, assembly);
  assembly.annotated = order;
  if (assembly.facts.type !== 'OUL') assembly.specimen = undefined;
  assembly.observations = [];
  assembly.report = undefined;
  if (HAS_RESULTS.has(assembly.facts.type)) report(segment, order, assembly);
}

function request(obrSegment: SegmentCells | undefined, assembly: Assembly): Draft | undefined {
  const { orc: orcSegment, source, facts } = assembly;
  assembly.orc = undefined;
  const draft = assembly.startOfPatient('ServiceRequest', OWNS_ORDER.has(facts.type) ? 'update' : 'create', 'subject', [
    obrSegment?.peek(4) ?? '',
    obrSegment?.peek(7) ?? '',
  ]);
  if (!draft) return undefined;
  const { resource } = draft;
  if (orcSegment) applyRules(resource, ORC_REQUEST, orcSegment, source);
  if (obrSegment) applyRules(resource, OBR_REQUEST, obrSegment, source);
  resource.status = orderStatus(orcSegment);
  resource.intent = obrSegment?.text(11) === 'G' ? 'reflex-order' : 'order';
  draft.match = numberOf(resource);
  draft.matchCode = (resource.code as Concept | undefined)?.coding?.find(({ code }) => code !== undefined) ?? 'none';
  addEncounter(draft, assembly);
  assembly.order = draft;
  assembly.annotated = draft;
  return draft;
}

/** ORC-5 says it, else ORC-1 (OrderStatus and OrderControlCode of HL7's guide). */
export function orderStatus(segment: SegmentCells | undefined): string {
  const byStatus = codeFrom('OrderStatus', segment?.peek(5) ?? '');
  if (byStatus !== undefined) segment?.text(5);
  const byControl = codeFrom('OrderControlCode[ServiceRequest.status]', segment?.peek(1) ?? '');
  segment?.text(1);
  return byStatus ?? byControl ?? (segment ? 'active' : 'unknown');
}

/** The number by which an order is found: the placer's, else the filler's. */
export function numberOf(resource: Json): Identifier | undefined {
  const identifiers = (resource.identifier ?? []) as Identifier[];
  const byType = (code: string): Identifier | undefined =>
    identifiers.find(({ type }) => type?.coding?.[0]?.code === code);
  return byType('PLAC') ?? byType('FILL');
}

function report(segment: SegmentCells, order: Draft | undefined, assembly: Assembly): void {
  const numbers = [segment.peek(3) || segment.peek(2), segment.peek(3, 2) || segment.peek(2, 2), segment.peek(4)];
  const draft = assembly.startOfPatient('DiagnosticReport', 'update', 'subject', numbers);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, OBR_REPORT, segment, assembly.source);
  applyRules(resource, REPORT_PEOPLE, segment, assembly.source);
  resource.code ??= { text: 'Report' };
  resource.status = codeFrom('ResultStatus[Non-Queries]', segment.peek(25)) ?? 'unknown';
  if (resource.status !== 'unknown') segment.text(25);
  const end = dateTimeOf(segment.peek(8), assembly.source);
  if (end !== undefined) {
    const period = periodOf(resource.effectiveDateTime as string | undefined, end);
    delete resource.effectiveDateTime;
    if (period) resource.effectivePeriod = period;
    segment.text(8);
  }
  if (order) resource.basedOn = [assembly.to(order)];
  if (assembly.specimen) resource.specimen = [assembly.to(assembly.specimen)];
  addEncounter(draft, assembly);
  assembly.report = draft;
}

/** TQ1: when and how urgently. */
export function tq1(segment: SegmentCells, assembly: Assembly): void {
  if (assembly.order?.resource.resourceType !== 'ServiceRequest') return;
  applyRules(assembly.order.resource, TQ1_REQUEST, segment, assembly.source);
}

/** SPM: of the observations before it (ORU), or of the orders after it (OUL). */
export function spm(segment: SegmentCells, assembly: Assembly): void {
  const { facts, report: itsReport, order, observations } = assembly;
  const first = segment.first(2);
  const [placer, filler] = first ? [first.within(1), first.within(2)] : [];
  const key = [placer?.text(1) ?? '', filler?.text(1) ?? '', segment.peek(4), segment.peek(17)];
  const draft = assembly.startOfPatient('Specimen', 'update', 'subject', key);
  if (!draft) return;
  const { resource } = draft;
  for (const number of [placer, filler]) {
    const value = number?.peek(1) ?? '';
    if (value !== '') append(resource, 'identifier', { system: assembly.source.sender, value });
  }
  applyRules(resource, SPM_SPECIMEN, segment, assembly.source);
  collected(segment, resource, assembly);
  assembly.specimen = draft;
  assembly.annotated = draft;
  if (facts.type === 'OUL') return;
  if (order) push(order.resource, 'specimen', assembly.to(draft));
  if (itsReport) push(itsReport.resource, 'specimen', assembly.to(draft));
  for (const observation of observations) observation.resource.specimen ??= assembly.to(draft);
}

/** SPM-17 is a range: with an end it is a period. */
function collected(segment: SegmentCells, specimen: Json, assembly: Assembly): void {
  const end = dateTimeOf(segment.peek(17, 2), assembly.source);
  if (end === undefined) return;
  segment.text(17, 2);
  const start = valueAt(specimen, 'collection.collectedDateTime') as string | undefined;
  const collection = (specimen.collection ?? {}) as Json;
  specimen.collection = collection;
  delete collection.collectedDateTime;
  collection.collectedPeriod = periodOf(start, end);
}
