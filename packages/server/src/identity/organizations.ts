import type { Resource } from '@meridian/fhir';

/** Reads records of nobody, such as PractitionerRole and Organization. */
export interface DirectoryReader {
  /** Resources that a search such as `['PractitionerRole', [['practitioner', 'Practitioner/1']]]` finds. */
  search(type: string, parameters: readonly (readonly [string, string])[]): Promise<readonly Resource[]>;
  read(type: string, id: string): Promise<Resource | undefined>;
}

/** Departments are part of clinics, which are part of hospitals: no further up than this. */
const MOST_LEVELS = 6;
const MOST = 50;

/**
 * Logical ids of the Organizations for which a Practitioner works, by active PractitionerRoles, with the Organizations of
 * which those are part (`Organization.partOf`): whoever works in a department works in its hospital.
 */
export async function organizationsOf(reader: DirectoryReader, resource: string, now: number): Promise<string[]> {
  if (!resource.startsWith('Practitioner/')) return [];
  const roles = await reader.search('PractitionerRole', [
    ['practitioner', resource],
    ['_count', String(MOST)],
  ]);
  const found = new Set<string>();
  for (const role of roles) {
    if (!isCurrent(role, now)) continue;
    let id = referenceOf(role.organization);
    for (let level = 0; id !== undefined && !found.has(id) && level < MOST_LEVELS && found.size < MOST; level++) {
      found.add(id);
      const organization = await reader.read('Organization', id);
      id = organization && referenceOf(organization.partOf);
    }
  }
  return [...found];
}

function isCurrent(role: Resource, now: number): boolean {
  if (role.active === false) return false;
  const { start, end } = (role.period ?? {}) as { start?: string; end?: string };
  return !(start !== undefined && Date.parse(start) > now) && !(end !== undefined && Date.parse(end) < now);
}

function referenceOf(value: unknown): string | undefined {
  const reference = typeof value === 'object' && value !== null && 'reference' in value ? value.reference : undefined;
  return typeof reference === 'string' ? /^Organization\/([A-Za-z0-9\-.]{1,64})$/.exec(reference)?.[1] : undefined;
}
