import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Resource } from '@meridian/fhir';
import { moveLargeContent, type Write, type WriteResult } from '@meridian/records';
import type { Permission } from '@meridian/viewing';
import { beforeWriting } from '../clinic/on-writing.ts';
import { versionOfIfMatch } from '../http/etag.ts';
import { HttpError, refusal } from '../http/http-error.ts';
import { addAnswer, type Dispatch, type Entry, headersOf } from './bundle-entry.ts';
import { BundleWriter } from './bundle-writer.ts';
import { creation } from './create.ts';
import { requireValid } from './incoming.ts';
import { versionPath, writeAnswer } from './outgoing.ts';
import { changed, changeOf } from './patch.ts';
import { requireLive } from './read.ts';
import type { Answer, FhirRequest } from './request.ts';
import { contentParts, type Services } from './services.ts';
import { ConditionalSearches } from './transaction-conditions.ts';
import { nameAll, type Step, stepOf } from './transaction-steps.ts';

/** Entries handled before others get a turn on the event loop: about 5 ms of work. */
const TURN = 200;

/**
 * A transaction: all or nothing, in FHIR's order DELETE, POST, PUT and PATCH, GET (FHIR R4, RESTful API §3.1.0.11.2).
 * Changes the resources in `entries`. Rejects with a conflict where somebody else wrote in between; the caller then
 * begins again with fresh entries.
 */
export async function transaction(
  entries: readonly Entry[],
  request: FhirRequest,
  services: Services,
  dispatch: Dispatch,
): Promise<Answer> {
  const steps = entries.map((entry, at) => stepOf(entry, at));
  await check(steps, request, services, dispatch);
  const searches = new ConditionalSearches(request, services);
  await searches.resolve(steps);
  nameAll(steps, searches, services);
  const results = await writeInOrder(steps, request, services);
  const answers: Answer[] = [];
  for (const step of steps) answers.push(await answerOf(step, results, request, dispatch));
  const writer = new BundleWriter({ resourceType: 'Bundle', type: 'transaction-response' });
  const showWrites = request.preferences.return === 'representation';
  steps.forEach((step, at) => {
    addAnswer(writer, answers[at] as Answer, showWrites || step.kind === 'read');
  });
  // the events of a transaction are logged in the order of its writes: who waits for the last waits for all
  const event = [...results.values()].findLast((result) => result.event !== undefined)?.event;
  return { status: 200, body: writer.end(), ...(event !== undefined && { event }) };
}

const PERMISSIONS: Readonly<Record<Step['kind'], Permission | undefined>> = {
  create: 'c',
  update: 'u',
  patch: 'u',
  delete: 'd',
  read: undefined,
};

async function check(
  steps: readonly Step[],
  request: FhirRequest,
  services: Services,
  dispatch: Dispatch,
): Promise<void> {
  for (const [at, step] of steps.entries()) {
    if (at % TURN === TURN - 1) await nextTurn();
    const permission = PERMISSIONS[step.kind];
    if (permission) dispatch.authorize(request, permission, step.type);
    if (step.kind === 'create' || step.kind === 'update') inEntry(at, () => requireValid(step.resource, services));
  }
}

/** Issues about a resource become issues about its place in the Bundle. */
function inEntry<Result>(at: number, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const place = `Bundle.entry[${at}].resource`;
    const issues = error.issues.map((issue) => ({
      ...issue,
      expression: (issue.expression ?? ['']).map((path) => path.replace(/^[^.]*/, place)),
    }));
    throw new HttpError(error.status, issues, error.headers);
  }
}

const ORDER = ['delete', 'create', 'update', 'patch'] as const;

async function writeInOrder(
  steps: readonly Step[],
  request: FhirRequest,
  services: Services,
): Promise<Map<Step, WriteResult>> {
  const writes: Write[] = [];
  const written: (Step | undefined)[] = [];
  const mayBeLarge = request.body.kind === 'bytes' && request.body.bytes.includes('"data"');
  for (const kind of ORDER) {
    for (const step of steps) {
      if (step.kind !== kind) continue;
      const write = await writeOf(step, request, services);
      if (!write) continue;
      if (mayBeLarge && write.op !== 'delete') {
        const binaries = await moveLargeContent(write.resource, contentParts(services));
        writes.push(...binaries.map(creation));
        for (const _binary of binaries) written.push(undefined);
      }
      writes.push(write);
      written.push(step);
    }
  }
  const after = await beforeWriting(writes, request, services);
  const results = writes.length > 0 ? await services.store.writeAll(writes, request.context) : [];
  await after?.(results);
  const byStep = new Map<Step, WriteResult>();
  written.forEach((step, at) => {
    const result = results[at];
    if (step && result) byStep.set(step, result);
  });
  return byStep;
}

/** The write of a step; undefined where there is nothing to write (a conditional create or delete that found its end). */
async function writeOf(step: Step, request: FhirRequest, services: Services): Promise<Write | undefined> {
  const { ifMatch } = step.entry;
  const asked = ifMatch === undefined ? undefined : versionOfIfMatch(ifMatch);
  switch (step.kind) {
    case 'create':
      if (step.found) return undefined;
      return { op: 'create', resource: step.resource, id: step.id, ...(step.query && { ifNoneExist: step.query }) };
    case 'update':
      return updateOf(step, step.resource, asked);
    case 'patch': {
      const stored = step.found ?? (await services.store.read(step.type, step.id, request.context));
      const live = requireLive(stored, step.type, step.id);
      const change = changeOf({ ...request, body: { kind: 'resource', resource: step.resource } });
      const resource = inEntry(step.at, () => changed(live, change, services));
      return { op: 'update', method: 'PATCH', resource, ifMatch: asked ?? live.version };
    }
    case 'delete': {
      if (step.query && !step.found) return undefined;
      const version = asked ?? step.found?.version;
      return { op: 'delete', type: step.type, id: step.id, ...(version !== undefined && { ifMatch: version }) };
    }
    case 'read':
      return undefined;
  }
}

function updateOf(step: Step & { kind: 'update' }, resource: Resource, asked: number | undefined): Write {
  if (step.query && !step.found) {
    return step.given
      ? { op: 'update', resource, onlyIfNew: true }
      : { op: 'create', resource, id: step.id, ifNoneExist: step.query };
  }
  const version = asked ?? step.found?.version;
  const onlyIfNew = step.entry.ifNoneMatch?.trim() === '*';
  return {
    op: 'update',
    resource,
    ...(version !== undefined && { ifMatch: version }),
    ...(onlyIfNew && { onlyIfNew }),
  };
}

async function answerOf(
  step: Step,
  results: ReadonlyMap<Step, WriteResult>,
  request: FhirRequest,
  dispatch: Dispatch,
): Promise<Answer> {
  if (step.kind === 'read') return dispatch.entry(step.entry, { ...request, headers: headersOf(step.entry) });
  const result = results.get(step);
  if (step.kind === 'delete') {
    if (!result) return { status: 204 };
    const { stored, event } = result;
    return { status: 204, version: stored, ...(event !== undefined && { event }) };
  }
  if (result) return writeAnswer(result, request);
  if (step.found) return { status: 200, version: step.found, location: versionPath(step.found) };
  // A second conditional create with the same criteria: it is the first one's resource.
  const same = step.kind === 'create' && step.sameAs ? results.get(step.sameAs) : undefined;
  if (!same) throw refusal(500, 'exception', 'An entry of the transaction came to no result.');
  return { status: 200, version: same.stored, location: versionPath(same.stored) };
}
