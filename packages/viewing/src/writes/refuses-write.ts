import { matches, parseJson, type Resource } from '@meridian/fhir';
import { LABEL, type Rule, type WriteAttempt } from '@meridian/records';
import { categoryOf } from '../decision/categories.ts';
import type { DecisionTable } from '../decision/decision-table.ts';
import type { Action } from '../decision/vocabulary.ts';
import { LABELS, labelsIn } from '../labels/label.ts';
import { ALWAYS } from '../rules/combine.ts';
import { authoredBy } from '../rules/filters.ts';
import type { TokenScopes } from '../scopes/scopes.ts';
import { branch, branchesFor, type Situation } from '../visibility/branches.ts';
import type { Branch } from '../visibility/patient-rule.ts';
import { isAmendment, isNote } from './notes.ts';
import { isMarkedAsReported, REPORTABLE } from './patient-reported.ts';

const PERMISSION = { create: 'c', update: 'u', delete: 'd' } as const;
const MAX_JSON = { depth: 64 };

/**
 * Why a write is refused; undefined where it is allowed. Scopes first, then policy for the relations of the writer to the
 * patient, then what holds whoever writes: notes belong to their authors, labels are lowered by whoever may see them, and what
 * patients report is marked as such.
 */
export function refusesWrite(
  change: WriteAttempt,
  situation: Situation,
  table: DecisionTable,
  scopes: TokenScopes,
  launchPatient: bigint | undefined,
): string | undefined {
  const before = change.before && parsed(change.before.json);
  const after = change.after && parsed(change.after.json);
  const resource = after ?? before;
  if (!resource) return 'There is nothing here to be written.';
  if (!scopes.allowsWrite(PERMISSION[change.action], resource, change.patient, launchPatient)) {
    return `The scopes of this token do not allow to ${change.action} this ${change.type}; ask for a token that does.`;
  }
  const { viewer } = situation;
  if (viewer.roles.includes('system')) return undefined;
  const action: Action = isRaise(change, before, after) ? 'label' : change.action;
  const open = writing(change, situation, before).filter((one) => allows(table, one, action, change));
  if (open.length === 0)
    return `You may not ${change.action} this ${change.type}: nothing puts its patient in your care.`;
  return refusedByContent(change, situation, open, action, before, after);
}

function parsed(json: Buffer): Resource {
  return parseJson(json.toString('utf8'), MAX_JSON) as Resource;
}

/** The relations by which the viewer might write; a token to view is none. */
function writing({ patient, type }: WriteAttempt, situation: Situation, before: Resource | undefined): Branch[] {
  const { viewer, names } = situation;
  const author = before && holdsFor(authoredBy([type], names.people), before);
  const authored = author ? [branch(viewer, 'author', ALWAYS)] : [];
  if (patient === 0n) return [branch(viewer, 'nobody', ALWAYS), ...authored];
  const others = branchesFor(situation, [type]).filter(
    ({ standing }) => !['author', 'approval', 'court-order'].includes(standing.relation),
  );
  return [...others, ...authored];
}

function holdsFor(rule: Rule, resource: Resource): boolean {
  if (rule.kind === 'any') return rule.of.some((part) => holdsFor(part, resource));
  return rule.kind === 'filter' && rule.types.includes(resource.resourceType) && matches([rule.filter], resource);
}

function allows(table: DecisionTable, { standing }: Branch, action: Action, change: WriteAttempt): boolean {
  const category = categoryOf(change.type);
  // taking a record out of sight, or back, is about the label itself
  const mask = action === 'label' ? 0 : (change.before?.labels ?? 0) | (change.after?.labels ?? 0);
  const labels = LABELS.filter((label) => label === 'normal' || labelsIn(mask).includes(label));
  return labels.every((label) => table.decide(standing, action, category, 'none', label).allowed);
}

/** Whether an update changes nothing but labels, and lowers none; "removed" may also be taken back. */
function isRaise(change: WriteAttempt, before: Resource | undefined, after: Resource | undefined): boolean {
  if (change.action !== 'update' || !before || !after) return false;
  const lowered = (change.before?.labels ?? 0) & ~(change.after?.labels ?? 0) & ~LABEL.removed;
  return lowered === 0 && withoutLabels(before) === withoutLabels(after);
}

function withoutLabels(resource: Resource): string {
  const { meta = {}, ...rest } = resource;
  const { security: _security, versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = meta;
  return JSON.stringify(sorted({ ...rest, meta: kept }));
}

/** Members in the order of their names, so that equal content is equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

function refusedByContent(
  change: WriteAttempt,
  { names }: Situation,
  open: readonly Branch[],
  action: Action,
  before: Resource | undefined,
  after: Resource | undefined,
): string | undefined {
  const relations = open.map(({ standing }) => standing.relation);
  const removedBefore = ((change.before?.labels ?? 0) & LABEL.removed) !== 0;
  const removedAfter = ((change.after?.labels ?? 0) & LABEL.removed) !== 0;
  if (removedBefore !== removedAfter && change.after && !relations.includes('self')) {
    return 'Only the patient removes a record from sight, or brings it back.';
  }
  if (action === 'label') return undefined;
  const lowered = (change.before?.labels ?? 0) & ~(change.after?.labels ?? 0);
  if (change.action === 'update' && lowered !== 0 && !relations.includes('author')) {
    return 'Labels are lowered by the author of a record only; keep those that stand.';
  }
  if (before && isNote(change.type) && !relations.includes('author') && !isAmendment(before, after)) {
    return `This ${change.type} is somebody else's; amend it: set a status that says so and keep its authors.`;
  }
  const onlySelf = relations.every((relation) => relation === 'self');
  if (onlySelf && categoryOf(change.type) === 'clinical' && !isMarkedAsReported(after, names.people)) {
    return `Patients add ${REPORTABLE.join(' or ')} of their own, marked PATRPT in meta.security; ask for amendment of others.`;
  }
  return undefined;
}
