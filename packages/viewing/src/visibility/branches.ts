import type { Rule } from '@meridian/records';
import { purposeOf } from '../decision/purposes.ts';
import type { Relation } from '../decision/vocabulary.ts';
import type { Grant } from '../grants/grant.ts';
import { grantRule } from '../grants/grant-rule.ts';
import type { CareFact } from '../relations/care-facts.ts';
import { relationsTo } from '../relations/relations.ts';
import { ALWAYS } from '../rules/combine.ts';
import { authoredBy } from '../rules/filters.ts';
import type { Viewer } from '../viewer.ts';
import type { Names } from './patient-knowledge.ts';
import type { Branch } from './patient-rule.ts';

/** What is known of a viewer and one patient. */
export interface Situation {
  viewer: Viewer;
  names: Names;
  /** Whether a logical id is the patient's. */
  isPatient: (id: string) => boolean;
  care: readonly CareFact[];
  /** Grants in force for this viewer and patient. */
  grants: readonly Grant[];
  /** Epoch milliseconds. */
  now: number;
}

/** The branch of a relation for a viewer, on the records that fulfil the condition. */
export function branch(viewer: Viewer, relation: Relation, condition: Rule, detail = ''): Branch {
  return { standing: { roles: viewer.roles, purpose: purposeOf(viewer.purpose), relation }, condition, detail };
}

/**
 * All ways in which the viewer stands to the patient, in the order in which reasons are given.
 *
 * @param authored which records the viewer wrote, where it is known already
 */
export function branchesFor(
  situation: Situation,
  types: readonly string[],
  authored: Rule = authoredBy(types, situation.names.people),
): Branch[] {
  const { viewer, names, isPatient, care, grants, now } = situation;
  const ties = relationsTo(viewer, isPatient, care, names.people, now);
  const granted = (relation: Relation, kinds: readonly Grant['kind'][]): Branch[] =>
    grants
      .filter(({ kind }) => kinds.includes(kind))
      .map((grant) => branch(viewer, relation, grantRule(grant.scope, types, relation !== 'approval'), grant.id));
  return [
    ...granted('court-order', ['court-order']),
    ...ties.map(({ relation, basis }) => branch(viewer, relation, ALWAYS, basis)),
    branch(viewer, 'author', authored),
    branch(viewer, 'none', ALWAYS),
    ...granted('approval', ['approval', 'access-code']),
    ...granted('break-glass', ['break-glass']),
  ];
}

/** Whether the patient is in the viewer's care, in person or through an organisation. */
export function isCaring(branches: readonly Branch[]): boolean {
  return branches.some(
    ({ standing }) => standing.relation === 'treating-person' || standing.relation === 'treating-organisation',
  );
}
