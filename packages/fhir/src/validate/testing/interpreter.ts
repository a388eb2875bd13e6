/**
 * A second validator for tests: slow, and written to be obviously right. It walks HL7's StructureDefinitions as they are,
 * looks every child up anew and evaluates every constraint with `fhirpath`. It shares nothing with the compiled one but
 * the narrative check, the corrections of published constraints, and the reading that a constraint is looked at only
 * where the form is right and is kept when it has no answer.
 */
import { createRequire } from 'node:module';
import { corrections } from '../../../tools/corrections.ts';
import type { ElementConstraint, ElementDefinition, ElementType } from '../../definitions-resources.ts';
import { CORE, elementsOf, isBound, isObject, isPrimitiveValue, types } from './interpreter-values.ts';

type Json = Record<string, unknown>;

const require = createRequire(import.meta.url);
const fhirpath = require('fhirpath') as typeof import('fhirpath');
const model = require('fhirpath/fhir-context/r4') as import('fhirpath').Model;

function isConcrete(type: unknown): type is string {
  const definition = typeof type === 'string' ? types.get(type) : undefined;
  return definition?.kind === 'resource' && !definition.abstract;
}

/** The paths of everything wrong with a resource; an empty set means valid. */
export function interpret(resource: unknown): Set<string> {
  return new Interpreter().run(resource);
}

class Interpreter {
  readonly #wrong = new Set<string>();
  #count = 0;
  #resource: Json = {};
  #root: Json = {};

  run(resource: unknown): Set<string> {
    const name = isObject(resource) && isConcrete(resource.resourceType) ? resource.resourceType : 'Resource';
    this.#walkResource(resource, name, false);
    return this.#wrong;
  }

