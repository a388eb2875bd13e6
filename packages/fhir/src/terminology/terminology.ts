import type { CodeSystem, ValueSet } from '../definitions-resources.ts';
import { type Concept, conceptsFromResource, conceptsFromRows, type LoadedCodeSystem } from './code-systems.ts';
import { type Codes, composeCodes, isEnumerable, notLoaded } from './compose.ts';
import { TerminologyError } from './error.ts';
import { type PublishedTerminology, publishedTerminology } from './published.ts';
import { systemsBySyntax } from './syntax.ts';

/** One code of an expansion. */
export interface ExpandedCode {
  system: string;
  code: string;
  display?: string;
}

/** A page of an expansion; `total` counts all codes that pass the filter. */
export interface Expansion {
  total: number;
  offset: number;
  contains: ExpandedCode[];
}

export interface ExpandOptions {
  /** Keeps codes whose display or code contains this text, case ignored. */
  filter?: string;
  offset?: number;
  /** Most codes in the answer; default 1,000. */
  count?: number;
}

/** The answer to "is this code valid": `message` says why not, `display` is the preferred one. */
export interface Validation {
  result: boolean;
  message?: string;
  display?: string;
}

/** What is known of a code. */
export interface Lookup {
  name: string;
  version?: string;
  display?: string;
  definition?: string;
  parents: readonly string[];
  children: readonly string[];
}

/**
 * Code systems and value sets: those published with FHIR R4 (v2 and v3 tables among them), and what `add` brings. Where a
 * code system is not here (SNOMED CT, LOINC, ICD), questions that need it throw a `TerminologyError` of "not-loaded".
 *
 * @example
 * const terminology = new Terminology();
 * terminology.expand('http://hl7.org/fhir/ValueSet/administrative-gender').contains.map(({ code }) => code);
 * // ['male', 'female', 'other', 'unknown']
 */
export class Terminology {
  readonly #published: () => PublishedTerminology;
  readonly #codeSystems = new Map<string, LoadedCodeSystem>();
  readonly #valueSets = new Map<string, ValueSet>();
  readonly #expanded = new Map<string, Codes>();

  /** `published` supplies the base tables and is called when first needed. */
  constructor(published: () => PublishedTerminology = publishedTerminology) {
    this.#published = published;
  }

