import type { Assembly, Draft } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { codeFrom } from '../code-tables.ts';
import { code } from '../concepts.ts';
import type { Identifier } from '../identifiers.ts';
import { wholeNumber } from '../patient-map.ts';
import { append, applyRules, type Json, push } from '../rules.ts';
import { DG1_CONDITION, PR1_PROCEDURE, PRB_CONDITION, PV1_ENCOUNTER, PV2_ENCOUNTER } from '../visit-map.ts';

/** Messages that are the authority for a visit. */
const OWNS_VISIT: ReadonlySet<string> = new Set(['ADT', 'BAR']);
/** Events that say the visit never was. */
const CANCELS: ReadonlySet<string> = new Set(['A11', 'A27', 'A38']);

/** PV1: the visit. */
export function pv1(segment: SegmentCells, assembly: Assembly): void {
  const { facts, account } = assembly;
  const write = OWNS_VISIT.has(facts.type) ? 'update' : 'create';
  const draft = assembly.startOfPatient('Encounter', write, 'subject', [
    segment.peek(44),
    segment.peek(2),
    account?.value ?? '',
  ]);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, PV1_ENCOUNTER, segment, assembly.source);
  resource.class ??= { system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'UNK' };
  resource.status = statusOf(segment, assembly);
  if (resource.status !== 'finished') {
    delete (resource.period as Json | undefined)?.end;
    if (Object.keys((resource.period as Json | undefined) ?? { start: '' }).length === 0) delete resource.period;
  }
  const number = (resource.identifier as Identifier[] | undefined)?.[0];
  const before = number && assembly.known('Encounter', number);
  if (before) assembly.discard(draft);
  if (number) draft.match = number;
  if (account) append(resource, 'account', { type: 'Account', identifier: account });
  assembly.encounter = before ?? draft;
  assembly.annotated = undefined;
}

/** The event decides where it says something (Event[EncounterStatus]); else PV1-45, else the class. */
function statusOf(segment: SegmentCells, { facts }: Assembly): string {
  const { type, event } = facts;
  if (type === 'ADT') {
    if (CANCELS.has(event)) return 'cancelled';
    if (event === 'A03') return 'finished';
    if (event === 'A13') return 'in-progress';
    if (event === 'A05' || event === 'A14') return 'planned';
  }
  if (segment.peek(45) !== '') return 'finished';
  return codeFrom('PatientClass[EncounterStatus]', segment.peek(2)) ?? 'unknown';
}

export function pv2(segment: SegmentCells, assembly: Assembly): void {
  const { encounter, source } = assembly;
  if (!encounter) return;
  applyRules(encounter.resource, PV2_ENCOUNTER, segment, source);
  if (segment.text(22) !== 'Y') return;
  const label = {
    system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
    code: 'R',
    display: 'restricted',
  };
  encounter.resource.meta = { security: [label] };
}

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/condition-category';
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

/** DG1: a diagnosis of the visit. */
export function dg1(segment: SegmentCells, assembly: Assembly): void {
  const { encounter } = assembly;
  const key = [...visitKey(assembly), segment.peek(3) || segment.peek(3, 2) || segment.peek(4), segment.peek(20)];
  const draft = assembly.startOfPatient('Condition', 'update', 'subject', key);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, DG1_CONDITION, segment, assembly.source);
  resource.category = [{ coding: [{ system: CATEGORY, code: 'encounter-diagnosis' }] }];
  if (segment.text(21) === 'D') {
    resource.verificationStatus = { coding: [{ system: VERIFICATION, code: 'entered-in-error' }] };
  }
  if (!encounter) return;
  resource.encounter = assembly.to(encounter);
  const rank = wholeNumber(segment.peek(15));
  if (rank !== undefined && rank > 0) segment.text(15);
  const type = segment.first(6);
  const use = type && code('DiagnosisType')(type);
  const system = 'http://terminology.hl7.org/CodeSystem/diagnosis-role';
  push(encounter.resource, 'diagnosis', {
    condition: assembly.to(draft),
    ...(use !== undefined && { use: { coding: [{ system, code: use }] } }),
    ...(rank !== undefined && rank > 0 && { rank }),
  });
}

/** What tells the visit of a message from others, for what belongs to it. */
export function visitKey({ encounter }: Assembly): string[] {
  return encounter?.match ? [`${encounter.match.system}|${encounter.match.value}`] : [...(encounter?.key ?? [])];
}

/** Words of PRB-13 and PRB-14 that FHIR has too. */
const STATUSES: ReadonlySet<string> = new Set(['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved']);

/** PRB: a problem of the problem list (PPR). */
export function prb(segment: SegmentCells, assembly: Assembly): void {
  const instance = segment.text(4);
  const key = ['problem', instance, segment.peek(3) || segment.peek(3, 2)];
  const draft = assembly.startOfPatient('Condition', 'update', 'subject', key);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, PRB_CONDITION, segment, assembly.source);
  if (instance !== '') append(resource, 'identifier', { system: assembly.source.sender, value: instance });
  resource.category = [{ coding: [{ system: CATEGORY, code: 'problem-list-item' }] }];
  if (segment.text(1) === 'DE') {
    resource.verificationStatus = { coding: [{ system: VERIFICATION, code: 'entered-in-error' }] };
    return;
  }
  const sent = [14, 13].find((field) => STATUSES.has(segment.peek(field).toLowerCase()));
  const status = sent === undefined ? undefined : segment.text(sent).toLowerCase();
  const ended = resource.abatementDateTime !== undefined;
  const ends = status === 'inactive' || status === 'remission' || status === 'resolved';
  const clinical = ended && !ends ? 'resolved' : (status ?? 'active');
  resource.clinicalStatus = { coding: [{ system: CLINICAL, code: clinical }] };
  assembly.annotated = draft;
}

/** PR1: a procedure of the visit. */
export function pr1(segment: SegmentCells, assembly: Assembly): void {
  const key = [...visitKey(assembly), segment.peek(3), segment.peek(5), segment.peek(19)];
  const draft = assembly.startOfPatient('Procedure', 'update', 'subject', key);
  if (!draft) return;
  applyRules(draft.resource, PR1_PROCEDURE, segment, assembly.source);
  draft.resource.status = segment.text(20) === 'D' ? 'entered-in-error' : 'completed';
  addEncounter(draft, assembly);
}

export function addEncounter(draft: Draft, assembly: Assembly): void {
  if (assembly.encounter) draft.resource.encounter = assembly.to(assembly.encounter);
}
