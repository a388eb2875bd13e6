import { compartmentParameters, isCompartmentOwner } from '../compartment.ts';
import { isResourceType, resourceTypes } from '../definitions.ts';
import type { Issue } from '../issue.ts';
import { splitUnescaped } from './escape.ts';
import { type FilterContext, MAX_FILTERS, MAX_VALUES, parseFilter } from './filter.ts';
import { parseInclude } from './include.ts';
import type { CompartmentFilter, Filter, Include, SearchQuery, SortKey } from './query.ts';
import { invalid, ParameterProblem, SearchError, shown, unknown } from './search-error.ts';
import { sharedParameter } from './shared-parameter.ts';

const MAX_PARAMETERS = 100;
const MAX_SORT_KEYS = 8;

export interface ParseSearchOptions {
  /** `Prefer: handling=`: whether unknown parameters are errors or warnings (FHIR R4, Search, "Handling Errors"). */
  handling: 'strict' | 'lenient';
  /** Our own base, such as `https://example.org/fhir`. */
  baseUrl: string;
  /** Codes of a value set for `:in` and `:not-in`; undefined where it is not known. */
  expandValueSet?: (url: string) => readonly { system?: string; code: string }[] | undefined;
  /** For `/Patient/1/Observation?…`. */
  compartment?: { owner: string; id: string };
  /** Epoch milliseconds, for `ap` on dates; without it `ap` takes the date's own range. */
  now?: number;
}

/**
 * Reads the parameters of a search (FHIR R4, Search). `types`: those of the path; undefined for a search at the
 * base, which `_type` may narrow. Parameters are decoded (name, value) pairs in the caller's order.
 *
 * Throws a `SearchError` with all that is wrong: invalid values and modifiers always, unknown and unsupported parameters
 * (`_text`, `_content`, `_filter`, `_query`, `near` …) under strict handling; lenient handling warns of those instead.
 *
 * For `ap` the ranges of the filters are widened already, by the 10 % that R4 recommends.
 */
export function parseSearch(
  types: readonly string[] | undefined,
  parameters: readonly (readonly [string, string])[],
  options: ParseSearchOptions,
): SearchQuery {
  return new SearchParser(types, options).parse(parameters);
}

/** Accepted, and none of the search's business. */
const ELSEWHERE = new Set(['_format', '_pretty', '_type', '_contained']);

const UNSUPPORTED = new Set([
  '_text',
  '_content',
  '_filter',
  '_query',
  '_list',
  '_contained',
  '_containedType',
  'near',
  'phonetic',
]);

class SearchParser {
  readonly #options: ParseSearchOptions;
  readonly #asked: readonly string[] | undefined;
  #types: readonly string[] = [];
  readonly #errors: Issue[] = [];
  readonly #warnings: Issue[] = [];
  readonly #filters: Filter[] = [];
  readonly #sort: SortKey[] = [];
  readonly #include: Include[] = [];
  readonly #revinclude: Include[] = [];
  readonly #applied: (readonly [string, string])[] = [];
  #elements: string[] = [];
  #count: number | undefined;
  #cursor: string | undefined;
  #total: SearchQuery['total'] = 'none';
  #summary: SearchQuery['summary'] = 'false';

  constructor(types: readonly string[] | undefined, options: ParseSearchOptions) {
    this.#asked = types;
    this.#options = options;
  }

  parse(parameters: readonly (readonly [string, string])[]): SearchQuery {
    if (parameters.length > MAX_PARAMETERS) {
      throw new SearchError([issueOf(invalid(`A search has at most ${MAX_PARAMETERS} parameters; ask in several.`))]);
    }
    this.#attempt(() => this.#setTypes(parameters));
    if (this.#errors.length > 0) throw new SearchError(this.#errors);
    for (const [name, value] of parameters) {
      this.#attempt(() => {
        this.#read(name, value);
        if (name !== '_cursor') this.#applied.push([name, value]);
      });
    }
    if (this.#errors.length > 0) throw new SearchError(this.#errors);
    return this.#query();
  }

