import { isObject, type Json } from '../walk.ts';
import { countOf, each, has, hasChoice, isDistinct, part, strings } from './reading.ts';
import type { Rule } from './rule.ts';

/** The best practice of all definitional resources: a name that programs can use. `matches` looks anywhere. */
const PROGRAM_NAME = /[A-Z]([A-Za-z0-9_]){0,254}/;
const hasProgramName: Rule = (n) => typeof n.name !== 'string' || PROGRAM_NAME.test(n.name);
const NAME_KEYS = [
  'adf',
  'cpb',
  'cid',
  'csd',
  'cpd',
  'cmd',
  'ees',
  'evd',
  'evi',
  'evv',
  'esc',
  'gdf',
  'ig',
  'lib',
].concat(['mea', 'msd', 'nsd', 'opd', 'pdf', 'que', 'rsd', 'red', 'rvs', 'spd', 'sdf', 'smp', 'tcp', 'tst', 'vsd']);

/** Rules of the resources that define: capability statements, code systems, questionnaires and their like. */
export const definitionalRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(NAME_KEYS.map((key) => [`${key}-0`, hasProgramName])),
  'dom-6': (n) => has(part(n, 'text'), 'div'),
  'cpb-1': (n) => n.rest !== undefined || n.messaging !== undefined || n.document !== undefined,
  'cpb-2': (n) => countOf(n, 'description', 'software', 'implementation') > 0,
  'cpb-3': (n) => n.kind === 'instance' || !each(n, 'messaging').some(({ endpoint }) => endpoint !== undefined),
  'cpb-7': (n) => isDistinct(each(n, 'document').map(({ profile, mode }) => `${profile}${mode}`)),
  'cpb-9': (n) => isDistinct(each(n, 'resource').map(({ type }) => type)),
  'cpb-12': (n) => isDistinct(each(n, 'searchParam').map(({ name }) => name)),
  'cpb-14': (n) => n.kind !== 'instance' || n.implementation !== undefined,
  'cpb-15': (n) => n.kind !== 'capability' || (n.implementation === undefined && n.software !== undefined),
  'cpb-16': (n) => n.kind !== 'requirements' || (n.implementation === undefined && n.software === undefined),
  'csd-1': (n) => isDistinct(conceptCodes(n)),
  'cmd-1': (n) => has(n, 'comment') || (n.equivalence !== 'narrower' && n.equivalence !== 'inexact'),
  'cmd-2': (n) => n.mode !== 'fixed' || has(n, 'code'),
  'cmd-3': (n) => n.mode !== 'other-map' || has(n, 'url'),
  'ig-1': (n) => {
    const groupings = new Set(each(n, 'grouping').map(({ id }) => id));
    return each(n, 'resource').every(({ groupingId }) => groupingId === undefined || groupings.has(groupingId));
  },
  'ig-2': (n) => {
    const versions = new Set(strings(n, 'fhirVersion'));
    return each(part(n, 'definition'), 'resource').every((one) =>
      strings(one, 'fhirVersion').every((version) => versions.has(version)),
    );
  },
  'lnk-1': (n) => each(n, 'item').length > 1,
  'mea-1': (n) =>
    each(n, 'group').every((group) =>
      each(group, 'stratifier').every(
        (one) => countOf(one, 'code', 'description', 'criteria') > 0 !== (one.component !== undefined),
      ),
    ),
  'mrp-1': (n) => n.type !== 'data-collection' || n.group === undefined,
  'mrp-2': (n) =>
    each(n, 'group')
      .flatMap((group) => each(group, 'stratifier'))
      .flatMap((stratifier) => each(stratifier, 'stratum'))
      .every(({ value, component }) => (value !== undefined) !== (component !== undefined)),
  'md-1': (n) => n.max === '*' || !(Number(n.max) <= 0),
  'nsd-1': (n) => n.kind !== 'root' || each(n, 'uniqueId').every(({ type }) => type !== 'uuid'),
  'nsd-2': (n) => isDistinct(each(n, 'uniqueId').flatMap(({ preferred, type }) => (preferred === true ? [type] : []))),
  'opd-1': (n) => has(n, 'type') || n.part !== undefined,
  'opd-2': (n) => !has(n, 'searchType') || n.type === 'string' || n.type === undefined,
  'opd-3': (n) => !has(n, 'targetProfile') || n.type === 'Reference' || n.type === 'canonical' || n.type === undefined,
  'smp-1': (n) => !has(n, 'element') || has(n, 'context'),
  'smp-2': (n) => !has(n, 'context') || has(n, 'contextType'),
  'spd-1': (n) => !has(n, 'xpath') || has(n, 'xpathUsage'),
  'spd-2': (n) => !has(n, 'chain') || n.type === 'reference',
  'tcp-1': (n) => each(n, 'version').length <= 1 || each(n, 'version').every((version) => has(version, 'code')),
  'tcp-2': (n) => countOf(n, 'description', 'software', 'implementation') > 0,
  'tcp-3': (n) => n.kind !== 'instance' || n.implementation !== undefined,
  'tcp-4': (n) => n.kind !== 'capability' || (n.implementation === undefined && n.software !== undefined),
  'tcp-5': (n) => n.kind !== 'requirements' || (n.implementation === undefined && n.software === undefined),
  'vsd-1': (n) => has(n, 'valueSet') || has(n, 'system'),
  'vsd-2': (n) => (n.concept === undefined && n.filter === undefined) || has(n, 'system'),
  'vsd-3': (n) => n.concept === undefined || n.filter === undefined,
  'vsd-6': (n) => has(n, 'code') || has(n, 'display'),
  'vsd-9': (n) => has(n, 'code') || n.abstract === true,
  'vsd-10': (n) => !has(n, 'code') || has(n, 'system'),
};

