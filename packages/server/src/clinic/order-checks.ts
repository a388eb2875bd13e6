import { FINDING_KEY_SYSTEM, type Finding, RULE_SYSTEM } from '@meridian/clinic';
import { patientIdOf, type Resource } from '@meridian/fhir';
import { EVENT_KIND, plainContext, type Write, type WriteResult } from '@meridian/records';
import type { FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { HttpError } from '../http/http-error.ts';
import { lineOf } from './check-safety.ts';
import { localeOf, scriptOf } from './language.ts';
import { overridesIn } from './override.ts';
import type { WordedIssue } from './patient-record.ts';
import { aboutDrafts, checkPatient, noteLook } from './safety.ts';

/** What is left to do once the orders are written. */
export type AfterOrders = (results: readonly WriteResult[]) => Promise<void>;

const MOST_BESIDE = 100;
const NOTHING: AfterOrders = async () => undefined;
/** Orders that somebody is about to carry out; a stopped or completed one only says what was. */
const ABOUT_TO = new Set(['active', 'draft', 'on-hold']);

/**
 * Stops orders (MedicationRequests) with a contraindicated or serious finding: 422 with the findings, unless the order gives
 * a reason for each (`overridesIn`), which then becomes an event. Programs with a system token record what happened
 * elsewhere and are not stopped: what they write is flagged whenever the patient is checked.
 */
export async function checkOrders(
  writes: readonly Write[],
  request: FhirRequest,
  services: Services,
): Promise<AfterOrders> {
  if (request.viewer.roles.includes('system')) return NOTHING;
  const resources = writes.flatMap((write) => (write.op === 'delete' ? [] : [withId(write)]));
  const byPatient = Map.groupBy(resources.filter(isOrder), (order) => patientIdOf(order, services.baseUrl));
  const overridden: { patientId: string; key: string; code: string }[] = [];
  for (const [patientId, orders] of byPatient) {
    if (patientId === undefined) continue;
    const issues = await issuesOf(patientId, orders, resources, services);
    const given = orders.flatMap((order) => overridesIn(order, issues));
    const check = await checkPatient(patientId, orders, request, services, { overrides: given });
    const about = aboutDrafts(check);
    const stopping = about.filter(({ interrupts }) => interrupts);
    if (stopping.length > 0) {
      await noteLook(patientId, { ...check, findings: stopping }, request, services);
      throw stopped(stopping, request);
    }
    const used = about.flatMap(({ key, overridden: by }) => given.find((one) => by && one.key === key) ?? []);
    overridden.push(...used.map(({ key, code }) => ({ patientId, key, code })));
  }
  return overridden.length === 0 ? NOTHING : (results) => record(overridden, results, request, services);
}

function withId(write: Exclude<Write, { op: 'delete' }>): Resource {
  const id = write.op === 'create' ? write.id : write.resource.id;
  return id === undefined ? withoutId(write.resource) : { ...write.resource, id };
}

/** The id in the body of a create is ignored, so it must not stand for an order that is there. */
function withoutId({ id: _ignored, ...resource }: Resource): Resource {
  return resource;
}

function isOrder({ resourceType, status }: Resource): boolean {
  return resourceType === 'MedicationRequest' && ABOUT_TO.has(String(status));
}

/** DetectedIssues that orders refer to: written along with them, or there already. */
async function issuesOf(
  patientId: string,
  orders: readonly Resource[],
  resources: readonly Resource[],
  { viewing, baseUrl }: Services,
): Promise<Resource[]> {
  const named = orders.flatMap(({ detectedIssue }) =>
    Array.isArray(detectedIssue) ? detectedIssue.map((one: { reference?: unknown } | null) => one?.reference) : [],
  );
  const along = resources.filter(({ resourceType }) => resourceType === 'DetectedIssue');
  const stored: Resource[] = [];
  for (const reference of named.slice(0, MOST_BESIDE)) {
    const id = /^DetectedIssue\/([A-Za-z0-9\-.]{1,64})$/.exec(String(reference))?.[1];
    if (id === undefined || along.some((one) => one.id === id)) continue;
    const found = await viewing.evidence.read('DetectedIssue', id);
    if (found && patientIdOf(found, baseUrl) === patientId) stored.push(found);
  }
  return [...along, ...stored];
}

const SENTENCE =
  'The order was not written: a safety check stopped it. Change the order, or give a reason: a DetectedIssue with this key as identifier and a mitigation from the code system safety-override-reason, named in MedicationRequest.detectedIssue.';

/** 422 (FHIR R4, RESTful API §3.1.0.8.1: a business rule). The words are for the reader; the sentence is for the log. */
function stopped(findings: readonly Finding[], request: FhirRequest): HttpError {
  const script = scriptOf(localeOf(request));
  const issues = findings.map(
    (finding): WordedIssue => ({
      severity: 'error',
      code: 'business-rule',
      diagnostics: SENTENCE,
      details: {
        coding: [
          { system: FINDING_KEY_SYSTEM, code: finding.key },
          { system: RULE_SYSTEM, code: finding.rule },
        ],
        text: lineOf(finding, script),
      },
    }),
  );
  return new HttpError(422, issues);
}

/** The order itself carries the reason, so a crash before this loses the event and not the reason. */
async function record(
  overridden: readonly { patientId: string; key: string; code: string }[],
  results: readonly WriteResult[],
  request: FhirRequest,
  { store, baseUrl }: Services,
): Promise<void> {
  const context = plainContext(request.context);
  const events = [...Map.groupBy(overridden, ({ patientId }) => patientId)].flatMap(([patientId, used]) => {
    const subjects = results
      .filter(({ stored, outcome }) => stored.type === 'MedicationRequest' && outcome !== 'unchanged')
      .filter(({ stored }) => stored.json && ownerOf(stored.json, baseUrl) === patientId)
      .map(({ stored }) => `MedicationRequest/${stored.id}/_history/${stored.version}`);
    const basis = [...new Set(used.map(({ code }) => code))].join(' ');
    return subjects.length === 0 ? [] : [{ kind: EVENT_KIND.safetyOverridden, patientId, context, subjects, basis }];
  });
  await store.record(events);
}

function ownerOf(json: Buffer, baseUrl: string): string | undefined {
  return patientIdOf(JSON.parse(json.toString('utf8')) as Resource, baseUrl);
}
