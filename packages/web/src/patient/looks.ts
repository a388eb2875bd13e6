import { infiniteQueryOptions } from '@tanstack/react-query';
import type { AuditEvent } from 'fhir/r4';
import { type FhirClient, type Page, queryOf } from '../api/fhir.ts';
import { plain } from '../records/words.ts';

/** Somebody looked at the record, or tried to. */
export interface Look {
  id: string;
  at: string;
  /** What to call who looked: a name, or what the event calls a program. */
  who: string;
  /** Reference of who looked, such as `Practitioner/8f…`; undefined for a program. */
  actor: string | undefined;
  /** What was done: `read`, `search`, `export`, `disclosure`, `refusal`, `break-glass`. */
  act: string;
  /** Code of v3-ActReason. */
  purpose: string;
  refused: boolean;
  /** How many records of each type, the most first. */
  types: readonly (readonly [type: string, count: number])[];
}

const PAGE = 50;

/** Who looked at a record, newest first (`GET /fhir/AuditEvent`). A page may be short and still have a next one. */
export function looksQuery(fhir: FhirClient, patientId: string) {
  return infiniteQueryOptions({
    queryKey: ['looks', patientId],
    queryFn: ({ pageParam, signal }): Promise<Page<AuditEvent>> => fhir.page(pageParam, { signal }),
    initialPageParam: `/fhir/AuditEvent?${queryOf({ patient: patientId, _looked: 'true', _count: PAGE })}`,
    getNextPageParam: (last: Page<AuditEvent>) => last.next,
    retry: false,
  });
}

export function lookOf(event: AuditEvent): Look {
  const who = event.agent.find(({ requestor }) => requestor)?.who ?? event.agent[0]?.who;
  const counts = new Map<string, number>();
  for (const { what } of event.entity ?? []) {
    const type = /^([A-Z][A-Za-z]+)\//.exec(what?.reference ?? '')?.[1];
    if (type !== undefined) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  // every event names the patient; as the only thing it means the person's own page
  if (counts.size > 1) counts.delete('Patient');
  return {
    id: event.id ?? '',
    at: event.recorded,
    who: plain(who?.display ?? who?.reference),
    actor: who?.reference,
    act: event.subtype?.[0]?.code ?? event.action ?? '',
    purpose: event.purposeOfEvent?.[0]?.coding?.[0]?.code ?? '',
    refused: event.outcome !== undefined && event.outcome !== '0',
    types: [...counts].sort(([, a], [, b]) => b - a),
  };
}