function conceptCodes(node: Json): unknown[] {
  return each(node, 'concept').flatMap((concept) => [concept.code, ...conceptCodes(concept)]);
}

const ANSWERED_BY_CHOICE = [
  'choice',
  'open-choice',
  'decimal',
  'integer',
  'date',
  'dateTime',
  'time',
  'string',
  'quantity',
];
const WITH_LENGTH = ['boolean', 'decimal', 'integer', 'string', 'text', 'url', 'open-choice'];

/** Rules of Questionnaire. */
export const questionnaireRules: Readonly<Record<string, Rule>> = {
  'que-1': (n) => (n.type !== 'group' || n.item !== undefined) && (n.type !== 'display' || n.item === undefined),
  'que-2': (n) => isDistinct(linkIds(n)),
  'que-3': (n) => n.type !== 'display' || n.code === undefined,
  'que-4': (n) => n.answerOption === undefined || !has(n, 'answerValueSet'),
  'que-5': (n) =>
    ANSWERED_BY_CHOICE.includes(String(n.type)) || (!has(n, 'answerValueSet') && n.answerOption === undefined),
  'que-6': (n) => n.type !== 'display' || (!has(n, 'required') && !has(n, 'repeats')),
  'que-7': (n) => n.operator !== 'exists' || has(n, 'answerBoolean'),
  'que-8': (n) => (n.type !== 'group' && n.type !== 'display') || n.initial === undefined,
  'que-9': (n) => n.type !== 'display' || !has(n, 'readOnly'),
  'que-10': (n) => !has(n, 'maxLength') || WITH_LENGTH.includes(String(n.type)),
  'que-11': (n) => n.answerOption === undefined || n.initial === undefined,
  'que-12': (n) => each(n, 'enableWhen').length <= 2 || has(n, 'enableBehavior'),
  'que-13': (n) => n.repeats === true || each(n, 'initial').length <= 1,
};

function linkIds(node: Json): unknown[] {
  return each(node, 'item').flatMap((item) => [item.linkId, ...linkIds(item)]);
}

function elements(node: Json, view: 'snapshot' | 'differential'): Json[] {
  return each(part(node, view), 'element');
}

/** Elements of both views whose path has no dot: the root. */
function roots(node: Json): Json[] {
  return [...elements(node, 'snapshot'), ...elements(node, 'differential')].filter(isRoot);
}

function isRoot({ path }: Json): boolean {
  return typeof path === 'string' && !path.includes('.');
}

const SYSTEM_TYPE = /^http:\/\/hl7\.org\/fhirpath\/System\.[A-Z][A-Za-z]+$/;

