import type { SearchQuery } from '@meridian/fhir';
import type { StoredVersion } from '@meridian/records';
import { refusal } from '../http/http-error.ts';
import type { FhirRequest } from './request.ts';
import type { Services } from './services.ts';

/**
 * The one resource that the criteria of a conditional interaction find; undefined where there is none. Several are
 * refused with 412 (FHIR R4, RESTful API §3.1.0.4.3 and the other conditional interactions).
 */
export async function findOne(
  query: SearchQuery,
  request: FhirRequest,
  services: Services,
): Promise<StoredVersion | undefined> {
  requireSelective(query);
  const page = await services.store.search({ ...query, count: 2, total: 'none' }, request.context);
  if (page.matches.length > 1) {
    throw refusal(412, 'multiple-matches', 'The criteria find more than one resource; make them select exactly one.');
  }
  return page.matches[0];
}

/** Criteria that filter nothing would make "the one match" whatever happens to stand alone in the store. */
export function requireSelective(query: SearchQuery): void {
  if (query.filters.length === 0) {
    throw refusal(
      412,
      'invalid',
      'The criteria of a conditional request must select something; add a search parameter.',
    );
  }
}
