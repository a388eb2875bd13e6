import type { PatientEvents } from '@meridian/records';
import { auditEventOf, LOOKED_KINDS, TOLD_KINDS, type Viewer } from '@meridian/viewing';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { first, formatQuery, type Parameters } from '../http/query-string.ts';
import type { Names } from './names.ts';
import { isDecider } from './viewing-api.ts';

export interface AuditEventsParts {
  events: PatientEvents;
  names: Names;
  /** Of the FHIR API, without a final slash. */
  baseUrl: string;
  now: () => number;
}

const UNDERSTOOD = new Set([
  'patient',
  'action',
  'agent',
  'date',
  '_before',
  '_looked',
  '_count',
  '_format',
  '_pretty',
]);
const PATIENT = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/;
const DAY = /^(ge|le)(\d{4}-\d{2}-\d{2})$/;

/**
 * `GET /fhir/AuditEvent?patient=…`: who looked at a record, and what else happened to it, read from the patient's chain
 * in the ledger (IHE BALP). Newest first. `_looked=true` leaves out what is no look; `action`, `agent` and `date` narrow.
 * A page may be short or empty and still have a next one: `link` says so.
 */
export async function searchAuditEvents(
  parameters: Parameters,
  viewer: Viewer,
  parts: AuditEventsParts,
): Promise<Answer> {
  const patientId = PATIENT.exec(first(parameters, 'patient') ?? '')?.[1];
  if (patientId === undefined) {
    throw refusal(400, 'required', 'Name the patient whose audit events you want: AuditEvent?patient=ID.');
  }
  const strange = parameters.find(([name]) => !UNDERSTOOD.has(name));
  if (strange) {
    throw refusal(400, 'not-supported', `Audit events are searched by ${[...UNDERSTOOD].slice(0, 4).join(', ')}.`);
  }
  requireMayAudit(viewer, patientId, parts.now());
  const wanted = filterOf(parameters);
  const page = await parts.events.page(patientId, beforeOf(parameters), wanted);
  const names = await parts.names.all(page.events.map(({ actor }) => actor));
  const nameOf = (actor: string): string | undefined => names.get(actor);
  const entry = page.events.map((event) => {
    const resource = auditEventOf(event, patientId, { baseUrl: parts.baseUrl, nameOf });
    return { fullUrl: `${parts.baseUrl}/AuditEvent/${resource.id}`, resource, search: { mode: 'match' } };
  });
  const bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    link: linksOf(parameters, page.next, `${parts.baseUrl}/AuditEvent`),
    ...(entry.length > 0 && { entry }),
  };
  return { status: 200, body: Buffer.from(JSON.stringify(bundle)) };
}

/** The patient, who decides for them, and those whose office it is. Nobody else learns who looked. */
function requireMayAudit(viewer: Viewer, patientId: string, now: number): void {
  const officers = ['auditor', 'privacy-officer', 'system'] as const;
  if (isDecider(viewer, patientId, now) || officers.some((role) => viewer.roles.includes(role))) return;
  throw refusal(403, 'forbidden', 'Who looked at a record is for the patient and for auditors.');
}

function filterOf(parameters: Parameters): (event: { kind: number; actor: string; at: number }) => boolean {
  const kinds = first(parameters, '_looked') === 'true' ? LOOKED_KINDS : TOLD_KINDS;
  const agent = first(parameters, 'agent');
  const bounds = parameters.filter(([name]) => name === 'date').map(([, value]) => boundOf(value));
  return ({ kind, actor, at }) =>
    kinds.has(kind) && (agent === undefined || actor === agent) && bounds.every((within) => within(at));
}

function boundOf(value: string): (at: number) => boolean {
  const [, prefix, day] = DAY.exec(value) ?? [];
  const start = Date.parse(`${day}T00:00:00Z`);
  if (day === undefined || Number.isNaN(start)) {
    throw refusal(400, 'value', 'date must be ge or le and a day, such as ge2026-01-31.');
  }
  return prefix === 'ge' ? (at) => at >= start : (at) => at < start + 86_400_000;
}

function beforeOf(parameters: Parameters): number | undefined {
  const value = first(parameters, '_before');
  if (value === undefined) return undefined;
  if (/^\d{1,12}$/.test(value)) return Number(value);
  throw refusal(400, 'value', '_before must be as the next link has it.');
}

function linksOf(parameters: Parameters, next: number | undefined, url: string): object[] {
  const self = { relation: 'self', url: `${url}?${formatQuery(parameters)}` };
  if (next === undefined) return [self];
  const others = parameters.filter(([name]) => name !== '_before');
  return [self, { relation: 'next', url: `${url}?${formatQuery([...others, ['_before', String(next)]])}` }];
}