  /** Adds a CodeSystem or ValueSet, or replaces the one with the same URL. */
  add(resource: CodeSystem | ValueSet): void {
    if (resource.url === undefined) throw new TerminologyError('invalid', `Give the ${resource.resourceType} a url.`);
    if (resource.resourceType === 'ValueSet') {
      this.#valueSets.set(resource.url, resource);
    } else {
      const { url, version, name, content = 'complete' } = resource;
      this.#codeSystems.set(url, {
        url,
        ...(version === undefined ? {} : { version }),
        ...(name === undefined ? {} : { name }),
        content,
        concepts: conceptsFromResource(resource),
      });
    }
    this.#expanded.clear();
  }

  /** A loaded code system by URL, with or without `|version`. */
  codeSystem(canonical: string): LoadedCodeSystem | undefined {
    const url = withoutVersion(canonical);
    let system = this.#codeSystems.get(url);
    if (!system) {
      const row = own(this.#published().codeSystems, url);
      if (!row) return undefined;
      const { concepts, ...rest } = row;
      system = { url, ...rest, concepts: conceptsFromRows(concepts) };
      this.#codeSystems.set(url, system);
    }
    return system;
  }

  /** A loaded value set by URL, with or without `|version`. */
  valueSet(canonical: string): ValueSet | undefined {
    const url = withoutVersion(canonical);
    const added = this.#valueSets.get(url);
    if (added) return added;
    const row = own(this.#published().valueSets, url);
    return row ? { resourceType: 'ValueSet', url, ...row } : undefined;
  }

  /** All codes of a value set by system; for `:in` and `:not-in`. Throws when it is unknown or cannot be listed. */
  valueSetCodes(canonical: string): Codes {
    const url = withoutVersion(canonical);
    let codes = this.#expanded.get(url);
    if (!codes) {
      const valueSet = this.valueSet(url);
      if (!valueSet) throw new TerminologyError('not-found', `The value set ${url} is not loaded here; add it first.`);
      codes = composeCodes(valueSet, this);
      this.#expanded.set(url, codes);
    }
    return codes;
  }

  /** A page of the codes of a value set, by URL or as a resource (R4, ValueSet `$expand`). */
  expand(valueSet: string | ValueSet, { filter, offset = 0, count = 1000 }: ExpandOptions = {}): Expansion {
    const codes = typeof valueSet === 'string' ? this.valueSetCodes(valueSet) : composeCodes(valueSet, this);
    const wanted = filter?.toLowerCase();
    const contains: ExpandedCode[] = [];
    let total = 0;
    for (const [system, found] of codes) {
      for (const [code, display] of found) {
        if (wanted !== undefined && !`${code}\n${display ?? ''}`.toLowerCase().includes(wanted)) continue;
        if (total >= offset && contains.length < count) {
          contains.push(display === undefined ? { system, code } : { system, code, display });
        }
        total++;
      }
    }
    return { total, offset, contains };
  }

  /** Whether a value set holds a code (R4, ValueSet `$validate-code`); without a system, any system will do. */
  validateInValueSet(
    valueSet: string,
    { system, code, display }: Partial<ExpandedCode> & { code: string },
  ): Validation {
    const bySyntax = this.#validateBySyntax(valueSet, system, code);
    if (bySyntax) return bySyntax;
    const codes = this.valueSetCodes(valueSet);
    const candidates = system === undefined ? [...codes.values()] : [codes.get(system)];
    const found = candidates.find((each) => each?.has(code));
    if (!found) return { result: false, message: `The code is not in the value set ${withoutVersion(valueSet)}.` };
    return withDisplay(found.get(code), display);
  }

  /** A value set that is one whole system known by its syntax needs no list. */
  #validateBySyntax(valueSet: string, system: string | undefined, code: string): Validation | undefined {
    const include = this.valueSet(valueSet)?.compose?.include ?? [];
    const whole = include.length === 1 && !include[0]?.concept && !include[0]?.filter ? include[0]?.system : undefined;
    const matches = whole === undefined ? undefined : systemsBySyntax.get(whole);
    if (!matches) return undefined;
    if ((system === undefined || system === whole) && matches(code)) return { result: true };
    return { result: false, message: `The code is not one of ${whole}.` };
  }

  /** Whether a code exists in a code system (R4, CodeSystem `$validate-code`). */
  validateInCodeSystem(system: string, { code, display }: { code: string; display?: string }): Validation {
    const matches = systemsBySyntax.get(withoutVersion(system));
    if (matches) {
      return matches(code)
        ? { result: true }
        : { result: false, message: 'The code does not have the form the system asks for.' };
    }
    const loaded = this.codeSystem(system);
    if (!isEnumerable(loaded)) throw notLoaded(withoutVersion(system));
    const concept = loaded.concepts.get(code);
    if (!concept) return { result: false, message: `The code is not one of ${loaded.url}.` };
    return withDisplay(concept.display, display);
  }

  /** What is known of a code (R4, CodeSystem `$lookup`). Throws when the system is not loaded or has no such code. */
  lookup(system: string, code: string): Lookup {
    const loaded = this.codeSystem(system);
    if (!isEnumerable(loaded)) throw notLoaded(withoutVersion(system));
    const concept = loaded.concepts.get(code);
    if (!concept) throw new TerminologyError('not-found', `The code is not one of ${loaded.url}.`);
    return describe(loaded, concept);
  }
}

function describe(system: LoadedCodeSystem, { display, definition, parents, children }: Concept): Lookup {
  return {
    name: system.name ?? system.url,
    ...(system.version === undefined ? {} : { version: system.version }),
    ...(display === undefined ? {} : { display }),
    ...(definition === undefined ? {} : { definition }),
    parents,
    children,
  };
}

function withDisplay(known: string | undefined, given: string | undefined): Validation {
  const display = known === undefined ? {} : { display: known };
  if (given === undefined || known === undefined || given.toLowerCase() === known.toLowerCase()) {
    return { result: true, ...display };
  }
  return { result: false, message: 'The code is valid, but its display is another one.', ...display };
}

function withoutVersion(canonical: string): string {
  const bar = canonical.indexOf('|');
  return bar < 0 ? canonical : canonical.slice(0, bar);
}

function own<T>(table: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
