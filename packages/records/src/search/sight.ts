import type { SearchQuery } from '@meridian/fhir';
import { type Ids, NOBODY } from '../ids.ts';
import type { ViewContext } from '../store.ts';
import { ALWAYS } from '../visibility/narrow.ts';
import type { Rule } from '../visibility.ts';
import { patientScope, typesLookedAt } from './filters.ts';

/** What a search may see. */
export interface Sight {
  /** For what is found. */
  found: Rule;
  /** For what chains and `_has` look at on the way. */
  passed: Rule;
}

/** The sight of the system. */
export const ALL_SIGHT: Sight = { found: ALWAYS, passed: ALWAYS };

/** Asks the rules of a search, once for all its statements, so that page, order and count agree. */
export async function sightOf(query: SearchQuery, context: ViewContext, ids: Ids): Promise<Sight> {
  const patientId = patientScope(query.filters, query.types);
  const patient = patientId === undefined ? NOBODY : ids.patient(patientId);
  const passing = typesLookedAt(query.filters);
  const { visibility } = context;
  const [found, passed] = await Promise.all([
    visibility.ruleFor({ types: query.types, ...(patient !== NOBODY && { patient }) }),
    passing.length === 0 ? ALWAYS : visibility.ruleFor({ types: passing }),
  ]);
  return { found, passed };
}
