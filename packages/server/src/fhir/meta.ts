import type { Coding, Meta } from '@meridian/fhir';
import { refusal } from '../http/http-error.ts';
import { requireValid } from './incoming.ts';
import type { Target } from './operation.ts';
import { parseStored, resourceAnswer } from './outgoing.ts';
import { OperationInput } from './parameters.ts';
import { requireLive } from './read.ts';
import type { Answer, FhirRequest } from './request.ts';
import { retryConflicts } from './retry.ts';
import type { Services } from './services.ts';

/**
 * `[type]/[id]/$meta` (FHIR R4, Resource §2.29.5). Not offered for a type or the system: that would list every label in
 * use by reading every record, and each such read is a view that patients would see.
 */
export async function showMeta(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const stored = await services.store.read(target.type, target.id, request.context);
  return metaAnswer(parseStored(requireLive(stored, target.type, target.id)).meta);
}

/** `$meta-add` and `$meta-delete` (§2.29.6, §2.29.7): profiles, security labels and tags. */
export function changeMeta(
  change: 'add' | 'delete',
  target: Target,
  request: FhirRequest,
  services: Services,
): Promise<Answer> {
  const given = new OperationInput(request).value('meta', 'Meta') as Meta | undefined;
  if (typeof given !== 'object') {
    throw refusal(400, 'required', 'This operation needs a parameter "meta" with a valueMeta.');
  }
  return retryConflicts(async () => {
    const stored = requireLive(
      await services.store.read(target.type, target.id, request.context),
      target.type,
      target.id,
    );
    const resource = parseStored(stored);
    resource.meta = change === 'add' ? added(resource.meta ?? {}, given) : without(resource.meta ?? {}, given);
    requireValid(resource, services);
    await services.store.write({ op: 'update', resource, ifMatch: stored.version }, request.context);
    return metaAnswer(resource.meta);
  }, true);
}

function metaAnswer(meta: Meta = {}): Answer {
  return resourceAnswer(200, { resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta }] });
}

function added(meta: Meta, given: Meta): Meta {
  return combined(meta, {
    profile: [...new Set([...texts(meta.profile), ...texts(given.profile)])],
    security: codings(meta.security, given.security),
    tag: codings(meta.tag, given.tag),
  });
}

function without(meta: Meta, given: Meta): Meta {
  const profiles = texts(given.profile);
  const left = (from: unknown, minus: unknown) =>
    list(from).filter((coding) => !list(minus).some((other) => same(coding, other)));
  return combined(meta, {
    profile: texts(meta.profile).filter((profile) => !profiles.includes(profile)),
    security: left(meta.security, given.security),
    tag: left(meta.tag, given.tag),
  });
}

/** Lists that became empty go altogether: FHIR JSON has no empty arrays. */
function combined(meta: Meta, lists: { profile: string[]; security: Coding[]; tag: Coding[] }): Meta {
  const { profile: _profile, security: _security, tag: _tag, ...rest } = meta;
  return {
    ...rest,
    ...(lists.profile.length > 0 && { profile: lists.profile }),
    ...(lists.security.length > 0 && { security: lists.security }),
    ...(lists.tag.length > 0 && { tag: lists.tag }),
  };
}

function codings(standing: unknown, given: unknown): Coding[] {
  const all = [...list(standing)];
  for (const coding of list(given)) if (!all.some((other) => same(coding, other))) all.push(coding);
  return all;
}

function list(value: unknown): Coding[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function same(one: Coding, other: Coding): boolean {
  return one.system === other.system && one.code === other.code;
}
