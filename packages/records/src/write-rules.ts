import type { Resource } from '@meridian/fhir';
import { StoreError } from './errors.ts';
import type { StoredVersion, Write } from './store.ts';
import type { OpenedVersion } from './stored-row.ts';

/** `If-Match` (FHIR R4, RESTful API §3.1.0.5). */
export function requireMatch(ifMatch: number | undefined, current: OpenedVersion | undefined): void {
  if (ifMatch === undefined || current?.stored.version === ifMatch) return;
  throw new StoreError(
    'conflict',
    412,
    current
      ? `The resource is at version ${current.stored.version}, not at ${ifMatch}: read it, apply your change to what is there now, and send it with the new ETag.`
      : 'There is no such resource, so no version of it can match If-Match.',
  );
}

/** A transaction has no order by which two writes of one resource could follow each other (R4, RESTful API §3.1.0.11.2). */
export function refuseRepeats(writes: readonly Write[]): void {
  const names = new Set<string>();
  for (const write of writes) {
    const { type, id } = nameOf(write);
    if (id === '') continue;
    if (names.has(`${type}/${id}`)) {
      throw new StoreError(
        'invalid',
        400,
        'A transaction may touch each resource only once; merge the entries that share an id.',
      );
    }
    names.add(`${type}/${id}`);
  }
}

/** Which resource a write is about; the id is empty for a create whose id is still to be assigned. */
export function nameOf(write: Write): { type: string; id: string } {
  if (write.op === 'delete') return write;
  const id = write.op === 'create' ? (write.id ?? '') : idOf(write.resource);
  return { type: write.resource.resourceType, id };
}

export function idOf(resource: Resource): string {
  if (resource.id === undefined)
    throw new StoreError('required', 400, 'An update needs the id of the resource in its body.');
  return resource.id;
}

export function idTaken(stored: StoredVersion): StoreError {
  return new StoreError(
    'duplicate',
    409,
    `There is already a ${stored.type} with this id; update it, or let the server choose an id.`,
  );
}

/** Whose record a resource is in decides its keys, and who may see it. */
export function wouldMove(): StoreError {
  return new StoreError(
    'business-rule',
    422,
    'A record cannot be moved to another patient by changing its subject. Mark this one entered-in-error, and create it again for the right patient.',
  );
}
