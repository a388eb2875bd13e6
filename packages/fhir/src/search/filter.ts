import { isResourceType, resourceTypes } from '../definitions.ts';
import { splitUnescaped, unescapeValue } from './escape.ts';
import { checkModifier, filterValue, prefixedDate, type ValueContext } from './filter-value.ts';
import type { SearchParameter } from './parameter.ts';
import { searchParameter } from './parameters.ts';
import type { Filter, FilterValue } from './query.ts';
import { invalid, ParameterProblem, shown, tooCostly, unknown } from './search-error.ts';
import { sharedParameter } from './shared-parameter.ts';

/** Bounds on what one parameter may ask. */
export const MAX_VALUES = 500;
export const MAX_VALUE_LENGTH = 8192;
const MAX_CHAIN = 4;
const MAX_EXPANSION = 5000;
export const MAX_FILTERS = 300;

/** What reading a filter needs besides name and value. */
export interface FilterContext {
  baseUrl: string;
  now: number | undefined;
  expandValueSet: ((url: string) => readonly { system?: string; code: string }[] | undefined) | undefined;
  /** The parameter as the caller wrote it, for messages. */
  name: string;
  /** Chains and `_has` already followed. */
  depth: number;
  /** How many more filters the parameter may grow: each untyped link of a chain multiplies them. */
  budget: { filters: number };
}

/** Reads `name=value` as a filter on resources of `types`; throws a `ParameterProblem`. Undefined: it filters nothing. */
export function parseFilter(
  types: readonly string[],
  name: string,
  value: string,
  context: FilterContext,
): Filter | undefined {
  if (context.budget.filters-- <= 0) {
    throw tooCostly(`Parameter ${shown(context.name)} may mean too many types; name them, as in subject:Patient.name.`);
  }
  if (name.startsWith('_has:')) return parseHas(types, name, value, context);
  const dot = name.indexOf('.');
  if (dot >= 0) return parseChain(types, name.slice(0, dot), name.slice(dot + 1), value, context);
  const [code, modifier] = splitName(name);
  const alternatives = splitUnescaped(value, ',');
  checkAlternatives(alternatives, context);
  if (code === '_id') return parseId(alternatives, modifier, context);
  const parameter = sharedParameter(types, code, context.name);
  if (modifier !== undefined) checkModifier(parameter, modifier, context.name);
  const values: ValueContext = { ...context, type: types[0] as string, modifier };
  if (code === '_lastUpdated') {
    if (modifier !== undefined) throw invalid('Parameter "_lastUpdated" takes no modifier; every resource has one.');
    return { kind: 'lastUpdated', values: alternatives.map((text) => prefixedDate(text, values)) };
  }
  if (modifier === 'in' || modifier === 'not-in') return parseIn(parameter, modifier, alternatives, context);
  return {
    kind: 'value',
    parameter,
    negated: modifier === 'not',
    values: alternatives.map((text) => filterValue(parameter, text, values)),
  };
}

/** `code:modifier` → both; the modifier may be missing. */
function splitName(name: string): [string, string | undefined] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
}

function checkAlternatives(alternatives: readonly string[], context: FilterContext): void {
  if (alternatives.length > MAX_VALUES) {
    throw invalid(`Parameter ${shown(context.name)} has more than ${MAX_VALUES} values; ask in several searches.`);
  }
  if (alternatives.some((text) => text.length > MAX_VALUE_LENGTH)) {
    throw invalid(
      `A value of parameter ${shown(context.name)} is longer than ${MAX_VALUE_LENGTH} characters; shorten it.`,
    );
  }
  if (alternatives.some((text) => text.trim() === '')) {
    throw invalid(`Parameter ${shown(context.name)} has an empty value; leave it out, or write a comma within as \\,.`);
  }
}

function parseId(ids: readonly string[], modifier: string | undefined, context: FilterContext): Filter {
  if (modifier !== undefined && modifier !== 'not') {
    throw invalid(`Parameter ${shown(context.name)} does not take that modifier; use _id or _id:not.`);
  }
  if (!ids.every((id) => /^[A-Za-z0-9\-.]{1,64}$/.test(id))) {
    throw invalid(`Parameter ${shown(context.name)} has an invalid value; ids have 1 to 64 of A-Z a-z 0-9 - and .`);
  }
  return { kind: 'id', ids, negated: modifier === 'not' };
}

