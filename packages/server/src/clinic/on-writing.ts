import type { Write, WriteResult } from '@meridian/records';
import type { FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { alertCritical } from './critical-results.ts';
import { checkOrders } from './order-checks.ts';

/** What is left to do once writes are committed, with their results in the same order. */
export type AfterWriting = (results: readonly WriteResult[]) => Promise<void>;

/**
 * What the clinic asks of writes through the API: orders are checked for harm, and critical results are told. Undefined
 * where none of them is either, which is so for most. Throws 422 for orders that are stopped.
 */
export async function beforeWriting(
  writes: readonly Write[],
  request: FhirRequest,
  services: Services,
): Promise<AfterWriting | undefined> {
  const has = (type: string): boolean => writes.some((write) => typeOf(write) === type);
  const orders = has('MedicationRequest') ? await checkOrders(writes, request, services) : undefined;
  const results = has('Observation');
  if (!orders && !results) return undefined;
  return async (written) => {
    await orders?.(written);
    if (!results) return;
    const observations = writes.flatMap((write, at) => {
      const result = written[at];
      if (write.op === 'delete' || typeOf(write) !== 'Observation' || !result) return [];
      // a conditional create that found its match stored nothing of what was sent
      return write.op === 'create' && result.outcome === 'unchanged' ? [] : [{ write, result }];
    });
    const resources = observations.map(({ write }) => write.resource);
    await alertCritical(
      resources,
      observations.map(({ result }) => result),
      request,
      services,
    );
  };
}

function typeOf(write: Write): string {
  return write.op === 'delete' ? write.type : write.resource.resourceType;
}
