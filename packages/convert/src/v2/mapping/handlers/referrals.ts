import type { Assembly, Draft } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { concept, text } from '../concepts.ts';
import { dateTime } from '../dates.ts';
import { entityIdentifier, practitioner } from '../identifiers.ts';
import { append, applyRules, type Rules, within } from '../rules.ts';

/** RF1 (REF messages): HL7's guide has no map; by the names of the fields. */
const RF1_REQUEST: Rules = [
  [6, 'identifier[]', entityIdentifier('PLAC')],
  [11, 'identifier[]', entityIdentifier('FILL')],
  [3, 'category[]', concept()],
  [7, 'authoredOn', dateTime],
  [10, 'reasonCode[]', concept()],
  [14, 'note[]', within('text', text)],
];

/** Table 0283, referral status → request-status. */
const STATUSES: Readonly<Record<string, string>> = { A: 'active', P: 'draft', R: 'revoked', E: 'revoked' };
/** Table 0280, referral priority → request-priority. */
const PRIORITIES: Readonly<Record<string, string>> = { S: 'stat', A: 'asap', R: 'routine' };

/** RF1: a referral, whose patient comes after it. */
export function rf1(segment: SegmentCells, assembly: Assembly): void {
  if (assembly.facts.type !== 'REF') return;
  const draft = assembly.start('ServiceRequest', 'update', ['referral', segment.peek(6), segment.peek(7)]);
  const { resource } = draft;
  applyRules(resource, RF1_REQUEST, segment, assembly.source);
  const status = STATUSES[segment.peek(1)];
  if (status !== undefined) segment.first(1)?.takeAll();
  const priority = PRIORITIES[segment.peek(2)];
  if (priority !== undefined) {
    segment.first(2)?.takeAll();
    resource.priority = priority;
  }
  Object.assign(resource, { status: status ?? 'active', intent: 'order' });
  assembly.referral = draft;
}

/** PRD: who refers and who is referred to (table 0286). */
export function prd(segment: SegmentCells, assembly: Assembly): void {
  const { referral, source } = assembly;
  const name = segment.first(2);
  if (!referral || !name) return;
  const number = segment.first(7);
  const given = [name.text(5), name.text(2), name.text(3), name.text(1), name.text(4)].filter((part) => part !== '');
  const id = number && practitioner(number, source)?.identifier;
  const display = given.join(' ');
  if (!id && display === '') return;
  const who = { type: 'Practitioner', ...(id && { identifier: id }), ...(display !== '' && { display }) };
  const role = segment.text(1);
  if (role === 'RP') referral.resource.requester ??= who;
  else append(referral.resource, 'performer', who);
}

/** The patient comes after RF1. A referral of nobody is none. */
export function addSubject(assembly: Assembly): void {
  const { patient, patientKey, encounter } = assembly;
  for (const referral of assembly.drafts.filter(isOpenReferral)) {
    if (!patient) {
      assembly.discard(referral);
      continue;
    }
    referral.owner = patientKey;
    referral.resource.subject = assembly.to(patient);
    if (encounter) referral.resource.encounter = assembly.to(encounter);
  }
}

function isOpenReferral({ resource }: Draft): boolean {
  return resource.resourceType === 'ServiceRequest' && resource.subject === undefined;
}
