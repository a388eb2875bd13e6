import type { QueryClient } from '@tanstack/react-query';
import type { Patient } from 'fhir/r4';

const key = (id: string): readonly string[] => ['name card', id];

/** Keeps what `$match` told of somebody until the page is left, so that a closed chart can say whose it is. */
export function rememberCard(queries: QueryClient, patient: Patient): void {
  if (patient.id !== undefined) queries.setQueryData(key(patient.id), patient);
}

export function knownCard(queries: QueryClient, id: string): Patient | undefined {
  return queries.getQueryData<Patient>(key(id));
}