  #fail(path: string): void {
    this.#count++;
    this.#wrong.add(path);
  }

  #walkResource(value: unknown, path: string, contained: boolean): void {
    if (!isObject(value)) {
      this.#fail(path);
      return;
    }
    if (!isConcrete(value.resourceType)) {
      this.#fail(`${path}.resourceType`);
      return;
    }
    const [resource, root] = [this.#resource, this.#root];
    this.#resource = value;
    if (!contained) this.#root = value;
    this.#walkObject(value, path, value.resourceType, value.resourceType, false);
    if (!contained) this.#checkContainedIds(value, path);
    [this.#resource, this.#root] = [resource, root];
  }

  /** What R4 says in words of contained resources: each has an id, and no two have the same. */
  #checkContainedIds(resource: Json, path: string): void {
    const ids = new Set<unknown>();
    for (const [index, one] of (Array.isArray(resource.contained) ? resource.contained : []).entries()) {
      if (!isObject(one)) continue;
      if (typeof one.id !== 'string' || ids.has(one.id)) this.#fail(`${path}.contained[${index}]`);
      ids.add(one.id);
    }
  }

  /** Walks the members of an object; `type` and `prefix` tell where its elements are defined. */
  #walkObject(value: Json, path: string, type: string, prefix: string, beside: boolean): void {
    const before = this.#count;
    const children = childrenOf(type, prefix);
    for (const name of Object.keys(value)) {
      if (name === 'resourceType' && types.get(prefix)?.kind === 'resource') continue;
      this.#walkMember(value, name, path, type, children);
    }
    for (const child of children) this.#checkPresence(value, child, path);
    const content = Object.keys(value).filter((name) => name !== 'id');
    if (content.length === 0 && !beside) this.#fail(path);
    if (prefix === 'Extension') {
      const hasValue = content.some((name) => /^_?value[A-Z]/.test(name));
      if (hasValue === (value.extension !== undefined)) this.#fail(path);
    }
    if (this.#count === before) this.#checkConstraints(elementAt(type, prefix).constraint, value, path, prefix);
  }

  #checkPresence(value: Json, child: ElementDefinition, path: string): void {
    const present = namesOf(child).filter(({ name }) => value[name] !== undefined || value[`_${name}`] !== undefined);
    if (present.length < (child.min ?? 0) || (child.path.endsWith('[x]') && present.length > 1)) this.#fail(path);
  }

  #walkMember(owner: Json, name: string, path: string, type: string, children: ElementDefinition[]): void {
    const isSibling = name.startsWith('_');
    const property = isSibling ? name.slice(1) : name;
    const child = children.find((each) => namesOf(each).some((one) => one.name === property));
    const chosen = child && namesOf(child).find((one) => one.name === property)?.type;
    if (!child || !chosen || child.max === '0') {
      this.#fail(path);
      return;
    }
    const isPrimitive = types.get(codeOf(chosen, child))?.kind === 'primitive-type';
    const isAttribute = chosen.code.startsWith('http://hl7.org/fhirpath/') || chosen.code === 'xhtml';
    if (isSibling && (!isPrimitive || isAttribute)) {
      this.#fail(path);
      return;
    }
    const many = child.max === '*' || Number(child.max) > 1;
    const here = `${path}.${name}`;
    const value = owner[name];
    if (many !== Array.isArray(value) || (Array.isArray(value) && value.length === 0)) {
      this.#fail(here);
      return;
    }
    const values = Array.isArray(value) ? value : [value];
    const others = Array.isArray(owner[isSibling ? property : `_${property}`])
      ? owner[isSibling ? property : `_${property}`]
      : [];
    for (const [index, one] of values.entries()) {
      const at = many ? `${here}[${index}]` : here;
      const other: unknown = many ? (others as unknown[])[index] : owner[isSibling ? property : `_${property}`];
      if (isPrimitive && isSibling) this.#walkSibling(one, other, at, many);
      else if (isPrimitive && one === null) {
        if (!many || !isObject(other)) this.#fail(at);
      } else this.#walkValue(one, at, child, chosen, type);
    }
  }

  #walkSibling(sibling: unknown, value: unknown, path: string, many: boolean): void {
    const hasValue = value !== undefined && value !== null;
    if (many && sibling === null && hasValue) return;
    if (!isObject(sibling)) {
      this.#fail(path);
      return;
    }
    this.#walkObject(sibling, path, 'Element', 'Element', hasValue);
    if (Object.keys(sibling).length === 0) this.#fail(path);
  }

  #walkValue(value: unknown, path: string, child: ElementDefinition, chosen: ElementType, type: string): void {
    const before = this.#count;
    const code = codeOf(chosen, child);
    if (child.contentReference !== undefined) {
      if (!isObject(value)) {
        this.#fail(path);
        return;
      }
      const target = child.contentReference.slice(1);
      this.#walkObject(value, path, type, target, false);
      return;
    }
    if (code === 'Resource') {
      const isContained = child.path.endsWith('.contained');
      if (isContained && this.#resource !== this.#root) {
        this.#fail(path);
        return;
      }
      this.#walkResource(value, path, isContained);
      return;
    }
    if (types.get(code)?.kind === 'primitive-type') {
      if (!isPrimitiveValue(code, value, child)) this.#fail(path);
    } else if (!isObject(value)) {
      this.#fail(path);
      return;
    } else if (code === 'BackboneElement' || code === 'Element') {
      this.#walkObject(value, path, type, child.path, false);
    } else {
      const profile = chosen.profile?.[0]?.slice(CORE.length);
      const name = profile !== undefined && types.has(profile) ? profile : code;
      this.#walkObject(value, path, name, elementsOf(name)[0]?.path ?? name, false);
    }
    if (this.#count !== before) return;
    if (code === 'Reference' && isObject(value)) this.#checkReference(value, path, chosen);
    if (!isBound(value, child)) this.#fail(path);
    if (code === 'Reference') return;
    const own = (child.constraint ?? []).filter(
      ({ key }) => !elementsOf(code)[0]?.constraint?.some((each) => each.key === key),
    );
    if (code !== 'BackboneElement' && code !== 'Element') this.#checkConstraints(own, value, path, child.path);
  }

  #checkReference({ reference, type: declared }: Json, path: string, { targetProfile = [] }: ElementType): void {
    const targets = targetProfile.map((profile) => profile.slice(CORE.length));
    const allows = (type: string) => targets.length === 0 || targets.includes('Resource') || targets.includes(type);
    let pointed: string | undefined;
    if (typeof reference === 'string' && reference.startsWith('#')) {
      const all = (Array.isArray(this.#root.contained) ? this.#root.contained : []) as Json[];
      const target =
        reference === '#' ? this.#root : all.findLast((each) => isObject(each) && each.id === reference.slice(1));
      if (!target) {
        this.#fail(`${path}.reference`);
        return;
      }
      pointed = isConcrete(target.resourceType) ? target.resourceType : undefined;
    } else if (typeof reference === 'string') {
      const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(reference);
      const isHttp = /^https?:\/\/[^\s?#]+\//.test(reference);
      const found =
        /(?:^|\/)([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?|\?.+)$/.exec(
          reference,
        );
      if (found && isConcrete(found[1]) && (isHttp || found.index === 0) && (isHttp || !reference.startsWith('/')))
        pointed = found[1];
      if (pointed === undefined && !isAbsolute) {
        this.#fail(`${path}.reference`);
        return;
      }
    }
    if (pointed !== undefined && !allows(pointed)) this.#fail(`${path}.reference`);
    if (typeof declared !== 'string') return;
    const name = declared.startsWith(CORE) ? declared.slice(CORE.length) : declared;
    if (!isConcrete(name) ? !/^[a-z][a-z0-9+.-]*:/i.test(name) : !allows(name) || (pointed ?? name) !== name) {
      this.#fail(`${path}.type`);
    }
  }

  #checkConstraints(constraints: ElementConstraint[] = [], value: unknown, path: string, base: string): void {
    for (const { key, severity, expression } of constraints) {
      if (severity !== 'error' || expression === undefined || key === 'ele-1' || key === 'ext-1') continue;
      // ref-1 is part of reading references, dom-2 of walking; txt-1 and txt-2 are the narrative check.
      if (['ref-1', 'dom-2', 'txt-1', 'txt-2'].includes(key)) continue;
      if (!holds(base, corrections[key] ?? expression, value, this.#resource, this.#root)) {
        this.#fail(key.startsWith('dom-') ? `${path}.contained` : path);
      }
    }
  }
}

const compiled = new Map<string, (node: unknown, environment: Json) => unknown>();

function holds(base: string, expression: string, node: unknown, resource: Json, rootResource: Json): boolean {
  const key = `${base}|${expression}`;
  let evaluate = compiled.get(key);
  if (!evaluate) {
    const path = { base, expression };
    evaluate = fhirpath.compile(path, model, { traceFn: () => {} }) as unknown as (
      node: unknown,
      environment: Json,
    ) => unknown;
    compiled.set(key, evaluate);
  }
  try {
    const answer = evaluate(structuredClone(node), { resource, rootResource, context: node });
    return !(Array.isArray(answer) && answer[0] === false);
  } catch {
    // `resolve()` and comparisons of unlike units have no answer.
    return true;
  }
}

function elementAt(type: string, path: string): ElementDefinition {
  return elementsOf(type).find((each) => each.path === path) ?? elementsOf(type)[0] ?? { path };
}

function childrenOf(type: string, prefix: string): ElementDefinition[] {
  return elementsOf(type).filter(
    ({ path }) => path.startsWith(`${prefix}.`) && !path.slice(prefix.length + 1).includes('.'),
  );
}

/** The JSON names of an element, each with its type. */
function namesOf(element: ElementDefinition): { name: string; type: ElementType }[] {
  const name = element.path.slice(element.path.lastIndexOf('.') + 1);
  if (element.contentReference !== undefined) return [{ name, type: { code: 'BackboneElement' } }];
  const all = element.type ?? [];
  if (!name.endsWith('[x]')) return all.slice(0, 1).map((type) => ({ name, type }));
  return all.map((type) => ({
    name: name.slice(0, -3) + (type.code[0] ?? '').toUpperCase() + type.code.slice(1),
    type,
  }));
}

function codeOf(type: ElementType, element: ElementDefinition): string {
  if (element.base?.path === 'Resource.id' || element.path === 'Resource.id') return 'id';
  return type.extension?.find(({ url }) => url.endsWith('/structuredefinition-fhir-type'))?.valueUrl ?? type.code;
}