  #query(): SearchQuery {
    return {
      types: this.#types,
      filters: this.#filters,
      sort: this.#sort,
      include: this.#include,
      revinclude: this.#revinclude,
      ...(this.#count === undefined ? {} : { count: this.#count }),
      total: this.#total,
      summary: this.#count === 0 ? 'count' : this.#summary,
      elements: this.#elements,
      ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }),
      applied: this.#applied,
      warnings: this.#warnings,
    };
  }

  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ParameterProblem)) throw error;
      if (error.kind === 'unknown' && this.#options.handling === 'lenient') {
        this.#warnings.push({ ...issueOf(error), severity: 'warning' });
      } else {
        this.#errors.push(issueOf(error));
      }
    }
  }

  #setTypes(parameters: readonly (readonly [string, string])[]): void {
    const named = parameters.filter(([name]) => name === '_type').flatMap(([, value]) => splitUnescaped(value, ','));
    const asked = this.#asked ?? (named.length > 0 ? [...new Set(named)] : resourceTypes());
    for (const type of asked) {
      if (!isResourceType(type)) throw invalid(`${shown(type)} is not a FHIR R4 resource type; check its spelling.`);
    }
    this.#types = asked;
    if (this.#asked && named.length > 0) {
      throw unknown('Parameter "_type" is for searches at the base; here the path names the type.');
    }
    if (this.#options.compartment) this.#setCompartment(this.#options.compartment, asked);
  }

  #setCompartment({ owner, id }: { owner: string; id: string }, asked: readonly string[]): void {
    if (!isCompartmentOwner(owner)) throw invalid(`${shown(owner)} has no compartment; search by reference instead.`);
    const entries = asked.map((type) => [type, compartmentParameters(owner, type)] as const);
    const members = entries.filter(([, parameters]) => parameters.length > 0);
    if (members.length === 0) throw invalid(`The type searched is never in the compartment of a ${owner}.`);
    this.#types = members.map(([type]) => type);
    const filter: CompartmentFilter = { kind: 'compartment', owner, id, parameters: Object.fromEntries(members) };
    this.#filters.push(filter);
  }

  #read(name: string, value: string): void {
    const control = CONTROLS.get(name);
    const plain = name.split(':', 1)[0] as string;
    if (control) {
      this.#control(control, name, value);
    } else if (plain === '_include' || plain === '_revinclude') {
      const list = plain === '_include' ? this.#include : this.#revinclude;
      list.push(...parseInclude(plain, name, value, this.#types));
    } else if (UNSUPPORTED.has(plain) && !(name === '_contained' && value === 'false')) {
      throw unknown(`Parameter ${shown(name)} is not supported by this server; leave it out.`);
    } else if (!ELSEWHERE.has(name)) {
      this.#readFilter(name, value);
    }
  }

  #readFilter(name: string, value: string): void {
    if (value === '') throw unknown(`Parameter ${shown(name)} has no value and was left out.`);
    const context: FilterContext = {
      baseUrl: this.#options.baseUrl,
      now: this.#options.now,
      expandValueSet: this.#options.expandValueSet,
      name,
      depth: 0,
      budget: { filters: MAX_FILTERS },
    };
    const filter = parseFilter(this.#types, name, value, context);
    if (filter) this.#filters.push(filter);
  }

  #control(control: Control, name: string, value: string): void {
    switch (control) {
      case 'count':
        if (!/^\d{1,9}$/.test(value))
          throw invalid('Parameter "_count" has an invalid value; use a number such as 50.');
        this.#count = Number(value);
        return;
      case 'total':
        this.#total = oneOf(name, value, ['none', 'estimate', 'accurate'] as const);
        return;
      case 'summary':
        this.#summary = oneOf(name, value, ['true', 'text', 'data', 'count', 'false'] as const);
        return;
      case 'elements':
        this.#elements = [...this.#elements, ...elementNames(value)];
        return;
      case 'sort':
        this.#readSort(value);
        return;
      case 'cursor':
        this.#cursor = value;
        return;
    }
  }

  #readSort(value: string): void {
    for (const text of value.split(',')) {
      const descending = text.startsWith('-');
      const code = descending ? text.slice(1) : text;
      if (this.#sort.length >= MAX_SORT_KEYS) {
        throw invalid(`Parameter "_sort" has more than ${MAX_SORT_KEYS} keys; leave some out.`);
      }
      if (code === '_lastUpdated' || code === '_id') {
        this.#sort.push({ descending, by: code });
        continue;
      }
      const parameter = sharedParameter(this.#types, code, `_sort=${code}`);
      if (parameter.type === 'composite') throw invalid('Parameter "_sort" cannot order by a composite parameter.');
      this.#sort.push({ descending, by: 'parameter', parameter });
    }
  }
}

type Control = 'count' | 'total' | 'summary' | 'elements' | 'sort' | 'cursor';

const CONTROLS: ReadonlyMap<string, Control> = new Map([
  ['_count', 'count'],
  ['_total', 'total'],
  ['_summary', 'summary'],
  ['_elements', 'elements'],
  ['_sort', 'sort'],
  ['_cursor', 'cursor'],
]);

function issueOf(problem: ParameterProblem): Issue {
  return { severity: 'error', code: problem.code, diagnostics: problem.message };
}

function oneOf<const T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined)
    throw invalid(`Parameter ${shown(name)} has an invalid value; use one of ${allowed.join(', ')}.`);
  return found;
}

function elementNames(value: string): string[] {
  const names = value.split(',');
  if (names.length > MAX_VALUES || !names.every((name) => /^[A-Za-z][A-Za-z0-9.]{0,99}$/.test(name))) {
    throw invalid('Parameter "_elements" has an invalid value; use element names such as identifier,name.');
  }
  return names;
}
