import type { Parameters } from 'fhir/r4';
import type { FhirClient } from '../../api/fhir.ts';
import type { Http } from '../../api/http.ts';

/** A request for approval, of `/viewing/requests`; times in epoch milliseconds. */
export interface ViewingRequest {
  id: string;
  patientId: string;
  state: 'waiting' | 'approved' | 'refused' | 'withdrawn' | 'expired';
  words: string;
  created: number;
  expires: number;
  answer?: string;
  /** The permission that the approval made. */
  grant?: string;
  requester: { actor: string; name: string };
}

/** What opens a record for a while, of `/viewing/grants`; times in epoch milliseconds. */
export interface Grant {
  id: string;
  kind: 'approval' | 'access-code' | 'break-glass' | 'court-order';
  patientId: string;
  until: number;
  ended?: { at: number };
}

/** What `$may` says of a kind of record. */
export interface May {
  allowed: boolean;
  /** Nothing of it is withheld. */
  all: boolean;
  because: string[];
  remedies: string[];
}

export async function myRequests(http: Http, signal: AbortSignal): Promise<ViewingRequest[]> {
  const { requests } = await http.json<{ requests: ViewingRequest[] }>('/viewing/requests', { signal });
  return requests;
}

export async function myGrants(http: Http, signal: AbortSignal): Promise<Grant[]> {
  const { grants } = await http.json<{ grants: Grant[] }>('/viewing/grants', { signal });
  return grants;
}

/** Whether records of a type of a patient are open to the reader. */
export async function mayRead(fhir: FhirClient, type: string, patientId: string, signal: AbortSignal): Promise<May> {
  const query = new URLSearchParams({ what: type, patient: patientId });
  const { parameter = [] } = await fhir.operation<Parameters>(`$may?${query}`, undefined, { signal });
  const named = (name: string) => parameter.filter((one) => one.name === name);
  return {
    allowed: named('allowed')[0]?.valueBoolean === true,
    all: named('all')[0]?.valueBoolean === true,
    because: named('because').flatMap(({ valueString }) => valueString ?? []),
    remedies: named('remedy').flatMap(({ valueCode }) => valueCode ?? []),
  };
}

/** Why the glass may be broken, as the server knows it (packages/viewing, break-glass). */
export const GLASS_REASONS = [
  'life-threatening',
  'patient-cannot-answer',
  'danger-to-others',
  'child-protection',
  'no-time-to-ask',
] as const;
export type GlassReason = (typeof GLASS_REASONS)[number];

/** How recently one must have proven who one is before the glass breaks (docs/viewing.md). */
export const FRESH_MS = 5 * 60_000;
