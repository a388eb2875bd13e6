import { refusal } from '../http/http-error.ts';
import { batch } from './batch.ts';
import { type Dispatch, entryOf } from './bundle-entry.ts';
import { resourceOf } from './incoming.ts';
import type { Answer, FhirRequest } from './request.ts';
import { retryConflicts } from './retry.ts';
import type { Services } from './services.ts';
import { transaction } from './transaction.ts';

/** Most entries of one Bundle. */
const MOST_ENTRIES = 10_000;

/** `POST [base]` (FHIR R4, RESTful API §3.1.0.11). */
export async function bundle(request: FhirRequest, services: Services, dispatch: Dispatch): Promise<Answer> {
  const first = read(request);
  if (first.type === 'batch') return batch(first.items, request, dispatch);
  // A try rewrites references inside its resources, so a further one begins with the body again.
  let tries = 0;
  return retryConflicts(() => {
    const { items } = tries++ === 0 ? first : read(request);
    const entries = items.map((item, at) => entryOf(item, at, services.baseUrl));
    return transaction(entries, request, services, dispatch);
  }, true);
}

function read(request: FhirRequest): { type: 'batch' | 'transaction'; items: readonly unknown[] } {
  const { type, entry = [] } = resourceOf(request, 'Bundle') as { type?: unknown; entry?: unknown };
  if (type !== 'batch' && type !== 'transaction') {
    throw refusal(400, 'value', 'A Bundle sent to the base must have type batch or transaction; others go to /Bundle.');
  }
  if (!Array.isArray(entry)) throw refusal(400, 'structure', 'Bundle.entry must be a list.');
  if (entry.length > MOST_ENTRIES) {
    throw refusal(
      413,
      'too-costly',
      `A Bundle may have at most ${MOST_ENTRIES} entries here; split it, or use $import.`,
    );
  }
  return { type, items: entry };
}
