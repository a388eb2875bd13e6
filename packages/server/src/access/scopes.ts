/** What a request does to a resource type: create, read, update, delete, search (SMART App Launch 2, scopes). */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's';

const SCOPE = /^(?:system|user|patient)\/(\*|[A-Z][A-Za-z]{1,63})\.(?:(c?r?u?d?s?)|(read|write|\*))$/;
/** SMART 1 names, as SMART 2 reads them. */
const OLD_NAMES: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** What a token allows. Scopes that restrict by a search (`?category=…`) are not understood and so allow nothing. */
export class Scopes {
  readonly #types = new Map<string, Set<string>>();

  /** @param text scopes separated by spaces, such as `system/*.rs user/Observation.cruds` */
  constructor(text: string) {
    for (const scope of text.split(' ')) {
      const match = SCOPE.exec(scope);
      if (!match) continue;
      const [, type = '', letters, old] = match;
      const allowed = this.#types.get(type) ?? new Set<string>();
      for (const letter of letters ?? OLD_NAMES[old ?? ''] ?? '') allowed.add(letter);
      this.#types.set(type, allowed);
    }
  }

  /** @param type undefined: every type, as a search of the whole system needs it */
  allow(permission: Permission, type: string | undefined): boolean {
    if (this.#types.get('*')?.has(permission)) return true;
    return type !== undefined && (this.#types.get(type)?.has(permission) ?? false);
  }
}