function typeCodesMatch(all: Json[], pattern: RegExp): boolean {
  return all.every((element) =>
    each(element, 'type').every(({ code }) => pattern.test(String(code)) || SYSTEM_TYPE.test(String(code))),
  );
}

function isHl7Base(node: Json): boolean {
  return typeof node.url === 'string' && node.url.startsWith('http://hl7.org/fhir/StructureDefinition');
}

/** Every element but the first lies below `root`. */
function lieBelow(all: Json[], root: string): boolean {
  return all.slice(1).every(({ path }) => typeof path !== 'string' || path.startsWith(`${root}.`));
}

/** Rules of StructureDefinition. */
export const structureDefinitionRules: Readonly<Record<string, Rule>> = {
  'sdf-1': (n) => n.derivation !== 'specialization' || isDistinct(elements(n, 'snapshot').map(({ path }) => path)),
  'sdf-2': (n) => has(n, 'name') || has(n, 'uri'),
  'sdf-3': (n) => each(n, 'element').every((one) => has(one, 'definition') && has(one, 'min') && has(one, 'max')),
  'sdf-4': (n) => n.abstract === true || has(n, 'baseDefinition'),
  'sdf-5': (n) => n.type !== 'Extension' || n.derivation === 'specialization' || n.context !== undefined,
  'sdf-6': (n) => n.snapshot !== undefined || n.differential !== undefined,
  'sdf-8': (n, { resource }) => {
    const first = String(each(n, 'element')[0]?.path);
    return (resource.kind === 'logical' || first === resource.type) && lieBelow(each(n, 'element'), first);
  },
  'sdf-8a': (n, { resource }) => {
    const first = String(each(n, 'element')[0]?.path);
    const starts = resource.kind === 'logical' || typeof resource.type !== 'string' || first.startsWith(resource.type);
    return starts && lieBelow(each(n, 'element'), first.replace(/\..*/, ''));
  },
  'sdf-8b': (n) => each(n, 'element').every(({ base }) => base !== undefined),
  'sdf-9': (n) =>
    roots(n).every((root) => !has(root, 'label') && root.code === undefined && !has(root, 'requirements')),
  'sdf-10': (n) =>
    !isObject(n.binding) ||
    has(n.binding, 'valueSet') ||
    has(n.binding, 'description') ||
    hasChoice(n.binding, 'valueSet'),
  'sdf-11': (n) => n.kind === 'logical' || n.snapshot === undefined || elements(n, 'snapshot')[0]?.path === n.type,
  'sdf-14': (n) => [...elements(n, 'snapshot'), ...elements(n, 'differential')].every(({ id }) => id !== undefined),
  'sdf-15': (n) => n.kind === 'logical' || elements(n, 'snapshot')[0]?.type === undefined,
  'sdf-15a': (n) => {
    const first = elements(n, 'differential')[0];
    return n.kind === 'logical' || first === undefined || !isRoot(first) || first.type === undefined;
  },
  'sdf-16': (n) => hasDistinctIds(elements(n, 'snapshot')),
  'sdf-17': (n) => hasDistinctIds(elements(n, 'differential')),
  'sdf-18': (n) => !has(n, 'contextInvariant') || n.type === 'Extension',
  'sdf-19': (n) =>
    !isHl7Base(n) ||
    (typeCodesMatch(elements(n, 'differential'), /^[a-zA-Z0-9]+$/) &&
      typeCodesMatch(elements(n, 'snapshot'), /^[a-zA-Z0-9.]+$/)),
  'sdf-20': (n) => each(n, 'element').every((one) => !isRoot(one) || one.slicing === undefined),
  'sdf-21': (n) =>
    n.derivation === undefined ||
    n.derivation === 'specialization' ||
    !elements(n, 'differential').some((one) => hasChoice(one, 'defaultValue')),
  'sdf-22': (n) =>
    !isHl7Base(n) ||
    ![...elements(n, 'snapshot'), ...elements(n, 'differential')].some((one) => hasChoice(one, 'defaultValue')),
  'sdf-23': (n) => roots(n).every((root) => !has(root, 'sliceName')),
};

function hasDistinctIds(all: Json[]): boolean {
  return all.every(({ id }) => id !== undefined) && isDistinct(all.map(({ id }) => id));
}
