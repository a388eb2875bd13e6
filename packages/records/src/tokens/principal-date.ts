import { searchParametersOf } from '@meridian/fhir';

/** Search parameters that say when a record is about, best first. */
const CANDIDATES = [
  'date',
  'onset-date',
  'authored',
  'authoredon',
  'authored-on',
  'started',
  'effective',
  'effective-time',
  'recorded',
  'recorded-date',
  'created',
  'period',
  'issued',
  'received-time',
  'collected',
  'start',
  'birthdate',
];

const keys = new Map<string, string | undefined>();

/**
 * The index key of the date by which a type's records are put in order: it has columns of its own and leads the index
 * by which one patient's records are walked. Undefined where the type has no such date.
 */
export function principalDateKey(type: string): string | undefined {
  if (!keys.has(type)) keys.set(type, choose(type));
  return keys.get(type);
}

function choose(type: string): string | undefined {
  const dates = searchParametersOf(type).filter(
    (parameter) => parameter.type === 'date' && parameter.index.length === 1,
  );
  for (const name of CANDIDATES) {
    const found = dates.find((parameter) => parameter.name === name);
    if (found) return found.index[0];
  }
  return undefined;
}
