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
 * by which one patient's records are walked. A date that occurs many times (a dosage's timing) cannot lead. Undefined
 * where the type has no such date. Part of the storage format (principal-date.test.ts holds its digest).
 */
export function principalDateKey(type: string): string | undefined {
  if (!keys.has(type)) keys.set(type, choose(type));
  return keys.get(type);
}

function choose(type: string): string | undefined {
  const dates = searchParametersOf(type).filter(
    (parameter) => parameter.type === 'date' && parameter.index.length === 1 && !parameter.multiple,
  );
  for (const name of CANDIDATES) {
    const found = dates.find((parameter) => parameter.name === name);
    if (found) return found.index[0];
  }
  return undefined;
}
