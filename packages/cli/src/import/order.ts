import type { Source } from './source.ts';

/**
 * What others refer to comes first, so that their conditional references (`Practitioner?identifier=…`) find it. Types not
 * named here come last.
 */
const ORDER: readonly (readonly string[])[] = [
  ['Organization', 'Location', 'Endpoint', 'CodeSystem', 'ValueSet', 'Medication', 'Substance'],
  ['Practitioner', 'PractitionerRole', 'HealthcareService', 'OrganizationAffiliation', 'CareTeam', 'Group'],
  ['Patient', 'RelatedPerson', 'Person'],
];

const LOOKED_AT = 64 * 1024;
const RESOURCE_TYPE = /"resourceType"\s*:\s*"([A-Z][A-Za-z]{1,63})"/g;

/** The files in groups: all of one group are in before the next begins. Looks at the first 64 KB of each. */
export async function inOrder(sources: readonly Source[], signal: AbortSignal): Promise<Source[][]> {
  const groups: Source[][] = [...ORDER, []].map(() => []);
  for (const source of sources) {
    signal.throwIfAborted();
    const type = await firstType(source);
    const place = ORDER.findIndex((types) => types.includes(type ?? ''));
    groups.at(place)?.push(source);
  }
  return groups.filter((group) => group.length > 0);
}

/** The type of the first resource that is no Bundle; undefined where none is seen or the file cannot be read. */
async function firstType(source: Source): Promise<string | undefined> {
  let text = '';
  try {
    const { content } = await source.open();
    for await (const chunk of content as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1', 0, LOOKED_AT);
      if (text.length >= LOOKED_AT) break;
    }
  } catch {
    // the error is told when the file is read
    return undefined;
  }
  for (const [, type] of text.matchAll(RESOURCE_TYPE)) if (type !== 'Bundle') return type;
  return undefined;
}
