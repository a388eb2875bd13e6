import { infiniteQueryOptions } from '@tanstack/react-query';
import type { FhirResource, Patient } from 'fhir/r4';
import type { FhirClient, Page } from '../api/fhir.ts';

/** Entries of one page: large enough that a lifetime is a few round trips. */
const PAGE = 500;
/** A record beyond this is searched at the server, not here. */
export const MOST_ENTRIES = 20_000;

/** A patient's whole record, page by page (`$everything`). What is around the record (people, places) comes with it. */
export function recordQuery(fhir: FhirClient, patientId: string) {
  return infiniteQueryOptions({
    queryKey: ['record', patientId],
    queryFn: ({ pageParam, signal }): Promise<Page> => fhir.page(pageParam, { signal }),
    initialPageParam: `/fhir/Patient/${encodeURIComponent(patientId)}/$everything?_count=${PAGE}`,
    getNextPageParam: (last: Page, pages: readonly Page[]) =>
      pages.length * PAGE < MOST_ENTRIES ? last.next : undefined,
    staleTime: 60_000,
  });
}

/** What is not an entry of the record but about it. */
const AROUND = new Set([
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'RelatedPerson',
  'Medication',
  'Device',
  'Group',
  'Binary',
]);

/** The entries of the record and the person. */
export function contentOf(
  pages: readonly Page[] | undefined,
  patientId: string,
): { person: Patient | undefined; entries: FhirResource[] } {
  const all = (pages ?? []).flatMap(({ resources }) => resources);
  const person = all.find((one): one is Patient => one.resourceType === 'Patient' && one.id === patientId);
  return { person, entries: all.filter(({ resourceType }) => !AROUND.has(resourceType)) };
}
