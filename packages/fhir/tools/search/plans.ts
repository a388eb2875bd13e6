import type { SearchParameterType } from '../../src/search/parameter.ts';
import type { Arm, ComponentPlan, CompositePlan } from '../../src/search/table.ts';
import { isReadable, makesManyValues } from './conversions.ts';
import type { Elements, Place } from './elements.ts';
import { follow, pathSteps, unionArms } from './expression.ts';

/** The parts of a SearchParameter resource that the table needs. */
export interface SearchParameterResource {
  resourceType: 'SearchParameter';
  id: string;
  url: string;
  code: string;
  description: string;
  type: SearchParameterType | 'special';
  base: string[];
  expression?: string;
  xpathUsage?: string;
  target?: string[];
  component?: { definition: string; expression: string }[];
}

/** Arms with what is known about how many values they can give. */
export interface PlannedArms {
  arms: Arm[];
  many: boolean;
}

/** Code system by canonical URL of a value set, where all its codes come from one. */
export type SystemOfValueSet = ReadonlyMap<string, string>;

/** Resolves paths of search parameters into arms of the table. */
export class Planner {
  readonly #elements: Elements;
  readonly #systems: SystemOfValueSet;

  constructor(elements: Elements, systems: SystemOfValueSet) {
    this.#elements = elements;
    this.#systems = systems;
  }

  /** The arms of `expression` that begin at `type`; the empty string where none does. */
  restrict(expression: string, type: string): string {
    return unionArms(expression)
      .filter((arm) => [type, 'Resource', 'DomainResource'].includes(pathSteps(arm)[0] as string))
      .join(' | ');
  }

  /** Arms for an expression that begins with the resource type, all of types that the parameter can read. */
  arms(expression: string, parameterType: SearchParameterType, type: string): PlannedArms {
    const known = knownArm(expression);
    if (known) return this.#knownArm(known, type);
    const places = unionArms(expression).map((arm) => follow(this.#elements, [root(type)], pathSteps(arm).slice(1)));
    return this.#planned(places, parameterType);
  }

  composites(expression: string, components: readonly Component[], type: string): CompositePlan[] {
    return unionArms(expression).flatMap((arm) => {
      const bases = follow(this.#elements, [root(type)], pathSteps(arm).slice(1));
      return bases.map((base) => ({
        base: [...base.path],
        components: components.map((component) => this.#component(component, base, type)),
      }));
    });
  }

  #component(component: Component, base: Place, type: string): ComponentPlan {
    const fromResource = component.expression.startsWith('%resource.');
    const start = fromResource ? root(type) : { ...base, path: [] };
    const places = unionArms(component.expression).map((arm) => {
      const steps = pathSteps(arm);
      return follow(this.#elements, [start], fromResource ? steps.slice(1) : steps);
    });
    const { arms } = this.#planned(places, component.type);
    const plan: ComponentPlan = { name: component.name, type: component.type, arms };
    return fromResource ? { ...plan, fromResource: true } : plan;
  }

  /** `unions[i]` holds the places of the union's arm i: the places of one choice element exclude each other. */
  #planned(unions: Place[][], parameterType: SearchParameterType): PlannedArms {
    const readable = unions.map((places) => places.filter((place) => isReadable(parameterType, place.type)));
    const places = readable.flat();
    // Arms of one choice element (`value as Quantity | value as Range`) exclude each other too.
    const choices = new Set(places.map((place) => place.path.join('.').replace(new RegExp(`${place.type}$`, 'i'), '')));
    const many = choices.size > 1 || places.some((place) => place.many || makesManyValues(place.type));
    return { arms: places.map((place) => this.#arm(place)), many };
  }

  #arm(place: Place): Arm {
    const arm: Arm = { path: place.path, as: place.type };
    const system = place.type === 'code' && place.valueSet ? this.#systems.get(place.valueSet) : undefined;
    return system === undefined ? arm : { ...arm, system };
  }

  #knownArm(path: string, type: string): PlannedArms {
    const places = follow(this.#elements, [root(type)], pathSteps(path).slice(1));
    return {
      arms: [{ path: [`known ${places.map((place) => place.path.join('.')).join(' ')}`], as: 'known' }],
      many: false,
    };
  }
}

export interface Component {
  name: string;
  type: SearchParameterType;
  expression: string;
}

/** `X.exists() and X != false`, as `Patient.deceased` has it: the path X. */
function knownArm(expression: string): string | undefined {
  return /^(.+)\.exists\(\) and \1 != false$/.exec(expression)?.[1];
}

function root(type: string): Place {
  return { path: [], type, definedAt: type, many: false };
}
