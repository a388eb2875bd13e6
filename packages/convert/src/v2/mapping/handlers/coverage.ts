import type { Assembly } from '../assembly.ts';
import type { SegmentCells } from '../cell.ts';
import { words } from '../concepts.ts';
import { identifier, organization } from '../identifiers.ts';
import { FT1_CHARGE, IN1_COVERAGE } from '../order-map.ts';
import { nameText } from '../people.ts';
import { decimal } from '../quantities.ts';
import { append, applyRules, type Json, listAt } from '../rules.ts';

/** IN1: what pays for the patient. */
export function in1(segment: SegmentCells, assembly: Assembly): void {
  const { source } = assembly;
  const key = [segment.peek(2) || segment.peek(2, 2), segment.peek(3), segment.peek(36), segment.peek(1)];
  const draft = assembly.startOfPatient('Coverage', 'update', 'beneficiary', key);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, IN1_COVERAGE, segment, source);
  // IN1-3 numbers the company that IN1-4 names
  const company = segment.first(3);
  const number = company && identifier()(company, source);
  const payors = listAt(resource, 'payor') as Json[];
  if (payors.length === 0) payors.push({ display: planName(segment) });
  if (number && payors[0]) payors[0].identifier ??= number;
  const holder = segment.first(11);
  const policyHolder = holder && organization(holder, source);
  if (policyHolder) resource.policyHolder = policyHolder;
  const group = segment.text(8);
  const groupName = segment.first(9);
  if (group !== '') {
    const system = 'http://terminology.hl7.org/CodeSystem/coverage-class';
    const name = groupName && words(groupName);
    const type = { coding: [{ system, code: 'group' }] };
    resource.class = [{ type, value: group, ...(name !== undefined && { name }) }];
  }
  const insured = segment.first(16);
  const name = insured && nameText(insured);
  if (name !== undefined) resource.subscriber = { display: name };
  resource.status = 'active';
}

function planName(segment: SegmentCells): string {
  const plan = segment.first(2);
  return (plan && words(plan)) ?? 'unknown';
}

/** FT1: a charge. */
export function ft1(segment: SegmentCells, assembly: Assembly): void {
  if (segment.peek(7) === '' && segment.peek(7, 2) === '') return;
  const key = [segment.peek(2), segment.peek(4), segment.peek(7), segment.peek(1)];
  const draft = assembly.startOfPatient('ChargeItem', 'update', 'subject', key);
  if (!draft) return;
  const { resource } = draft;
  applyRules(resource, FT1_CHARGE, segment, assembly.source);
  resource.status = segment.text(6) === 'CR' ? 'aborted' : 'billable';
  const quantity = decimal(segment.peek(10));
  if (quantity) {
    segment.text(10);
    resource.quantity = quantity;
  }
  if (assembly.encounter) resource.context = assembly.to(assembly.encounter);
  for (const cell of segment.field(13)) append(resource, 'note', { text: `Department: ${words(cell) ?? ''}` });
}
