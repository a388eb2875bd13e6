import type { Resource } from '@meridian/fhir';
import { LARGE, moveLargeContent, type Write, type WriteResult } from '@meridian/records';
import { beforeWriting } from '../clinic/on-writing.ts';
import { parseQuery } from '../http/query-string.ts';
import { requireValid, resourceOf } from './incoming.ts';
import { writeAnswer } from './outgoing.ts';
import { type Answer, type FhirRequest, header } from './request.ts';
import { queryOf } from './search.ts';
import type { Services } from './services.ts';
import { contentParts } from './services.ts';

/** `POST [type]` (FHIR R4, RESTful API §3.1.0.8), with If-None-Exist (§3.1.0.8.2). An id in the body is ignored. */
export async function create(type: string, request: FhirRequest, services: Services): Promise<Answer> {
  const resource = resourceOf(request, type);
  requireValid(resource, services);
  const ifNoneExist = header(request, 'if-none-exist');
  const result = await writeWhole(
    {
      op: 'create',
      resource,
      ...(ifNoneExist !== undefined && { ifNoneExist: criteria(type, ifNoneExist, services) }),
    },
    request,
    services,
  );
  return writeAnswer(result, request);
}

/** The query of a conditional interaction: always strict, because a criterion passed over would match too much. */
export function criteria(type: string, query: string, services: Services) {
  const text = query.slice(query.indexOf('?') + 1);
  return queryOf([type], parseQuery(text), 'strict', services);
}

/** Writes a resource, together with the Binaries that its large attachments become, all or nothing. */
export async function writeWhole(
  write: Write & { resource: Resource },
  request: FhirRequest,
  services: Services,
): Promise<WriteResult> {
  const after = await beforeWriting([write], request, services);
  const result = await written(write, request, services);
  await after?.([result]);
  return result;
}

async function written(
  write: Write & { resource: Resource },
  request: FhirRequest,
  services: Services,
): Promise<WriteResult> {
  if (isSmall(write, request)) return services.store.write(write, request.context);
  const binaries = await moveLargeContent(write.resource, contentParts(services));
  if (binaries.length === 0) return services.store.write(write, request.context);
  const results = await services.store.writeAll([...binaries.map(creation), write], request.context);
  return results.at(-1) as WriteResult;
}

/** The write that creates a Binary under the id it was given. */
export function creation(resource: Resource): Write {
  return { op: 'create', resource, ...(resource.id !== undefined && { id: resource.id }) };
}

/** Nothing in a small body is a large attachment; looking for one in every Observation would cost more than it brings. */
function isSmall(write: { resource: Resource }, { body }: FhirRequest): boolean {
  return body.kind === 'bytes' && body.bytes.length <= LARGE && write.resource.resourceType !== 'Binary';
}