function parseIn(
  parameter: SearchParameter,
  modifier: 'in' | 'not-in',
  urls: readonly string[],
  context: FilterContext,
): Filter | undefined {
  const values: FilterValue[] = [];
  for (const url of urls) {
    const codes = context.expandValueSet?.(unescapeValue(url));
    if (!codes) {
      throw invalid(`Parameter ${shown(context.name)} names a value set that is not known here; load it first.`);
    }
    for (const { system, code } of codes) {
      values.push(system === undefined ? { kind: 'token', code } : { kind: 'token', system, code });
    }
  }
  if (values.length > MAX_EXPANSION) {
    throw invalid(`Parameter ${shown(context.name)} names a value set of more than ${MAX_EXPANSION} codes; narrow it.`);
  }
  if (values.length > 0) return { kind: 'value', parameter, negated: modifier === 'not-in', values };
  return modifier === 'in' ? { kind: 'never' } : undefined;
}

function deeper(context: FilterContext): FilterContext {
  if (context.depth >= MAX_CHAIN) {
    throw tooCostly(
      `Parameter ${shown(context.name)} follows more than ${MAX_CHAIN} references; ask in several searches.`,
    );
  }
  return { ...context, depth: context.depth + 1 };
}

/** `subject:Patient` `.` `name:exact`: R4, Search, "Chained Parameters". */
function parseChain(
  types: readonly string[],
  link: string,
  rest: string,
  value: string,
  context: FilterContext,
): Filter {
  const inner = deeper(context);
  const [code, asked] = splitName(link);
  const parameter = sharedParameter(types, code, context.name);
  if (parameter.type !== 'reference') {
    throw invalid(`Parameter ${shown(context.name)} chains through ${shown(code)}, which is not a reference.`);
  }
  if (asked !== undefined) {
    if (!isResourceType(asked))
      throw invalid(`Parameter ${shown(context.name)}: after the colon of a chain stands a resource type.`);
    checkModifier(parameter, asked, context.name);
  }
  const candidates = asked !== undefined ? [asked] : parameter.target.length > 0 ? parameter.target : resourceTypes();
  const targets: string[] = [];
  const next: Filter[] = [];
  const problems: ParameterProblem[] = [];
  for (const target of candidates) {
    const filter = tryFilter([target], rest, value, inner, problems);
    if (!filter) continue;
    targets.push(target);
    next.push(filter);
  }
  if (targets.length > 0) return { kind: 'chain', parameter, targets, next };
  // Among several possible targets most lack the parameter; that one has it and refuses the value says more.
  const telling = problems.find((problem) => problem.kind === 'invalid' || candidates.length === 1);
  throw (
    telling ??
    unknown(`Parameter ${shown(context.name)}: nothing that ${shown(code)} points to has the parameter that follows.`)
  );
}

function tryFilter(
  types: readonly string[],
  name: string,
  value: string,
  context: FilterContext,
  problems: ParameterProblem[],
): Filter | undefined {
  try {
    return parseFilter(types, name, value, context);
  } catch (error) {
    // Where a bound is met, leaving this target out would answer another question than was asked.
    if (!(error instanceof ParameterProblem) || error.code === 'too-costly') throw error;
    problems.push(error);
    return undefined;
  }
}

const HAS = /^_has:([A-Za-z]+):([A-Za-z0-9_-]+):(.+)$/s;

/** `_has:Observation:patient:code`: R4, Search, "Reverse Chaining". */
function parseHas(types: readonly string[], name: string, value: string, context: FilterContext): Filter {
  const inner = deeper(context);
  const parts = HAS.exec(name);
  if (!parts) throw invalid(`Parameter ${shown(context.name)}: write _has:Type:reference-parameter:parameter.`);
  const [, type, code, rest] = parts as unknown as [string, string, string, string];
  if (!isResourceType(type))
    throw invalid(`Parameter ${shown(context.name)}: ${shown(type)} is not a FHIR R4 resource type.`);
  const parameter = searchParameter(type, code);
  if (!parameter) throw unknown(`Parameter ${shown(context.name)}: ${type} has no parameter ${shown(code)}.`);
  if (parameter.type !== 'reference') {
    throw invalid(`Parameter ${shown(context.name)}: ${shown(code)} of ${type} is not a reference.`);
  }
  if (parameter.target.length > 0 && !types.some((searched) => parameter.target.includes(searched))) {
    throw invalid(`Parameter ${shown(context.name)}: ${shown(code)} of ${type} never points to the type searched.`);
  }
  const next = parseFilter([type], rest, value, inner);
  if (!next) throw invalid(`Parameter ${shown(context.name)} excludes nothing; leave it out.`);
  return { kind: 'has', type, parameter, next };
}
