import type { Resource } from '../resource.ts';
import { dateMatches, numberMatches, quantityMatches } from './compare.ts';
import { dateRange } from './date-range.ts';
import { extract } from './extract.ts';
import type { CompositeValue, IndexValue, ReferenceValue, TokenValue } from './index-value.ts';
import { normalizeString } from './normalize.ts';
import type { SearchParameter } from './parameter.ts';
import type {
  ChainFilter,
  CompartmentFilter,
  Filter,
  FilterValue,
  HasFilter,
  LastUpdatedFilter,
  ValueFilter,
} from './query.ts';

export interface MatchOptions {
  baseUrl?: string;
  /** Answers chains and `_has`, which need other resources; without it they match nothing. */
  follow?: (filter: ChainFilter | HasFilter, resource: Resource) => boolean;
}

/**
 * Whether the resource fulfils all filters, evaluated in memory: the meaning of the search grammar without an index
 * (FHIR R4, Search), for subscriptions and as the model that an index is tested against.
 */
export function matches(filters: readonly Filter[], resource: Resource, options: MatchOptions = {}): boolean {
  const values = extract(resource, options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl });
  return filters.every((filter) => filterMatches(filter, resource, values, options));
}

function filterMatches(
  filter: Filter,
  resource: Resource,
  values: readonly IndexValue[],
  options: MatchOptions,
): boolean {
  switch (filter.kind) {
    case 'value':
      return valueFilterMatches(filter, values);
    case 'id':
      return (resource.id !== undefined && filter.ids.includes(resource.id)) !== filter.negated;
    case 'lastUpdated':
      return lastUpdatedMatches(filter, resource);
    case 'compartment':
      return compartmentMatches(filter, resource, values);
    case 'chain':
    case 'has':
      return options.follow?.(filter, resource) ?? false;
    case 'never':
      return false;
  }
}

/** `:not` also holds for a resource without the element (R4, Search, "Modifiers"). */
function valueFilterMatches(filter: ValueFilter, values: readonly IndexValue[]): boolean {
  const entries = entriesOf(filter.parameter, values);
  const found = filter.values.some((asked) =>
    asked.kind === 'missing'
      ? (entries.length === 0) === asked.missing
      : entries.some((entry) => entryMatches(asked, entry)),
  );
  return found !== filter.negated;
}

/** The values that a parameter stands for: for `patient`, which is answered from `subject`, those that are Patients. */
function entriesOf(parameter: SearchParameter, values: readonly IndexValue[]): IndexValue[] {
  return values.filter((value) => {
    if (!parameter.index.includes(value.key)) return false;
    if (value.kind !== 'reference' || value.type === undefined || parameter.target.length === 0) return true;
    return parameter.target.includes(value.type);
  });
}

function entryMatches(asked: FilterValue, entry: IndexValue): boolean {
  switch (entry.kind) {
    case 'token':
      return tokenMatches(asked, entry);
    case 'string':
      return asked.kind === 'string' && stringMatches(asked, entry.value);
    case 'reference':
      return referenceMatches(asked, entry);
    case 'uri':
      return asked.kind === 'uri' && uriMatches(asked, entry.value);
    case 'number':
      return asked.kind === 'number' && numberMatches(asked.prefix, asked, entry.value);
    case 'quantity':
      return asked.kind === 'quantity' && quantityMatches(asked, entry);
    case 'date':
      return asked.kind === 'date' && dateMatches(asked.prefix, asked, entry);
    case 'composite':
      return compositeMatches(asked, entry);
  }
}

function tokenMatches(asked: FilterValue, entry: TokenValue): boolean {
  switch (asked.kind) {
    case 'token':
      return systemMatches(asked.system, entry.system) && (asked.code === undefined || asked.code === entry.code);
    case 'token-text':
      return (entry.text ?? []).some((text) => wordsStartWith(text, asked.text));
    case 'of-type':
      return (
        asked.value === entry.code &&
        (entry.identifierType ?? []).some((type) => type.system === asked.system && type.code === asked.code)
      );
    default:
      return false;
  }
}

/** Undefined: any system; null: none. */
function systemMatches(asked: string | null | undefined, system: string | undefined): boolean {
  if (asked === undefined) return true;
  return asked === null ? system === undefined : asked === system;
}

function wordsStartWith(text: string, asked: string): boolean {
  const wanted = normalizeString(asked);
  return wanted !== '' && ` ${normalizeString(text)}`.includes(` ${wanted}`);
}

/** What consists of punctuation only folds to nothing, and finds nothing. */
function stringMatches(asked: FilterValue & { kind: 'string' }, value: string): boolean {
  if (asked.match === 'exact') return asked.value === value;
  const wanted = normalizeString(asked.value);
  if (wanted === '') return false;
  const text = normalizeString(value);
  return asked.match === 'contains' ? text.includes(wanted) : text.startsWith(wanted);
}

function referenceMatches(asked: FilterValue, entry: ReferenceValue): boolean {
  switch (asked.kind) {
    case 'reference':
      return asked.id === entry.id && (asked.types.length === 0 || asked.types.includes(entry.type ?? ''));
    case 'reference-url':
      return asked.url === entry.url;
    case 'reference-identifier':
      return systemMatches(asked.system, entry.identifier?.system) && asked.value === entry.identifier?.value;
    default:
      return false;
  }
}

/** Below and above go by whole path segments (R4, Search, "uri"); a `urn:` has none. */
function uriMatches(asked: FilterValue & { kind: 'uri' }, value: string): boolean {
  if (asked.value === value) return true;
  if (asked.match === 'below') return isBelow(value, asked.value);
  return asked.match === 'above' && isBelow(asked.value, value);
}

function isBelow(uri: string, base: string): boolean {
  return !base.startsWith('urn:') && uri.startsWith(base.endsWith('/') ? base : `${base}/`);
}

function compositeMatches(asked: FilterValue, entry: CompositeValue): boolean {
  if (asked.kind !== 'composite') return false;
  return asked.components.every((component, index) =>
    (entry.components[index] ?? []).some((value) => entryMatches(component, value)),
  );
}

function lastUpdatedMatches(filter: LastUpdatedFilter, resource: Resource): boolean {
  const updated = resource.meta?.lastUpdated === undefined ? undefined : dateRange(resource.meta.lastUpdated);
  return updated !== undefined && filter.values.some((asked) => dateMatches(asked.prefix, asked, updated));
}

/** The owner itself is in its compartment (R4, CompartmentDefinition §2.51.2), though nothing of it points there. */
function compartmentMatches(filter: CompartmentFilter, resource: Resource, values: readonly IndexValue[]): boolean {
  const owner: FilterValue = { kind: 'reference', types: [filter.owner], id: filter.id };
  if (filter.owner === resource.resourceType && filter.id === resource.id) return true;
  const parameters = filter.parameters[resource.resourceType] ?? [];
  return parameters.some((parameter) => entriesOf(parameter, values).some((entry) => entryMatches(owner, entry)));
}
