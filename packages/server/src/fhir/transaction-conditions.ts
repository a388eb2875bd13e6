import { forEachReference, parseReference, type SearchQuery } from '@meridian/fhir';
import type { StoredVersion } from '@meridian/records';
import { refusal } from '../http/http-error.ts';
import { findOne } from './conditional.ts';
import { criteria as queryOfCriteria } from './create.ts';
import type { FhirRequest } from './request.ts';
import type { Services } from './services.ts';
import type { Step } from './transaction-steps.ts';

/** Searches under way at a time. */
const PARALLEL = 16;

/**
 * The searches of a transaction's conditional entries and references, each asked once however often it stands in the
 * Bundle (FHIR R4, RESTful API §3.1.0.11.2).
 */
export class ConditionalSearches {
  readonly #request: FhirRequest;
  readonly #services: Services;
  /** By `Type?criteria`. */
  readonly #asked = new Map<string, { type: string; query: SearchQuery; found?: StoredVersion | undefined }>();
  /** References such as `Practitioner?identifier=…`, as written, and what they become. */
  readonly #references = new Map<string, string>();

  constructor(request: FhirRequest, services: Services) {
    this.#request = request;
    this.#services = services;
  }

  /** Runs all searches and puts `query` and `found` into the steps. */
  async resolve(steps: readonly Step[]): Promise<void> {
    const references = this.#collect(steps);
    const waiting = [...this.#asked.values()];
    const worker = async (): Promise<void> => {
      for (let asked = waiting.pop(); asked; asked = waiting.pop()) {
        asked.found = await findOne(asked.query, this.#request, this.#services);
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, waiting.length) }, worker));
    const creating = new Map<string, Step>();
    for (const step of steps) this.#settle(step, creating);
    for (const reference of references) this.#settleReference(reference, creating);
  }

  /** What a conditional reference becomes; undefined for any other reference. */
  referenceFor(reference: string): string | undefined {
    return this.#references.get(reference) ?? this.#pending.get(reference)?.();
  }

  /** References to what this transaction itself creates conditionally: their id is not chosen yet. */
  readonly #pending = new Map<string, () => string | undefined>();

  #collect(steps: readonly Step[]): Set<string> {
    const references = new Set<string>();
    for (const step of steps) {
      if (step.criteria !== undefined) this.#ask(step.type, step.criteria);
      if (step.kind !== 'create' && step.kind !== 'update') continue;
      forEachReference(step.resource, (reference) => {
        if (!reference.includes('?') || references.has(reference)) return;
        const parsed = parseReference(reference, this.#services.baseUrl);
        if (parsed.kind !== 'conditional') return;
        references.add(reference);
        this.#ask(parsed.type, parsed.query);
      });
    }
    return references;
  }

  #ask(type: string, criteria: string): void {
    const key = `${type}?${criteria}`;
    if (!this.#asked.has(key)) this.#asked.set(key, { type, query: queryOfCriteria(type, criteria, this.#services) });
  }

  #settle(step: Step, creating: Map<string, Step>): void {
    if (step.criteria === undefined) return;
    const key = `${step.type}?${step.criteria}`;
    const asked = this.#asked.get(key);
    if (!asked) return;
    step.query = asked.query;
    step.found = asked.found;
    if (step.kind !== 'create' || step.found) return;
    const earlier = creating.get(key);
    if (earlier) step.sameAs = earlier;
    else creating.set(key, step);
  }

  #settleReference(reference: string, creating: ReadonlyMap<string, Step>): void {
    const parsed = parseReference(reference, this.#services.baseUrl);
    if (parsed.kind !== 'conditional') return;
    const key = `${parsed.type}?${parsed.query}`;
    const found = this.#asked.get(key)?.found;
    const created = creating.get(key);
    if (found) this.#references.set(reference, `${parsed.type}/${found.id}`);
    else if (created)
      this.#pending.set(reference, () => (created.id === '' ? undefined : `${parsed.type}/${created.id}`));
    else {
      throw refusal(
        412,
        'not-found',
        `A conditional reference to a ${parsed.type} finds nothing; create it first, or correct the criteria.`,
      );
    }
  }
}
