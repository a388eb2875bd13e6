import { type Issue, isResourceType, type Resource, validate } from '@meridian/fhir';
import { refusal } from '../http/http-error.ts';
import { first } from '../http/query-string.ts';
import { isResource, resourceOf } from './incoming.ts';
import type { Target } from './operation.ts';
import { outcomeAnswer, parseStored } from './outgoing.ts';
import { OperationInput } from './parameters.ts';
import { requireLive } from './read.ts';
import type { Answer, FhirRequest } from './request.ts';
import type { Services } from './services.ts';

const MODES = ['create', 'update', 'delete', 'profile'];

/**
 * `$validate` (FHIR R4, Resource §2.29.4): 200 with what was found, also where the resource is not valid. Nothing is
 * stored. On an instance without a body it checks what is stored.
 */
export async function validateResource(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const { resource, mode, profile } = inputOf(request);
  if (mode !== undefined && !MODES.includes(mode)) {
    throw refusal(400, 'value', 'The parameter mode must be create, update, delete or profile.');
  }
  if (mode === 'delete') {
    if (target.id === '') throw refusal(400, 'required', 'The mode delete needs the id of a resource in the URL.');
    const stored = await services.store.read(target.type, target.id, request.context);
    requireLive(stored, target.type, target.id);
    return outcomeAnswer(200, []);
  }
  const checked = resource ?? (await standing(target, request, services));
  const issues = [...placeIssues(checked, target, mode), ...contentIssues(checked, profile, services)];
  return outcomeAnswer(200, issues);
}

function inputOf(request: FhirRequest): { resource?: Resource; mode: string | undefined; profile: string | undefined } {
  const fromUrl = { mode: first(request.parameters, 'mode'), profile: first(request.parameters, 'profile') };
  const { body } = request;
  if (request.method === 'GET' || body.kind === 'none' || (body.kind === 'bytes' && body.bytes.length === 0))
    return fromUrl;
  const resource = resourceOf(request);
  if (resource.resourceType !== 'Parameters') return { ...fromUrl, resource };
  const input = new OperationInput({ ...request, body: { kind: 'resource', resource } });
  const inner = input.resource('resource');
  if (inner !== undefined && !isResource(inner)) {
    throw refusal(400, 'structure', 'The parameter resource must hold a resource of a type that FHIR R4 knows.');
  }
  return { ...(inner && { resource: inner }), mode: input.text('mode'), profile: input.text('profile') };
}

async function standing(target: Target, request: FhirRequest, services: Services): Promise<Resource> {
  if (target.id === '') throw refusal(400, 'required', 'Send the resource to validate in the body.');
  const stored = await services.store.read(target.type, target.id, request.context);
  return parseStored(requireLive(stored, target.type, target.id));
}

/** What is wrong with the resource where it would be sent. */
function placeIssues(resource: Resource, target: Target, mode: string | undefined): Issue[] {
  const issues: Issue[] = [];
  const error = (diagnostics: string, expression: string) =>
    issues.push({ severity: 'error', code: 'invalid', diagnostics, expression: [expression] });
  const type = resource.resourceType;
  if (type !== target.type && isResourceType(type))
    error('The resourceType differs from the type in the URL.', 'resourceType');
  if (mode === 'update' && resource.id === undefined) error('An update needs the id in the resource.', `${type}.id`);
  if (target.id !== '' && resource.id !== undefined && resource.id !== target.id) {
    error('The id differs from the id in the URL.', `${type}.id`);
  }
  return issues;
}

function contentIssues(resource: Resource, profile: string | undefined, services: Services): Issue[] {
  const options = { bestPractice: true, profiles: services.profiles };
  if (profile === undefined) return validate(resource, options);
  if (!services.profiles.has(profile)) {
    throw refusal(
      422,
      'not-supported',
      'The profile asked for is not loaded here, so nothing can be checked against it.',
    );
  }
  const profiles = [...new Set([...(resource.meta?.profile ?? []), profile])];
  return validate({ ...resource, meta: { ...resource.meta, profile: profiles } }, options);
}
