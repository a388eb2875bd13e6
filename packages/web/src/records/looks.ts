import { infiniteQueryOptions } from '@tanstack/react-query';
import type { AuditEvent } from 'fhir/r4';
import { type FhirClient, type Page, queryOf } from '../api/fhir.ts';
import { plain } from './words.ts';

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
  /** Role in which somebody looked, as the server names it. */
  role: string;
  /** Such as `Organization/1`; undefined where nobody was named. */
  organization: string | undefined;
  /** How many records of each type, the most first. */
  types: readonly (readonly [type: string, count: number])[];
}

const PAGE = 50;

/** Which looks are wanted; what is undefined restricts nothing. */
export interface LookFilter {
  /** Reference of who looked. */
  agent?: string | undefined;
  /** First and last day. */
  from?: string | undefined;
  until?: string | undefined;
}

/** Who looked at a record, newest first (`GET /fhir/AuditEvent`). A page may be short and still have a next one. */
export function looksQuery(fhir: FhirClient, patientId: string, { agent, from, until }: LookFilter = {}) {
  const date = [...(from ? [`ge${from}`] : []), ...(until ? [`le${until}`] : [])];
  return infiniteQueryOptions({
    queryKey: ['looks', patientId, agent, from, until],
    queryFn: ({ pageParam, signal }): Promise<Page<AuditEvent>> => fhir.page(pageParam, { signal }),
    initialPageParam: `/fhir/AuditEvent?${queryOf({ patient: patientId, _looked: 'true', agent, date, _count: PAGE })}`,
    getNextPageParam: (last: Page<AuditEvent>) => last.next,
    retry: false,
  });
}

export function lookOf(event: AuditEvent): Look {
  const agent = event.agent.find(({ requestor }) => requestor) ?? event.agent[0];
  const who = agent?.who;
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
    role: plain(agent?.role?.[0]?.text),
    organization: agent?.extension?.find(({ valueIdentifier }) => valueIdentifier?.type?.text === 'organization')
      ?.valueIdentifier?.value,
    refused: event.outcome !== undefined && event.outcome !== '0',
    types: [...counts].sort(([, a], [, b]) => b - a),
  };
}
