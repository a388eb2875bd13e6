import { RELEASE_RULES, type ReleaseWish, type ResultClass, releaseOf, toReleasableReport } from '@meridian/clinic';
import { patientIdOf, type Resource } from '@meridian/fhir';
import { EVENT_KIND, plainContext } from '@meridian/records';
import type { Role, Viewer } from '@meridian/viewing';
import type { Target } from '../fhir/operation.ts';
import { parseStored, resourceAnswer, versionAnswer } from '../fhir/outgoing.ts';
import { requireLive } from '../fhir/read.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import { queryOf } from '../fhir/search.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { isDecider, requireDecider } from '../viewing/viewing-api.ts';
import { requireOwnEyes, versionOf } from './patient-record.ts';

const MOST_RESULTS = 200;
const MOST_WAITING = 200;
const CLINICIANS: readonly Role[] = ['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist'];
const WISHES: readonly ReleaseWish[] = ['at-once', 'by-rules', 'after-clinician'];

/**
 * `[DiagnosticReport|Observation]/[id]/$release-now`: the patient, or whoever decides for the patient, sees a waiting
 * result now; a report comes with its results. Answers the record. An event says that it was asked for.
 */
export async function releaseNow(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  requireOwnEyes(request);
  const resource = await services.viewing.evidence.read(target.type, target.id);
  const patientId = resource && patientIdOf(resource, services.baseUrl);
  if (!resource || patientId === undefined || !isDecider(request.viewer, patientId, services.now())) {
    throw refusal(404, 'not-found', `There is no ${target.type} with this id in your record.`);
  }
  await services.clinic.wishes.seeNow(patientId, [`${target.type}/${target.id}`, ...resultsOf(resource)], {
    kind: EVENT_KIND.disclosed,
    patientId,
    context: plainContext(request.context),
    subjects: [versionOf(resource)],
  });
  const stored = await services.store.read(target.type, target.id, request.context);
  return versionAnswer(200, requireLive(stored, target.type, target.id));
}

/** `[DiagnosticReport|Observation]/[id]/$spoken`: a clinician has talked the result over with the patient; the wait ends. */
export async function spoken(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  requireOwnEyes(request);
  const stored = await services.store.read(target.type, target.id, request.context);
  const resource = parseStored(requireLive(stored, target.type, target.id));
  const patientId = patientIdOf(resource, services.baseUrl);
  const { viewer } = request;
  if (patientId === undefined || !viewer.roles.some((role) => CLINICIANS.includes(role))) {
    throw refusal(403, 'forbidden', 'That a result was talked over is for the clinician to say.');
  }
  const by = { by: viewer.actor, at: new Date(services.now()).toISOString() };
  await services.clinic.wishes.spoke(patientId, [`${target.type}/${target.id}`, ...resultsOf(resource)], by, {
    kind: EVENT_KIND.disclosed,
    patientId,
    context: plainContext(request.context),
    subjects: [versionOf(resource)],
  });
  return resourceAnswer(200, { resourceType: 'Parameters', parameter: [{ name: 'released', valueBoolean: true }] });
}

/**
 * What waits for a patient, without its content: that a report exists is not hidden. Only for the patient and whoever
 * decides for the patient.
 */
export async function waitingResults(viewer: Viewer, patientId: string, services: Services): Promise<object> {
  requireDecider(viewer, patientId, services.now());
  const { store, now, clinic } = services;
  const wishes = await clinic.wishes.of(patientId);
  const page = await store.evidence.search(
    { ...queryOf(['DiagnosticReport'], [['_sort', '-issued']], 'strict', services), count: MOST_WAITING },
    store.patientNumber(patientId),
  );
  const waiting = page.matches.flatMap((stored) => {
    const report = toReleasableReport(parseStored(stored), []);
    const release = report && releaseOf(report, RELEASE_RULES, wishes, wishes.spoke, now());
    if (!report || release?.state !== 'waiting') return [];
    const { opens, reason, words } = release;
    return [{ report: report.id, issued: report.issued, reason, ...(opens !== undefined && { opens }), words }];
  });
  const { general = 'by-rules', byClass = {} } = wishes;
  return { general, byClass, rules: RELEASE_RULES, waiting };
}

/** Sets what a patient wishes about results. Throws 400 for what is no wish. */
export async function setWishes(
  viewer: Viewer,
  patientId: string,
  body: Readonly<Record<string, unknown>>,
  services: Services,
): Promise<void> {
  requireDecider(viewer, patientId, services.now());
  const { general, byClass = {} } = body;
  const classes = new Set<string>(RELEASE_RULES.map((rule) => rule.class));
  const good = (wish: unknown): wish is ReleaseWish => WISHES.includes(wish as ReleaseWish);
  const entries = typeof byClass === 'object' && byClass !== null ? Object.entries(byClass) : [];
  if ((general !== undefined && !good(general)) || !entries.every(([name, wish]) => classes.has(name) && good(wish))) {
    throw refusal(400, 'value', `A wish is one of ${WISHES.join(', ')}, in general or by class of result.`);
  }
  await services.clinic.wishes.choose(patientId, {
    ...(good(general) && { general }),
    byClass: Object.fromEntries(entries) as Partial<Record<ResultClass, ReleaseWish>>,
  });
}

function resultsOf(resource: Resource): string[] {
  const { result } = resource as Resource & { result?: { reference?: unknown }[] };
  if (resource.resourceType !== 'DiagnosticReport' || !Array.isArray(result)) return [];
  return result
    .slice(0, MOST_RESULTS)
    .flatMap(({ reference }) =>
      typeof reference === 'string' && /^Observation\/[A-Za-z0-9\-.]{1,64}$/.test(reference) ? [reference] : [],
    );
}
