import type { Resource } from '@meridian/fhir';
import type { StoredVersion } from '@meridian/records';
import { refusal } from '../http/http-error.ts';
import { formatQuery, type Parameters, parseQuery } from '../http/query-string.ts';
import { BundleWriter } from './bundle-writer.ts';
import type { Target } from './operation.ts';
import { parseStored } from './outgoing.ts';
import { OperationInput } from './parameters.ts';
import type { Answer, FhirRequest } from './request.ts';
import { linksOf, MOST_COUNT, queryOf } from './search.ts';
import type { Services } from './services.ts';

/** Most observations looked at; beyond it the caller narrows the search. */
const MOST_OBSERVATIONS = 10_000;
const MOST_EACH = 100;

/**
 * `Observation/$lastn` (FHIR R4, Observation §10.1.8): the newest `max` (default 1) of each code that the search finds.
 * Two observations have the same code where they share a coding, or, without codings, the same text.
 */
export async function lastN(_target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const parameters = searchParametersOf(request);
  const max = Math.min(new OperationInput(request).number('max', 1) ?? 1, MOST_EACH);
  if (!parameters.some(([name]) => /^(patient|subject)(:|$)/.test(name))) {
    throw refusal(400, 'required', 'The operation $lastn needs the parameter patient or subject.');
  }
  const groups = new Groups(max);
  const sorted: Parameters = [...parameters, ['_sort', '-date'], ['_count', String(MOST_COUNT)]];
  let cursor: string | undefined;
  for (let seen = 0; ; ) {
    const query = queryOf(['Observation'], sorted, request.preferences.handling, services);
    const page = await services.store.search({ ...query, ...(cursor !== undefined && { cursor }) }, request.context);
    for (const match of page.matches) groups.add(match);
    seen += page.matches.length;
    cursor = page.next;
    if (cursor === undefined) break;
    if (seen >= MOST_OBSERVATIONS) {
      throw refusal(403, 'too-costly', 'The search finds too many observations; narrow it by code, category or date.');
    }
  }
  const bundle = new BundleWriter({
    resourceType: 'Bundle',
    type: 'searchset',
    total: groups.chosen.length,
    link: linksOf([...parameters, ['max', String(max)]], undefined, `${services.baseUrl}/Observation/$lastn`),
  });
  for (const { id, json } of groups.chosen) {
    bundle.add(`"fullUrl":"${services.baseUrl}/Observation/${id}"`, json, '"search":{"mode":"match"}');
  }
  return { status: 200, body: bundle.end() };
}

/** The search parameters of the call: all but `max` and those that page or order. */
function searchParametersOf(request: FhirRequest): Parameters {
  const fromBody = request.method === 'POST' && request.body.kind === 'bytes' ? bodyParameters(request) : [];
  return [...request.parameters, ...fromBody].filter(
    ([name]) => !['max', '_sort', '_count', '_format', '_pretty'].includes(name),
  );
}

function bodyParameters(request: FhirRequest): Parameters {
  const input = new OperationInput(request);
  const names = ['patient', 'subject', 'code', 'category', 'date', 'combo-code', 'status'];
  return parseQuery(formatQuery(names.flatMap((name) => input.values(name).map((value) => [name, value] as const))));
}

/** Observations by code, newest first as they come. */
class Groups {
  readonly chosen: StoredVersion[] = [];
  readonly #max: number;
  readonly #groupOf = new Map<string, { count: number }>();

  constructor(max: number) {
    this.#max = max;
  }

  add(stored: StoredVersion): void {
    const names = codesOf(parseStored(stored));
    const group = names.map((name) => this.#groupOf.get(name)).find((found) => found !== undefined) ?? { count: 0 };
    for (const name of names) this.#groupOf.set(name, group);
    if (group.count++ < this.#max) this.chosen.push(stored);
  }
}

function codesOf(observation: Resource): string[] {
  const { code } = observation as { code?: { coding?: { system?: string; code?: string }[]; text?: string } };
  const codings = (code?.coding ?? []).filter((coding) => coding.code !== undefined);
  if (codings.length === 0) return [`text ${code?.text ?? ''}`];
  return codings.map((coding) => `${coding.system ?? ''}|${coding.code}`);
}
