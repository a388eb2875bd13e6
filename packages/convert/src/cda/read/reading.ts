import type { Resource } from '@meridian/fhir';
import type { Fidelity } from '../../evidence/fidelity.ts';
import { uuidFrom } from '../code-systems.ts';
import type { XmlElement } from '../xml.ts';

export interface Reference {
  reference: string;
  display?: string;
}

/** A resource as it is put together; absent parts are pruned by `Reading.add`. */
export type Draft = { resourceType: string } & { [element: string]: unknown };

/** The state of one conversion: what was made so far, and how references into narrative and people are found. */
export class Reading {
  readonly resources: Resource[] = [];
  readonly fidelity: Fidelity;
  readonly #digest: string;
  readonly #narrative: ReadonlyMap<string, XmlElement>;
  readonly #shared = new Map<string, Reference>();
  #textLeft: number;
  #patient: Reference | undefined;
  /** `+08:00` for times that name no zone; without it they keep their date only. */
  readonly zone: string | undefined;

  constructor(options: {
    digest: string;
    fidelity: Fidelity;
    narrative: ReadonlyMap<string, XmlElement>;
    zone: string | undefined;
    sourceLength: number;
  }) {
    this.#digest = options.digest;
    this.fidelity = options.fidelity;
    this.#narrative = options.narrative;
    this.zone = options.zone;
    // Many references to one long text would otherwise make a large result from a small source.
    this.#textLeft = 4 * options.sourceLength + 1_000_000;
  }

  /** Whose record it is; known before the first entry is read. */
  get patient(): Reference {
    if (!this.#patient) throw new RangeError('The patient is set before entries are read.');
    return this.#patient;
  }

  set patient(reference: Reference) {
    this.#patient = reference;
  }

  /** Adds a resource under an id that follows from the source alone, and gives the reference to it. */
  add(draft: Draft, display?: string): Reference {
    const id = this.idOf(String(this.resources.length));
    const resource = prune({ ...draft, id }) as unknown as Resource;
    this.resources.push(resource);
    return { reference: `${resource.resourceType}/${id}`, ...(display === undefined ? {} : { display }) };
  }

  /** Adds a person, organisation or place once, however often the document names it. */
  share(key: string, make: () => Reference): Reference {
    const known = this.#shared.get(key);
    if (known) return known;
    const reference = make();
    this.#shared.set(key, reference);
    return reference;
  }

  /** A UUID (RFC 9562, version 8) from the digest of the source and a name within it. */
  idOf(name: string): string {
    return uuidFrom(`${this.#digest}\n${name}`);
  }

  /** The text of the narrative that `#id` points to, white space folded; none where there is no such place. */
  narrativeText(value: string | undefined): string | undefined {
    const element = value === undefined ? undefined : this.#narrative.get(value.replace(/^#/, ''));
    if (!element || this.#textLeft <= 0) return undefined;
    const text = element.text(LONGEST_TEXT).replace(/\s+/g, ' ').trim();
    this.#textLeft -= text.length;
    return text === '' ? undefined : text;
  }
}

const LONGEST_TEXT = 200_000;

/** Takes absent and empty parts out, in place: a copy would lose how decimals were written. */
export function prune<T>(value: T): T {
  if (Array.isArray(value)) {
    for (let index = value.length - 1; index >= 0; index -= 1) {
      prune(value[index]);
      if (isEmpty(value[index])) value.splice(index, 1);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      prune(inner);
      if (isEmpty(inner)) delete (value as Record<string, unknown>)[name];
    }
  }
  return value;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
