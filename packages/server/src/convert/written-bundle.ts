import type { ConvertedMessage, Operation } from '@meridian/convert';
import { parseJson, type Resource, stringifyJson } from '@meridian/fhir';
import { submitTo } from '../exchange/mllp/submit.ts';
import { bundle } from '../fhir/bundle.ts';
import type { Dispatch } from '../fhir/bundle-entry.ts';
import { JSON_DEPTH } from '../fhir/incoming.ts';
import type { FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { HttpError, refusal } from '../http/http-error.ts';
import { patientsWith } from './patients-with.ts';

/** `Type/id/_history/n` of what a transaction wrote, in the order of its entries. */
export type Written = readonly string[];

/** Carries out a transaction as if the caller had sent it: with the caller's permissions, checks and limits. */
export async function writeBundle(transaction: Resource, request: FhirRequest, services: Services): Promise<Written> {
  const bytes = Buffer.from(stringifyJson(transaction));
  const inner: FhirRequest = {
    ...request,
    method: 'POST',
    parameters: [],
    headers: { 'content-type': 'application/fhir+json' },
    body: { kind: 'bytes', bytes },
    preferences: { ...request.preferences, return: 'minimal' },
  };
  const { body } = await bundle(inner, services, dispatchOf(services));
  const answer = parseJson(Buffer.isBuffer(body) ? body.toString('utf8') : '{}', { depth: JSON_DEPTH });
  const { entry = [] } = answer as { entry?: { response?: { location?: string } }[] };
  return entry.flatMap(({ response }) => {
    const found = /[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}\/_history\/\d+$/.exec(response?.location ?? '');
    return found ? [found[0]] : [];
  });
}

/** An HL7 v2 message's transaction: an update of a patient is joined with what stands, as when it comes by MLLP. */
export async function writeMessage(
  transaction: Resource,
  operations: readonly Operation[],
  request: FhirRequest,
  services: Services,
): Promise<Written> {
  if (operations.some(({ kind }) => kind === 'merge-patients')) {
    throw refusal(422, 'not-supported', 'This message merges patients; send it to the message interface (MLLP).');
  }
  let written: Written = [];
  const submit = submitTo({
    patientsWith: (identifier) => patientsWith(identifier, request, services),
    async transaction(joined) {
      try {
        written = await writeBundle(joined, request, services);
        return { kind: 'stored' };
      } catch (error) {
        if (error instanceof HttpError && error.status === 409) return { kind: 'conflict' };
        throw error;
      }
    },
    mergePatients: async () => undefined,
  });
  const message = { bundle: transaction, operations } satisfies Pick<ConvertedMessage, 'bundle' | 'operations'>;
  await submit(message as ConvertedMessage);
  return written;
}

function dispatchOf({ baseUrl }: Services): Dispatch {
  return {
    baseUrl,
    authorize: (request, permission, type) => {
      if (request.scopes.allow(permission, type)) return;
      throw refusal(403, 'forbidden', `The token does not allow to write ${type}, which the file holds.`);
    },
    entry: () => {
      throw refusal(422, 'not-supported', 'A converted file only writes; it cannot ask for anything.');
    },
  };
}
