import {
  type ChainFilter,
  extract,
  type HasFilter,
  type Include,
  matches,
  type ReferenceValue,
  type Resource,
  type SearchQuery,
} from '@meridian/fhir';
import { BASE } from './world.ts';

/** The search grammar over resources in memory: what the store's answers are compared with. */
export class Model {
  readonly #resources: ReadonlyMap<string, Resource>;

  constructor(resources: readonly Resource[]) {
    this.#resources = new Map(resources.map((resource) => [nameOf(resource), resource]));
  }

  /** Names (`Type/id`) of all that the query finds, sorted. */
  find(query: SearchQuery): string[] {
    return [...this.#resources]
      .filter(([, resource]) => query.types.includes(resource.resourceType) && this.#matches(query.filters, resource))
      .map(([name]) => name)
      .sort();
  }

  /** Names of what `_include` and `_revinclude` add to these matches, sorted. */
  included(query: SearchQuery, matched: readonly string[]): string[] {
    const known = new Set(matched);
    let round = matched.flatMap((name) => this.#resources.get(name) ?? []);
    for (let n = 0; round.length > 0; n++) {
      const found = [
        ...query.include
          .filter((include) => n === 0 || include.iterate)
          .flatMap((include) => this.#ahead(include, round)),
        ...query.revinclude
          .filter((include) => n === 0 || include.iterate)
          .flatMap((include) => this.#back(include, round)),
      ];
      round = [...new Set(found)].filter((one) => !known.has(nameOf(one)));
      for (const one of round) known.add(nameOf(one));
    }
    return [...known].filter((name) => !matched.includes(name)).sort();
  }

  #ahead({ source, parameter, target }: Include, round: readonly Resource[]): Resource[] {
    return round
      .filter((one) => one.resourceType === source)
      .flatMap((one) => this.targets(one, parameter?.index))
      .filter((one) => target === undefined || one.resourceType === target);
  }

  #back({ source, parameter }: Include, round: readonly Resource[]): Resource[] {
    return [...this.#resources.values()].filter(
      (one) =>
        one.resourceType === source && this.targets(one, parameter?.index).some((target) => round.includes(target)),
    );
  }

  /** What the reference parameters with these index keys point to. */
  targets(resource: Resource, keys?: readonly string[]): Resource[] {
    return referencesOf(resource, keys).flatMap(({ type, id }) => this.#resources.get(`${type}/${id}`) ?? []);
  }

  #matches(filters: SearchQuery['filters'], resource: Resource): boolean {
    return matches(filters, resource, { baseUrl: BASE, follow: (filter, from) => this.#follow(filter, from) });
  }

  #follow(filter: ChainFilter | HasFilter, from: Resource): boolean {
    if (filter.kind === 'chain') {
      return this.targets(from, filter.parameter.index).some((target) => {
        const next = filter.next[filter.targets.indexOf(target.resourceType)];
        return next !== undefined && this.#matches([next], target);
      });
    }
    return [...this.#resources.values()].some(
      (source) =>
        source.resourceType === filter.type &&
        this.targets(source, filter.parameter.index).includes(from) &&
        this.#matches([filter.next], source),
    );
  }
}

export function nameOf(resource: Resource): string {
  return `${resource.resourceType}/${resource.id}`;
}

function referencesOf(resource: Resource, keys: readonly string[] | undefined): ReferenceValue[] {
  return extract(resource, { baseUrl: BASE }).filter(
    (value) => value.kind === 'reference' && (!keys || keys.includes(value.key)),
  ) as ReferenceValue[];
}
