import type { V2Identifier } from '@meridian/convert';
import type { Resource } from '@meridian/fhir';
import { parseStored } from '../fhir/outgoing.ts';
import type { FhirRequest } from '../fhir/request.ts';
import { queryOf } from '../fhir/search.ts';
import type { Services } from '../fhir/services.ts';

/** The patients that the caller sees and that have an identifier; two are enough to know that it is not one. */
export async function patientsWith(
  { system, value }: V2Identifier,
  { context }: FhirRequest,
  services: Services,
): Promise<Resource[]> {
  const sought = [system, value].map((text) => (text ?? '').replaceAll(/[\\|,$]/g, '\\$&')).join('|');
  const query = { ...queryOf(['Patient'], [['identifier', sought]], 'strict', services), count: 2 };
  const { matches } = await services.store.search(query, context);
  return matches.map(parseStored);
}
