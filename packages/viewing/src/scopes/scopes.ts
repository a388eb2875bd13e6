import { type Filter, isResourceType, matches, parseSearch, type Resource, resourceTypes } from '@meridian/fhir';
import type { Rule } from '@meridian/records';
import { ALWAYS, allOf, anyOf, NEVER, typesOf } from '../rules/combine.ts';

/** What a request does to a resource type: create, read, update, delete, search (SMART App Launch 2, scopes). */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's';

/** One clinical scope of SMART App Launch 2 with what its search leaves, by type. */
interface Scope {
  context: 'patient' | 'user' | 'system';
  permissions: string;
  /** Types it is about and the filters that each must fulfil; `*` without a search is `everything`. */
  filters: ReadonlyMap<string, readonly Filter[]>;
  everything: boolean;
}

const SCOPE = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.(?:(c?r?u?d?s?)|(read|write|\*))(?:\?(.{1,512}))?$/s;
/** SMART 1 names, as SMART 2 reads them. */
const OLD_NAMES: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
const MOST_SCOPES = 100;

/**
 * What a token allows (SMART App Launch 2.2, "Scopes for requesting FHIR Resources"). Several scopes add up. A scope that
 * is not understood, or whose search cannot be decided on one record alone (chains, `_has`, paging), allows nothing.
 */
export class TokenScopes {
  readonly #scopes: readonly Scope[];

  /** @param text scopes separated by spaces, such as `user/Observation.rs?category=laboratory` */
  constructor(text: string) {
    this.#scopes = [...new Set(text.split(' '))].slice(0, MOST_SCOPES).flatMap((scope) => readScope(scope) ?? []);
  }

  /**
   * Whether some record of the type may be used so; undefined: of every type, as a search of the whole system needs it.
   * Which records, `rule` and `allowsWrite` say.
   */
  allow(permission: Permission, type: string | undefined): boolean {
    return this.#scopes.some(
      ({ permissions, everything, filters }) =>
        permissions.includes(permission) && (everything || (type !== undefined && filters.has(type))),
    );
  }

  /**
   * Which records may be read or found.
   *
   * @param launchPatient number of the Patient in the launch context: `patient/` scopes are about that record, and about
   * what is in nobody's
   */
  rule(types: readonly string[], launchPatient: bigint | undefined): Rule {
    const reading = this.#scopes.filter(({ permissions }) => /[rs]/.test(permissions));
    return anyOf(...reading.map((scope) => allOf(within(scope, launchPatient), records(scope, types))));
  }

  /** Whether a record may be written so. `resource`: what shall be written, or what shall be deleted. */
  allowsWrite(
    permission: 'c' | 'u' | 'd',
    resource: Resource,
    patient: bigint,
    launchPatient: bigint | undefined,
  ): boolean {
    return this.#scopes.some((scope) => {
      if (!scope.permissions.includes(permission)) return false;
      if (scope.context === 'patient' && (launchPatient === undefined || patient !== launchPatient)) return false;
      const filters = scope.filters.get(resource.resourceType);
      return scope.everything || (filters !== undefined && matches(filters, resource));
    });
  }
}

function within({ context }: Scope, launchPatient: bigint | undefined): Rule {
  if (context !== 'patient') return ALWAYS;
  return launchPatient === undefined
    ? NEVER
    : anyOf({ kind: 'patients', patients: [launchPatient] }, { kind: 'nobody' });
}

function records({ everything, filters }: Scope, types: readonly string[]): Rule {
  if (everything) return ALWAYS;
  const named = types.filter((type) => filters.has(type));
  if (named.length === types.length && named.every((type) => filters.get(type)?.length === 0)) return ALWAYS;
  const rules = named.map((type): Rule => {
    const own = (filters.get(type) ?? []).map((filter): Rule => ({ kind: 'filter', types: [type], filter }));
    return own.length === 0 ? typesOf([type]) : allOf(...own);
  });
  return anyOf(...rules);
}

function readScope(text: string): Scope | undefined {
  const [, context, type = '', letters, old, search] = SCOPE.exec(text) ?? [];
  const permissions = letters || OLD_NAMES[old ?? ''] || '';
  if (context === undefined || permissions === '') return undefined;
  if (type !== '*' && !isResourceType(type)) return undefined;
  const types = type === '*' ? resourceTypes() : [type];
  const filters = new Map(
    types.flatMap((name) => {
      const own = search === undefined ? [] : searchFilters(name, search);
      return own ? [[name, own] as const] : [];
    }),
  );
  const everything = type === '*' && search === undefined;
  return { context: context as Scope['context'], permissions, filters, everything };
}

/** Undefined where the type has no such parameters, or the search is more than conditions on one record. */
function searchFilters(type: string, search: string): readonly Filter[] | undefined {
  try {
    const parameters = [...new URLSearchParams(search)];
    if (
      parameters.some(([name]) => name.startsWith('_') && !name.startsWith('_security') && !name.startsWith('_tag'))
    ) {
      return undefined;
    }
    const { filters } = parseSearch([type], parameters, { handling: 'strict', baseUrl: '' });
    return filters.length > 0 && filters.every(({ kind }) => kind === 'value') ? filters : undefined;
  } catch {
    return undefined;
  }
}
