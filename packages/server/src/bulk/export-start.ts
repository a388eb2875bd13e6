import { plainContext } from '@meridian/records';
import { instant } from '../fhir/history.ts';
import type { Target } from '../fhir/operation.ts';
import { issuesBody, parseStored } from '../fhir/outgoing.ts';
import { OperationInput } from '../fhir/parameters.ts';
import { requireLive } from '../fhir/read.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { formatQuery } from '../http/query-string.ts';
import { type ExportLevel, type ExportPlan, exportTypes, requireNdjson } from './export-plan.ts';

/** Most patients of one export by `patient` or Group. */
const MOST_PATIENTS = 100_000;

/**
 * `$export` on the system, on Patient and on a Group (FHIR Bulk Data Access 2.0): 202 with the status URL in
 * Content-Location. `Prefer: respond-async` is required there, and so here.
 */
export async function exportStart(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  if (!request.preferences.respondAsync) {
    throw refusal(400, 'required', 'An export is always asynchronous; send the header Prefer: respond-async.');
  }
  const input = new OperationInput(request);
  refuseUnknown(input, request);
  requireNdjson(input.text('_outputFormat'));
  const level: ExportLevel = target.type === '' ? 'system' : target.type === 'Patient' ? 'patient' : 'group';
  const since = input.text('_since');
  const patients = await patientsOf(level, target, input, request, services);
  const plan: ExportPlan = {
    types: exportTypes(level, input.texts('_type')),
    ...(since !== undefined && { since: instant([['_since', since]], '_since') ?? 0 }),
    ...(patients && { patients }),
  };
  const path = [target.type, target.id, '$export'].filter((part) => part !== '').join('/');
  const query = request.parameters.length > 0 ? `?${formatQuery(request.parameters)}` : '';
  const id = services.jobs.newId();
  await services.jobs.create('export', id, {
    request: `${services.baseUrl}/${path}${query}`,
    context: plainContext(request.context),
    viewer: request.viewer,
    started: services.now(),
    plan,
    output: [],
    error: [],
    done: 0,
  });
  return accepted(`${services.baseUrl}/$export-status/${id}`);
}

/** 202 and where to ask how it goes. */
export function accepted(url: string): Answer {
  return {
    status: 202,
    headers: { 'content-location': url },
    ...issuesBody([
      {
        severity: 'information',
        code: 'informational',
        diagnostics: 'The request was accepted; ask for its status at the URL in Content-Location.',
      },
    ]),
  };
}

const KNOWN = new Set(['_outputFormat', '_since', '_type', 'patient', '_format', '_pretty']);

/** Leaving out a restriction that was not understood would export more than was asked for. */
function refuseUnknown(_input: OperationInput, request: FhirRequest): void {
  const unknown = request.parameters.find(([name]) => !KNOWN.has(name));
  if (unknown && request.preferences.handling === 'strict') {
    throw refusal(
      400,
      'not-supported',
      `This server supports ${[...KNOWN].slice(0, 4).join(', ')} for exports; leave out the others.`,
    );
  }
  if (unknown && (unknown[0] === '_typeFilter' || unknown[0] === '_elements')) {
    throw refusal(400, 'not-supported', `The parameter ${unknown[0]} is not supported for exports; leave it out.`);
  }
}

/** The patients that an export is restricted to: members of the Group, those named by `patient`, or both. */
async function patientsOf(
  level: ExportLevel,
  target: Target,
  input: OperationInput,
  request: FhirRequest,
  services: Services,
): Promise<string[] | undefined> {
  const named = input.texts('patient').map(patientId);
  if (named.length > 0 && level === 'system') {
    throw refusal(400, 'invalid', 'The parameter patient belongs to Patient/$export and Group/[id]/$export.');
  }
  if (named.length > 0 && request.method !== 'POST') {
    throw refusal(400, 'invalid', 'The parameter patient can only be sent by POST, so that no URL names patients.');
  }
  if (level !== 'group') return named.length > 0 ? bounded([...new Set(named)]) : undefined;
  const stored = await services.store.read('Group', target.id, request.context);
  const members = membersOf(parseStored(requireLive(stored, 'Group', target.id)));
  const strangers = named.filter((id) => !members.includes(id));
  if (strangers.length > 0)
    throw refusal(422, 'business-rule', 'The parameter patient names somebody who is not a member of the Group.');
  return bounded(named.length > 0 ? [...new Set(named)] : members);
}

function membersOf(group: { member?: unknown; [element: string]: unknown }): string[] {
  const members = Array.isArray(group.member)
    ? (group.member as { entity?: { reference?: string }; inactive?: boolean }[])
    : [];
  const ids = members
    .filter((member) => member.inactive !== true)
    .map((member) => /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(member.entity?.reference ?? '')?.[1]);
  return [...new Set(ids.filter((id) => id !== undefined))];
}

function patientId(reference: string): string {
  const id = /^(?:.*\/)?Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(reference)?.[1];
  if (id === undefined) throw refusal(400, 'value', 'The parameter patient must be a reference such as Patient/123.');
  return id;
}

function bounded(patients: string[]): string[] {
  if (patients.length > MOST_PATIENTS) {
    throw refusal(
      400,
      'too-costly',
      `An export can name at most ${MOST_PATIENTS} patients; export the system instead.`,
    );
  }
  return patients;
}
