import type { Step } from '../../src/search/table.ts';

/** The parts of a StructureDefinition that resolving an expression needs. */
export interface StructureDefinition {
  resourceType: 'StructureDefinition';
  type: string;
  kind: string;
  abstract: boolean;
  derivation?: string;
  baseDefinition?: string;
  snapshot: { element: ElementDefinition[] };
}

export interface ElementDefinition {
  path: string;
  max: string;
  type?: { code: string }[];
  contentReference?: string;
  binding?: { strength: string; valueSet?: string };
}

/** Where a path has arrived: the steps taken, and what stands there. */
export interface Place {
  path: readonly Step[];
  /** FHIR type code, such as `Reference`; `BackboneElement` for what is defined in place. */
  type: string;
  /** Path under which children are defined: `Observation.component`, or the type itself. */
  definedAt: string;
  /** Canonical of the required value set, for codes. */
  valueSet?: string;
  /** Whether the path may arrive at more than one element. */
  many: boolean;
}

const DEFINED_IN_PLACE = new Set(['BackboneElement', 'Element']);

/** All element definitions of R4 by path (`Observation.value[x]`, `Identifier.system`). */
export class Elements {
  readonly #byPath = new Map<string, ElementDefinition>();
  readonly #baseOf = new Map<string, string>();
  readonly resourceTypes: string[] = [];

  constructor(definitions: readonly StructureDefinition[]) {
    for (const definition of definitions) {
      if (definition.derivation === 'constraint' || definition.kind === 'logical') continue;
      if (definition.kind === 'resource' && !definition.abstract) this.resourceTypes.push(definition.type);
      if (definition.baseDefinition) this.#baseOf.set(definition.type, definition.baseDefinition.replace(/^.*\//, ''));
      for (const element of definition.snapshot.element) this.#byPath.set(element.path, element);
    }
    this.resourceTypes.sort();
  }

  /** Whether values of `type` are of type `asked`, as `ofType` has it: a canonical is a uri, an Age is a Quantity. */
  isA(type: string, asked: string): boolean {
    for (let one: string | undefined = type; one !== undefined; one = this.#baseOf.get(one))
      if (one === asked) return true;
    return false;
  }

  /** The places that the member `name` of `place` leads to: several for a choice element, none if there is no such. */
  child(place: Place, name: string): Place[] {
    const plain = this.#byPath.get(`${place.definedAt}.${name}`);
    if (plain) return this.#places(place, name, plain, false);
    const choice = this.#byPath.get(`${place.definedAt}.${name}[x]`);
    return choice ? this.#places(place, name, choice, true) : [];
  }

  #places(from: Place, name: string, element: ElementDefinition, choice: boolean): Place[] {
    const many = from.many || element.max !== '1';
    if (element.contentReference) {
      const definedAt = element.contentReference.replace(/^#/, '');
      return [{ path: [...from.path, name], type: 'BackboneElement', definedAt, many }];
    }
    return (element.type ?? []).map(({ code }) => {
      const member = choice ? name + code.charAt(0).toUpperCase() + code.slice(1) : name;
      const place: Place = {
        path: [...from.path, member],
        type: code,
        definedAt: DEFINED_IN_PLACE.has(code) ? element.path : code,
        many,
      };
      if (element.binding?.strength === 'required' && element.binding.valueSet !== undefined) {
        place.valueSet = element.binding.valueSet.replace(/\|.*$/, '');
      }
      return place;
    });
  }
}
