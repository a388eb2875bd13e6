import type { Call } from '../connection/client.ts';

/** What is to be exported. */
export interface ExportRequest {
  /** Resource types; none: all. */
  types: readonly string[];
  /** FHIR instant or date: only what has changed since. */
  since?: string;
  /** Ids of Patients; none: the whole system. */
  patients: readonly string[];
  /** Id of a Group whose members are exported. */
  group?: string;
}

/** The kick-off request (FHIR Bulk Data Access 2.0, Bulk Data Kick-off Request). */
export function kickOff({ types, since, patients, group }: ExportRequest): Call {
  const headers = { accept: 'application/fhir+json', prefer: 'respond-async' };
  const level = group !== undefined ? `Group/${encodeURIComponent(group)}/` : patients.length > 0 ? 'Patient/' : '';
  const url = `/fhir/${level}$export`;
  if (patients.length === 0) {
    const query = new URLSearchParams();
    if (types.length > 0) query.set('_type', types.join(','));
    if (since !== undefined) query.set('_since', since);
    return { method: 'GET', url: query.size > 0 ? `${url}?${query}` : url, headers };
  }
  // patients go in the body, so that no log of URLs names them
  const parameter = [
    ...(types.length > 0 ? [{ name: '_type', valueString: types.join(',') }] : []),
    ...(since !== undefined ? [{ name: '_since', valueInstant: since }] : []),
    ...patients.map((id) => ({ name: 'patient', valueReference: { reference: `Patient/${id}` } })),
  ];
  const body = Buffer.from(JSON.stringify({ resourceType: 'Parameters', parameter }));
  return { method: 'POST', url, headers: { ...headers, 'content-type': 'application/fhir+json' }, body };
}
