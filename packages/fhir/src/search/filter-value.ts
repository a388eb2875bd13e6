import { isResourceType } from '../definitions.ts';
import { parseReference } from '../references.ts';
import { canonicalQuantity, UCUM } from '../ucum.ts';
import { type DateRange, dateRange } from './date-range.ts';
import { splitUnescaped, unescapeValue } from './escape.ts';
import { numberRange, splitPrefix } from './number-range.ts';
import type { SearchParameter } from './parameter.ts';
import { searchParameter } from './parameters.ts';
import type { FilterValue, Prefix } from './query.ts';
import { invalid, type ParameterProblem, shown, unknown } from './search-error.ts';

/** What reading a value needs besides the text. */
export interface ValueContext {
  /** The parameter as the caller wrote it, for messages. */
  name: string;
  /** A type that has the parameter, for the components of composites. */
  type: string;
  modifier: string | undefined;
  baseUrl: string;
  /** Epoch milliseconds, for `ap` on dates; without it `ap` takes the range as written. */
  now: number | undefined;
}

/** Modifiers by type of parameter that `filterValue` reads (R4, Search, "Modifiers"), without `:missing` and `:not`. */
const MODIFIERS: Readonly<Record<SearchParameter['type'], readonly string[]>> = {
  token: ['text', 'of-type', 'in', 'not-in'],
  string: ['exact', 'contains'],
  reference: ['identifier'],
  uri: ['below', 'above'],
  number: [],
  quantity: [],
  date: [],
  composite: [],
};

/** Throws unless the parameter takes the modifier. A server must not ignore one, as its meaning would change. */
export function checkModifier(parameter: SearchParameter, modifier: string, name: string): void {
  if (modifier === 'missing' || MODIFIERS[parameter.type].includes(modifier)) return;
  if (modifier === 'not' && parameter.type === 'token') return;
  if (parameter.type === 'reference' && isResourceType(modifier)) {
    checkTarget(parameter, modifier, name);
    return;
  }
  const allowed = ['missing', ...MODIFIERS[parameter.type], ...(parameter.type === 'token' ? ['not'] : [])];
  throw invalid(
    `Parameter ${shown(name)} does not take the modifier ${shown(modifier)}; use one of ${allowed.map((one) => `:${one}`).join(', ')}${parameter.type === 'reference' ? ', or a resource type' : ''}.`,
  );
}

function checkTarget(parameter: SearchParameter, type: string, name: string): void {
  if (parameter.target.length > 0 && !parameter.target.includes(type)) {
    throw invalid(`Parameter ${shown(name)} never points to a ${type}; it points to ${parameter.target.join(', ')}.`);
  }
}

/** Reads one alternative of a parameter's value. */
export function filterValue(parameter: SearchParameter, text: string, context: ValueContext): FilterValue {
  if (context.modifier === 'missing') return missing(text, context);
  switch (parameter.type) {
    case 'token':
      return token(text, context);
    case 'string':
      return string(text, context);
    case 'reference':
      return reference(parameter, text, context);
    case 'uri':
      return uri(text, context);
    case 'number':
      return number(text, context);
    case 'quantity':
      return quantity(text, context);
    case 'date':
      return { kind: 'date', ...prefixedDate(text, context) };
    case 'composite':
      return composite(parameter, text, context);
  }
}

function refuse(context: ValueContext, expectation: string): ParameterProblem {
  return invalid(`Parameter ${shown(context.name)} has an invalid value; ${expectation}`);
}

function missing(text: string, context: ValueContext): FilterValue {
  if (text !== 'true' && text !== 'false') throw refuse(context, 'with :missing it is true or false.');
  return { kind: 'missing', missing: text === 'true' };
}

function token(text: string, context: ValueContext): FilterValue {
  if (context.modifier === 'text') return { kind: 'token-text', text: unescapeValue(text) };
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [first = '', second = '', third = ''] = parts;
  if (context.modifier === 'of-type') {
    if (parts.length !== 3 || first === '' || second === '' || third === '') {
      throw refuse(context, 'with :of-type it is type-system|type-code|value.');
    }
    return { kind: 'of-type', system: first, code: second, value: third };
  }
  const expectation = 'use code, system|code, |code (no system) or system| (any code); write a | within as \\|.';
  if (parts.length > 2) throw refuse(context, expectation);
  if (parts.length === 1) return { kind: 'token', code: first };
  if (first === '' && second === '') throw refuse(context, expectation);
  if (second === '') return { kind: 'token', system: first };
  return { kind: 'token', system: first === '' ? null : first, code: second };
}

function string(text: string, { modifier }: ValueContext): FilterValue {
  const match = modifier === 'exact' || modifier === 'contains' ? modifier : 'starts';
  return { kind: 'string', value: unescapeValue(text), match };
}

const BARE_ID = /^[A-Za-z0-9\-.]{1,64}$/;

