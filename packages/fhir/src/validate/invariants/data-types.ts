import type { Json } from '../walk.ts';
import { choiceKey, each, has, hasChoice, isDistinct, notAfter, part, strings } from './reading.ts';
import type { Rule } from './rule.ts';

const UCUM = 'http://unitsofmeasure.org';
const CURRENCY = 'urn:iso:std:iso:4217';
const MEALS = new Set(['C', 'CM', 'CD', 'CV']);

/** (code.exists() or value.empty()) and (system.empty() or system = …) */
function isCodedIn(system: string, node: Json): boolean {
  return (has(node, 'code') || !has(node, 'value')) && (node.system === undefined || node.system === system);
}

/** Rules of the complex data types. The FHIRPath of each key stands in the generated table of constraints. */
export const dataTypeRules: Readonly<Record<string, Rule>> = {
  'age-1': (n) => isCodedIn(UCUM, n) && (typeof n.value !== 'number' || n.value > 0),
  'att-1': (n) => n.data === undefined || has(n, 'contentType'),
  'cnt-3': (n) =>
    isCodedIn(UCUM, n) &&
    (n.code === undefined || n.code === '1') &&
    (typeof n.value !== 'number' || Number.isInteger(n.value)),
  'cpt-2': (n) => n.value === undefined || has(n, 'system'),
  'dis-1': (n) => isCodedIn(UCUM, n),
  'drq-1': (n) => has(n, 'path') !== has(n, 'searchParam'),
  'drq-2': (n) => has(n, 'path') !== has(n, 'searchParam'),
  'drt-1': (n) => !has(n, 'code') || ((n.system === undefined || n.system === UCUM) && has(n, 'value')),
  'exp-1': (n) => has(n, 'expression') || has(n, 'reference'),
  'mqty-1': (n) => isCodedIn(CURRENCY, n),
  'per-1': (n) => notAfter(n.start, n.end),
  'qty-3': (n) => n.code === undefined || has(n, 'system'),
  'rat-1': (n) =>
    n.numerator === undefined ? n.denominator === undefined && n.extension !== undefined : n.denominator !== undefined,
  'rng-2': (n) => isNotGreater(part(n, 'low'), part(n, 'high')),
  'sqty-1': (n) => n.comparator === undefined && n._comparator === undefined,
  'tim-1': (n) => !has(n, 'duration') || has(n, 'durationUnit'),
  'tim-2': (n) => !has(n, 'period') || has(n, 'periodUnit'),
  'tim-4': (n) => typeof n.duration !== 'number' || n.duration >= 0,
  'tim-5': (n) => typeof n.period !== 'number' || n.period >= 0,
  'tim-6': (n) => !has(n, 'periodMax') || has(n, 'period'),
  'tim-7': (n) => !has(n, 'durationMax') || has(n, 'duration'),
  'tim-8': (n) => !has(n, 'countMax') || has(n, 'count'),
  'tim-9': (n) => !has(n, 'offset') || (has(n, 'when') && strings(n, 'when').every((when) => !MEALS.has(when))),
  'tim-10': (n) => !has(n, 'timeOfDay') || !has(n, 'when'),
  'trd-1': (n) => n.data === undefined || !hasChoice(n, 'timing'),
  'trd-2': (n) => n.condition === undefined || n.data !== undefined,
  'trd-3': (n) =>
    (n.type !== 'named-event' || has(n, 'name')) &&
    (n.type !== 'periodic' || hasChoice(n, 'timing')) &&
    (!String(n.type).startsWith('data-') || n.data !== undefined),
};

/** Quantities in one and the same unit are compared; of others this rule says nothing. */
function isNotGreater(low: Json, high: Json): boolean {
  if (typeof low.value !== 'number' || typeof high.value !== 'number') return true;
  const sameUnit =
    low.code !== undefined || high.code !== undefined
      ? low.code === high.code && low.system === high.system
      : low.unit === high.unit;
  return !sameUnit || low.value <= high.value;
}

const SLICE_NAME = /^[a-zA-Z0-9/\-_[\]@]+$/;
/** eld-19 and eld-20 as published: `matches` looks for the pattern anywhere in the path. */
const PATH_WITH_SLICES = /[^\s.,:;'"/|?!@#$%&*()[\]{}]{1,64}(\.[^\s.,:;'"/|?!@#$%&*()[\]{}]{1,64}(\[x\])?(:[^\s.]+)?)*/;
const PLAIN_PATH = /[A-Za-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*(\[x])?)*/;

function typeCodes(node: Json): unknown[] {
  return each(node, 'type').map(({ code }) => code);
}

/** Rules of ElementDefinition, the type of the elements of a StructureDefinition. */
export const elementDefinitionRules: Readonly<Record<string, Rule>> = {
  'eld-1': (n) => n.discriminator !== undefined || has(n, 'description'),
  'eld-2': (n) => typeof n.min !== 'number' || typeof n.max !== 'string' || n.max === '*' || !(n.min > Number(n.max)),
  'eld-3': (n) => isMaximum(n),
  'eld-4': (n) => !has(n, 'aggregation') || n.code === 'Reference' || n.code === 'canonical',
  'eld-5': (n) =>
    !has(n, 'contentReference') ||
    !(
      ['type', 'example', 'binding', 'maxLength'].some((name) => has(n, name)) ||
      ['defaultValue', 'fixed', 'pattern', 'minValue', 'maxValue'].some((name) => hasChoice(n, name))
    ),
  'eld-6': (n) => each(n, 'type').length <= 1 || !hasChoice(n, 'fixed'),
  'eld-7': (n) => each(n, 'type').length <= 1 || !hasChoice(n, 'pattern'),
  'eld-8': (n) => !hasChoice(n, 'pattern') || !hasChoice(n, 'fixed'),
  // type.select(…).exists() holds as soon as there is a type with a code.
  'eld-11': () => true,
  'eld-12': (n) =>
    typeof n.valueSet !== 'string' || ['http:', 'https', 'urn:'].some((start) => String(n.valueSet).startsWith(start)),
  'eld-13': (n) => isDistinct(typeCodes(n)),
  'eld-14': (n) => isDistinct(each(n, 'constraint').map(({ key }) => key)),
  'eld-15': (n) => !has(n, 'meaningWhenMissing') || choiceKey(n, 'defaultValue') === undefined,
  'eld-16': (n) => typeof n.sliceName !== 'string' || SLICE_NAME.test(n.sliceName),
  'eld-17': (n) => !has(n, 'targetProfile') || n.code === 'Reference' || n.code === 'canonical',
  'eld-18': (n) => n.isModifier !== true || has(n, 'isModifierReason'),
  'eld-19': (n) => typeof n.path !== 'string' || PATH_WITH_SLICES.test(n.path),
  'eld-20': (n) => typeof n.path !== 'string' || PLAIN_PATH.test(n.path),
  'eld-21': (n) => has(n, 'expression'),
  'eld-22': (n) => !has(n, 'sliceIsConstraining') || has(n, 'sliceName'),
};

/** eld-3 stands on the primitive `max` itself: `*` or a whole number that is not negative. */
function isMaximum(value: unknown): boolean {
  return value === '*' || !(Number(value) < 0);
}
