import type { Resource } from '@meridian/fhir';
import type { Reference } from '../concept.ts';
import { uuidOf } from '../identity.ts';

/**
 * The growing record of one patient. Ids come from the seed, the patient's position, the writer's scope and a count
 * within it, so that a new career changes nobody else's ids.
 */
export class Chart {
  readonly resources: Resource[] = [];
  readonly subject: Reference;
  private readonly root: string;
  private readonly counts = new Map<string, number>();

  constructor(root: string, subject: Reference) {
    this.root = root;
    this.subject = subject;
  }

  /** Adds a resource under a fresh id; the object stays open to later completion. */
  add(scope: string, resourceType: string, body: Record<string, unknown>): Resource {
    const key = `${scope}/${resourceType}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    const resource: Resource = { resourceType, id: uuidOf(`${this.root}/${key}/${count}`), ...body };
    this.resources.push(resource);
    return resource;
  }
}

/** A reference to a resource that has an id. */
export function referenceTo(resource: Resource): Reference {
  return { reference: `${resource.resourceType}/${resource.id}` };
}
