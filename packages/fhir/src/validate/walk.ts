import type { Issue, IssueCode } from '../issue.ts';

/** A JSON object of unknown content. */
export type Json = Record<string, unknown>;

/** Most issues one validation reports. */
export const MAX_ISSUES = 100;
/** Deepest nesting of JSON objects that is accepted. */
export const MAX_DEPTH = 64;

/** What a caller may ask of a validation beyond the base rules. */
export interface ValidateOptions {
  /** Also report best practices and other rules of severity "warning", such as dom-6 (a resource has a narrative). */
  bestPractice?: boolean;
  /** Profiles to check a resource against when its `meta.profile` names them: a `ProfileRegistry`. */
  profiles?: ProfileChecker;
  /** Whether to warn of names in `meta.profile` that `profiles` does not have; default "ignore". */
  unknownProfiles?: 'ignore' | 'warn';
}

/** Checks a resource that keeps the base rules against the profiles that it names. */
export interface ProfileChecker {
  check(resource: Json, walk: Walk): void;
}

interface Finding {
  severity: 'error' | 'warning';
  code: IssueCode;
  diagnostics: string;
  path: string;
}

/**
 * The state of one validation. As long as all is well nothing is allocated: a check that finds an issue adds it with an
 * empty path, and every caller on the way back up puts its own element in front (`within`).
 */
export class Walk {
  readonly findings: Finding[] = [];
  /** All errors seen, also those beyond `MAX_ISSUES`. */
  errors = 0;
  #warnings = 0;
  depth = 0;
  /** The resource being walked: `%resource` of FHIRPath. */
  resource: Json;
  /** The resource that holds the contained ones: `%rootResource` of FHIRPath. */
  container: Json;
  readonly bestPractice: boolean;
  readonly warnsOfUnknownProfiles: boolean;
  readonly profiles: ProfileChecker | undefined;
  #containedTypes: Map<string, string> | undefined;

  constructor(resource: Json, { bestPractice, unknownProfiles, profiles }: ValidateOptions) {
    this.resource = resource;
    this.container = resource;
    this.bestPractice = bestPractice ?? false;
    this.warnsOfUnknownProfiles = unknownProfiles === 'warn';
    this.profiles = profiles;
  }

  error(code: IssueCode, diagnostics: string): void {
    this.errors++;
    if (this.errors <= MAX_ISSUES) this.findings.push({ severity: 'error', code, diagnostics, path: '' });
  }

  /** Warnings have a limit of their own: if they used up that of errors, a broken resource would pass. */
  warning(code: IssueCode, diagnostics: string): void {
    this.#warnings++;
    if (this.#warnings <= MAX_ISSUES) this.findings.push({ severity: 'warning', code, diagnostics, path: '' });
  }

  /** Puts `segment` in front of the path of every finding since `mark` (a former `findings.length`). */
  within(mark: number, segment: string): void {
    for (let i = mark; i < this.findings.length; i++) {
      const finding = this.findings[i];
      if (finding) finding.path = segment + finding.path;
    }
  }

  /** Enters a resource; hand what it returns to `leave`. A contained resource keeps its container. */
  enter(resource: Json, contained: boolean): { resource: Json; container: Json } {
    const outer = { resource: this.resource, container: this.container };
    this.resource = resource;
    if (!contained) {
      this.container = resource;
      this.#containedTypes = undefined;
    }
    return outer;
  }

  leave(outer: { resource: Json; container: Json }): void {
    if (this.container !== outer.container) this.#containedTypes = undefined;
    this.resource = outer.resource;
    this.container = outer.container;
  }

  /** Resource type by id of what the current container contains. */
  containedTypes(): Map<string, string> {
    this.#containedTypes ??= new Map(
      (Array.isArray(this.container.contained) ? this.container.contained : []).flatMap((each: unknown) =>
        isObject(each) && typeof each.id === 'string' ? [[each.id, String(each.resourceType)] as const] : [],
      ),
    );
    return this.#containedTypes;
  }

  /** What was found, errors first, at most `MAX_ISSUES`. */
  issues(): Issue[] {
    const errors = this.findings.filter(({ severity }) => severity === 'error');
    const warnings = this.findings.filter(({ severity }) => severity === 'warning');
    return [...errors, ...warnings].slice(0, MAX_ISSUES).map(({ severity, code, diagnostics, path }) => ({
      severity,
      code,
      diagnostics,
      ...(path === '' ? {} : { expression: [path] }),
    }));
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
