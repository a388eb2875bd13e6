import { definitions, isPrimitive, isResourceType } from '../../definitions.ts';
import type { StructureDefinition } from '../../definitions-resources.ts';
import { TerminologyError } from '../../terminology/error.ts';
import type { Terminology } from '../../terminology/terminology.ts';
import { isObject, type Json, type ProfileChecker, Walk } from '../walk.ts';
import { checkNode, type ProfileOracle } from './check.ts';
import { type ProfileNode, profileTree } from './tree.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
/** Most elements of one profile. */
const MAX_ELEMENTS = 10_000;
/** Longest chain of profiles that build on each other or check each other's parts. */
const MAX_CHAIN = 16;

/** A StructureDefinition that cannot serve as a profile; the message says why. */
export class ProfileError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'ProfileError';
  }
}

interface LoadedProfile {
  definition: StructureDefinition;
  tree: ProfileNode | undefined;
}

/**
 * The profiles that resources are checked against when their `meta.profile` names them. Pass it to `validate` as
 * `profiles`. Profiles of any R4 type or data type, extensions included, with a snapshot or with a differential alone
 * (then also everything they build on must be added).
 *
 * @example
 * const profiles = new ProfileRegistry(new Terminology());
 * profiles.add(vitalSigns);
 * validate(observation, { profiles });
 */
export class ProfileRegistry implements ProfileChecker, ProfileOracle {
  readonly #terminology: Terminology | undefined;
  readonly #profiles = new Map<string, LoadedProfile>();
  #chain = 0;

  /** Without a terminology, only the value sets that base types require are known. */
  constructor(terminology?: Terminology) {
    this.#terminology = terminology;
  }

  /** Adds a profile, or replaces the one with the same URL. Throws a `ProfileError` for what cannot serve as one. */
  add(definition: StructureDefinition): void {
    if (definition.derivation !== 'constraint') {
      throw new ProfileError(
        'Add only constraints on types; R4 base types are known and logical models are not checked.',
      );
    }
    if (!definition.snapshot && !definition.differential) {
      throw new ProfileError('Give the profile a snapshot or a differential.');
    }
    const elements = definition.snapshot?.element ?? definition.differential?.element ?? [];
    if (elements.length > MAX_ELEMENTS) {
      throw new ProfileError(`Split the profile; it has more than ${MAX_ELEMENTS} elements.`);
    }
    const base = definition.baseDefinition;
    if (!definition.snapshot && base !== undefined && this.typeOf(base) === undefined) {
      throw new ProfileError('Give the profile a snapshot, or first add the profile that it builds on.');
    }
    this.#profiles.set(definition.url, { definition, tree: undefined });
  }

  has(canonical: string): boolean {
    return this.#find(canonical) !== undefined;
  }

  #find(canonical: string): LoadedProfile | undefined {
    const [url = '', version] = canonical.split('|');
    const loaded = this.#profiles.get(url);
    const isOther =
      version !== undefined && loaded?.definition.version !== undefined && loaded.definition.version !== version;
    return isOther ? undefined : loaded;
  }

  /** Checks a resource that keeps the base rules against every loaded profile that its `meta.profile` names. */
  check(resource: Json, walk: Walk): void {
    const declared = isObject(resource.meta) && Array.isArray(resource.meta.profile) ? resource.meta.profile : [];
    for (const [index, profile] of declared.entries()) {
      if (typeof profile !== 'string' || isBaseType(profile)) continue;
      if (this.has(profile)) this.checkProfile(profile, resource, walk);
      else if (walk.warnsOfUnknownProfiles) {
        const mark = walk.findings.length;
        walk.warning('not-supported', 'This profile is not loaded here; the resource was not checked against it.');
        walk.within(mark, `.meta.profile[${index}]`);
      }
    }
  }

  checkProfile(canonical: string, value: unknown, walk: Walk): void {
    const loaded = this.#find(canonical);
    if (!loaded) return;
    const { definition } = loaded;
    if (isObject(value) && typeof value.resourceType === 'string' && value.resourceType !== definition.type) {
      walk.error('structure', `Use a ${definition.type}, the type that the profile is for.`);
      return;
    }
    if (this.#chain >= MAX_CHAIN) {
      walk.warning('too-costly', `Profiles that lead to each other more than ${MAX_CHAIN} deep were not checked.`);
      return;
    }
    this.#chain++;
    try {
      loaded.tree ??= profileTree(definition);
      checkNode(loaded.tree, { value, segment: '' }, this, walk, true);
      // A snapshot repeats what the profile builds on; a differential does not.
      if (!definition.snapshot && definition.baseDefinition) this.checkProfile(definition.baseDefinition, value, walk);
    } finally {
      this.#chain--;
    }
  }

  conformsTo(value: unknown, profile: string): boolean | undefined {
    if (!this.has(profile)) return undefined;
    const trial = new Walk(isObject(value) ? value : {}, {});
    this.checkProfile(profile, value, trial);
    return trial.errors === 0;
  }

  typeOf(profile: string): string | undefined {
    const known = this.#find(profile)?.definition.type;
    if (known !== undefined) return known;
    return isBaseType(profile) ? profile.split('|')[0]?.slice(CORE.length) : undefined;
  }

  isInValueSet(value: unknown, valueSet: string): boolean | undefined {
    const codings = codingsOf(value);
    const verdicts = codings.map(({ system, code }) => this.#holds(valueSet, system, code));
    if (verdicts.includes(true)) return true;
    return verdicts.includes(undefined) ? undefined : false;
  }

  #holds(valueSet: string, system: string | undefined, code: string): boolean | undefined {
    if (!this.#terminology) return undefined;
    try {
      return this.#terminology.validateInValueSet(valueSet, system === undefined ? { code } : { system, code }).result;
    } catch (error) {
      if (error instanceof TerminologyError) return undefined;
      throw error;
    }
  }
}

function isBaseType(profile: string): boolean {
  const name = profile.split('|')[0] ?? '';
  if (!name.startsWith(CORE)) return false;
  const type = name.slice(CORE.length);
  return isResourceType(type) || isPrimitive(type) || Object.hasOwn(definitions().structures, type);
}

/** The codes of a code, Coding, Quantity or CodeableConcept; a code has no system. */
function codingsOf(value: unknown): { system: string | undefined; code: string }[] {
  if (typeof value === 'string') return [{ system: undefined, code: value }];
  if (!isObject(value)) return [];
  if (Array.isArray(value.coding)) return value.coding.flatMap(codingsOf);
  if (typeof value.code !== 'string') return [];
  return [{ system: typeof value.system === 'string' ? value.system : '', code: value.code }];
}