function reference(parameter: SearchParameter, text: string, context: ValueContext): FilterValue {
  if (context.modifier === 'identifier') return referenceIdentifier(text, context);
  const value = unescapeValue(text);
  if (BARE_ID.test(value)) {
    const types = context.modifier === undefined ? parameter.target : [context.modifier];
    return { kind: 'reference', types, id: value };
  }
  const parsed = parseReference(value, context.baseUrl);
  if (parsed.kind === 'local') {
    if (!isResourceType(parsed.type)) throw refuse(context, 'its first part is not a FHIR R4 resource type.');
    if (context.modifier !== undefined && context.modifier !== parsed.type) {
      throw refuse(context, `with :${context.modifier} it is the id of a ${context.modifier}.`);
    }
    checkTarget(parameter, parsed.type, context.name);
    return { kind: 'reference', types: [parsed.type], id: parsed.id };
  }
  if (parsed.kind !== 'url' || !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(value)) {
    throw refuse(context, 'use Type/id, an id or an absolute URL; search the target by a chain such as patient.name.');
  }
  // The index keeps canonicals without their version.
  return { kind: 'reference-url', url: value.replace(/\|.*$/s, '') };
}

function referenceIdentifier(text: string, context: ValueContext): FilterValue {
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [first = '', second = ''] = parts;
  if (parts.length === 1) return { kind: 'reference-identifier', value: first };
  if (parts.length > 2 || second === '') throw refuse(context, 'with :identifier it is system|value or value.');
  return { kind: 'reference-identifier', system: first === '' ? null : first, value: second };
}

function uri(text: string, { modifier }: ValueContext): FilterValue {
  const match = modifier === 'below' || modifier === 'above' ? modifier : 'exact';
  return { kind: 'uri', value: unescapeValue(text), match };
}

interface PrefixedNumber {
  prefix: Prefix;
  value: number;
  low: number;
  high: number;
}

function prefixedNumber(text: string, context: ValueContext, form: string): PrefixedNumber {
  const { prefix, rest } = splitPrefix(text);
  const range = numberRange(rest);
  if (!range) throw refuse(context, `use ${form}, with a prefix such as ge or not.`);
  // R4 "Prefixes" recommends 10 % of the stated value for "approximately".
  const slack = prefix === 'ap' ? Math.abs(range.value) / 10 : 0;
  return {
    prefix,
    value: range.value,
    low: Math.min(range.low, range.value - slack),
    high: Math.max(range.high, range.value + slack),
  };
}

function number(text: string, context: ValueContext): FilterValue {
  return { kind: 'number', ...prefixedNumber(text, context, 'a number such as 5.4') };
}

function quantity(text: string, context: ValueContext): FilterValue {
  const form = 'number, number|system|code or number||unit, such as 5.4|http://unitsofmeasure.org|mg';
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  if (parts.length !== 1 && parts.length !== 3) throw refuse(context, `use ${form}.`);
  const [amount = '', system = '', code = ''] = parts;
  const range = prefixedNumber(amount, context, form);
  const value: FilterValue & { kind: 'quantity' } = { kind: 'quantity', ...range };
  if (system !== '') value.system = system;
  if (code !== '') value.code = code;
  const canonical = system === UCUM ? canonicalRange(range, code) : undefined;
  if (canonical) value.canonical = canonical;
  return value;
}

function canonicalRange(range: PrefixedNumber, unit: string): (FilterValue & { kind: 'quantity' })['canonical'] {
  const value = canonicalQuantity(range.value, unit);
  const low = canonicalQuantity(range.low, unit);
  const high = canonicalQuantity(range.high, unit);
  if (!value || !low || !high) return undefined;
  return { value: value.value, low: low.value, high: high.value, code: value.code };
}

/** A date with its prefix; also for `_lastUpdated`. */
export function prefixedDate(text: string, context: ValueContext): { prefix: Prefix } & DateRange {
  const { prefix, rest } = splitPrefix(text);
  // Where a client left the + of a timezone unencoded, it arrives as a space.
  const range = dateRange(rest.replace(' ', '+'));
  if (!range)
    throw refuse(
      context,
      'use a date such as 2024, 2024-05, 2024-05-07 or 2024-05-07T10:30:00Z, with a prefix such as ge or not.',
    );
  if (prefix !== 'ap' || context.now === undefined) return { prefix, ...range };
  // R4 "Prefixes" recommends 10 % of the time between now and the date.
  const slack = Math.abs(context.now - range.low) / 10;
  return { prefix, low: range.low - slack, high: range.high + slack };
}

function composite(parameter: SearchParameter, text: string, context: ValueContext): FilterValue {
  const parts = splitUnescaped(text, '$');
  if (parts.length !== parameter.components.length || parts.includes('')) {
    const form = parameter.components.map((component) => component.name).join('$');
    throw refuse(context, `use ${form}; write a $ within as \\$.`);
  }
  const components = parameter.components.map((component, index) => {
    const own = searchParameter(context.type, component.name);
    if (!own) throw unknown(`The part ${component.name} of parameter ${shown(context.name)} is not supported.`);
    return filterValue(own, parts[index] as string, { ...context, modifier: undefined });
  });
  return { kind: 'composite', components };
}
