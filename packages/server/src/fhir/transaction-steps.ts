import {
  isResourceType,
  mapReferences,
  parseReference,
  patientIdOf,
  type Resource,
  type SearchQuery,
} from '@meridian/fhir';
import type { StoredVersion } from '@meridian/records';
import { refusal } from '../http/http-error.ts';
import type { Entry } from './bundle-entry.ts';
import { isId } from './incoming.ts';
import type { Services } from './services.ts';
import { requireId } from './update.ts';

/** What every step has; `id` is empty until `nameAll` where the server chooses it or a search finds it. */
interface Common {
  entry: Entry;
  /** Its place in Bundle.entry. */
  at: number;
  type: string;
  id: string;
  /** Criteria of a conditional step, without the question mark. */
  criteria: string | undefined;
  /** The criteria, parsed, and what they found. */
  query?: SearchQuery;
  found?: StoredVersion | undefined;
}

/** One entry of a transaction, as what it does. */
export type Step =
  | (Common & { kind: 'create'; resource: Resource; sameAs?: Step })
  | (Common & { kind: 'update'; resource: Resource; given: boolean })
  | (Common & { kind: 'patch'; resource: Resource })
  | (Common & { kind: 'delete' })
  | (Common & { kind: 'read' });

/** Reads what an entry wants. Refuses with 400 what cannot be part of a transaction. */
export function stepOf(entry: Entry, at: number): Step {
  const bad = (sentence: string) => refusal(400, 'invalid', `Bundle.entry[${at}] ${sentence}`);
  if (entry.method === 'GET' || entry.method === 'HEAD') {
    return { kind: 'read', entry, at, type: '', id: '', criteria: undefined };
  }
  const [path = '', criteria] = split(entry.url);
  const [type = '', id = '', ...more] = path.split('/');
  if (!isResourceType(type)) throw bad('has a request.url that does not begin with a resource type of FHIR R4.');
  if (more.length > 0 || id.startsWith('$')) {
    throw bad('asks for an operation; in a transaction only create, update, patch, delete and reads can be atomic.');
  }
  if (id !== '' && !isId(id)) throw bad('has a request.url whose id is not a FHIR id.');
  const common = { entry, at, type, id, criteria };
  if (entry.method === 'DELETE') {
    if (id === '' && !criteria) throw bad('needs an id or criteria in request.url to delete.');
    return { kind: 'delete', ...common };
  }
  return withResource(common, entry.resource, bad);
}

function split(url: string): [string, string | undefined] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, undefined] : [url.slice(0, mark), url.slice(mark + 1)];
}

function withResource(common: Common, resource: Resource | undefined, bad: (sentence: string) => Error): Step {
  const { entry, type, id, criteria } = common;
  if (!resource) throw bad('needs a resource.');
  if (entry.method === 'PATCH') {
    if (id === '' && !criteria) throw bad('needs an id or criteria in request.url to patch.');
    return { kind: 'patch', ...common, resource };
  }
  if (resource.resourceType !== type) throw bad('has a resource of another type than its request.url.');
  if (entry.method === 'POST') {
    if (id !== '') throw bad('has an id in the request.url of a POST; use PUT to choose the id.');
    return { kind: 'create', ...common, criteria: entry.ifNoneExist?.replace(/^.*\?/, ''), resource };
  }
  if (entry.method !== 'PUT') throw bad('has a request.method that FHIR does not know.');
  if (id !== '') requireId(resource, id);
  else if (!criteria) throw bad('needs an id or criteria in request.url to update.');
  return { kind: 'update', ...common, resource, given: resource.id !== undefined };
}

/**
 * Gives every step the id it will write to, and rewrites the references between the resources. Patients come first:
 * a new resource of a patient gets an id that belongs to that patient.
 */
export function nameAll(
  steps: readonly Step[],
  searches: { referenceFor(reference: string): string | undefined },
  services: Services,
): void {
  const names = new Map<string, string>();
  const rewrite = (reference: string): string | undefined => names.get(reference) ?? searches.referenceFor(reference);
  const creates: (Step & { kind: 'create' | 'update' })[] = [];
  for (const step of steps) {
    if (step.kind === 'read') continue;
    if (step.found) take(step, step.found.id);
    if (step.id !== '') publish(step, names);
    else if (step.kind === 'create' || step.kind === 'update') creates.push(step);
    else if (step.kind === 'patch')
      throw refusal(404, 'not-found', `The criteria of Bundle.entry[${step.at}] find nothing to patch.`);
  }
  for (const step of creates) if (step.type === 'Patient') choose(step, undefined, names, services);
  for (const step of steps) if (step.kind === 'create' || step.kind === 'update') mapReferences(step.resource, rewrite);
  const later = creates.filter((step) => step.id === '');
  if (later.length > 0) {
    for (const step of later) choose(step, patientIdOf(step.resource), names, services);
    for (const step of steps)
      if (step.kind === 'create' || step.kind === 'update') mapReferences(step.resource, rewrite);
  }
  refuseDuplicates(steps);
}

function take(step: Step, id: string): void {
  step.id = id;
  if (step.kind !== 'update') return;
  if (step.resource.id !== undefined && step.resource.id !== id) {
    throw refusal(400, 'invalid', `Bundle.entry[${step.at}] has another id than the resource that its criteria find.`);
  }
  step.resource.id = id;
}

function choose(
  step: Step & { kind: 'create' | 'update' },
  patientId: string | undefined,
  names: Map<string, string>,
  services: Services,
): void {
  if (step.kind === 'create' && step.sameAs) step.id = step.sameAs.id;
  else if (step.kind === 'update' && step.resource.id !== undefined) step.id = step.resource.id;
  else step.id = services.store.newId(patientId);
  if (step.kind === 'update') step.resource.id = step.id;
  publish(step, names);
}

/** References find an entry by its fullUrl, or by the relative form of one that is RESTful (FHIR R4, Bundle §2.36.4). */
function publish(step: Step, names: Map<string, string>): void {
  const { fullUrl } = step.entry;
  if (fullUrl === undefined) return;
  const name = `${step.type}/${step.id}`;
  if (names.has(fullUrl)) {
    throw refusal(
      400,
      'duplicate',
      `Bundle.entry[${step.at}] has the fullUrl of an earlier entry; each needs its own.`,
    );
  }
  names.set(fullUrl, name);
  const root = fullUrl.slice(0, fullUrl.lastIndexOf('/', fullUrl.lastIndexOf('/') - 1) + 1);
  const parsed = root.startsWith('http') ? parseReference(fullUrl, root) : undefined;
  if (parsed?.kind === 'local' && parsed.type === step.type) names.set(`${parsed.type}/${parsed.id}`, name);
}

function refuseDuplicates(steps: readonly Step[]): void {
  const seen = new Set<string>();
  for (const step of steps) {
    if (step.kind === 'read' || step.id === '' || (step.kind === 'create' && (step.found || step.sameAs))) continue;
    const name = `${step.type}/${step.id}`;
    if (seen.has(name)) {
      throw refusal(
        400,
        'duplicate',
        `Bundle.entry[${step.at}] changes a resource that an earlier entry changes too; merge them.`,
      );
    }
    seen.add(name);
  }
}
