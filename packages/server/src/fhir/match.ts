import { normalizeString, type Resource } from '@meridian/fhir';
import { EVENT_KIND, type StoredVersion } from '@meridian/records';
import type { Role } from '@meridian/viewing';
import { refusal } from '../http/http-error.ts';
import type { Parameters } from '../http/query-string.ts';
import type { Target } from './operation.ts';
import { parseStored } from './outgoing.ts';
import { OperationInput } from './parameters.ts';
import type { Answer, FhirRequest } from './request.ts';
import { queryOf } from './search.ts';
import type { Services } from './services.ts';

/** Who may look somebody up whose record they cannot see yet: they must know whom they mean already. */
const MAY_MATCH: readonly Role[] = [
  ...(['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist', 'laboratory'] as const),
  ...(['records-officer', 'system'] as const),
];
const MOST = 5;

interface PersonName {
  text?: string;
  family?: string;
  given?: string[];
}

/** As the elements of a Patient are read here; validated before or checked on the way. */
interface Person extends Resource {
  identifier?: { system?: string; value?: string }[];
  name?: PersonName[];
  birthDate?: string;
  gender?: string;
}

/**
 * `Patient/$match` (FHIR R4, Patient §8.1.17; IHE PDQm): finds a patient by an identifier, or by full name and date of
 * birth, also where the record itself is closed to the caller. It answers no more than a name card, so that one can ask for
 * approval, and that it was asked stands in the patient's chain.
 */
export async function match(_target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  if (!request.viewer.roles.some((role) => MAY_MATCH.includes(role))) {
    throw refusal(403, 'forbidden', 'Patients are looked up by people who treat them and by records officers.');
  }
  const asked = new OperationInput(request).resource('resource') as Person | undefined;
  if (asked?.resourceType !== 'Patient') {
    throw refusal(400, 'required', 'Send Parameters with a resource: a Patient with what you know of the person.');
  }
  const found = await candidates(asked, services);
  const matches = found.filter(({ score }) => score > 0).slice(0, MOST);
  await services.store.record(
    matches.map(({ person }) => ({
      kind: EVENT_KIND.searched,
      patientId: person.id as string,
      context: request.context,
      subjects: [`Patient/${person.id}`],
      basis: 'patient-match',
    })),
  );
  const entry = matches.map(({ person, score }) => ({
    fullUrl: `${services.baseUrl}/Patient/${person.id}`,
    resource: cardOf(person),
    search: {
      extension: [{ url: GRADE, valueCode: score === 1 ? 'certain' : 'probable' }],
      mode: 'match',
      score,
    },
  }));
  const bundle = { resourceType: 'Bundle', type: 'searchset', total: entry.length, ...(entry.length > 0 && { entry }) };
  return { status: 200, body: Buffer.from(JSON.stringify(bundle)) };
}

const GRADE = 'http://hl7.org/fhir/StructureDefinition/match-grade';

async function candidates(asked: Person, services: Services): Promise<{ person: Person; score: number }[]> {
  const queries = queriesOf(asked);
  if (queries.length === 0) {
    throw refusal(
      400,
      'required',
      'Give an identifier with system and value, or the full name and the date of birth: nobody is found by less.',
    );
  }
  const people = new Map<string, Person>();
  for (const parameters of queries) {
    const query = queryOf(['Patient'], parameters, 'strict', services);
    const { matches } = await services.store.evidence.search({ ...query, count: 20 });
    for (const stored of matches) people.set(stored.id, personOf(stored));
  }
  return [...people.values()]
    .map((person) => ({ person, score: scoreOf(asked, person) }))
    .sort((a, b) => b.score - a.score);
}

function queriesOf({ identifier = [], name = [], birthDate }: Person): Parameters[] {
  const byNumber = identifier
    .filter(({ system, value }) => system && value)
    .slice(0, 3)
    .map(({ system, value }): Parameters => [['identifier', `${escaped(system)}|${escaped(value)}`]]);
  const [first] = name;
  const words = first ? wordsOf(first) : [];
  if (birthDate === undefined || words.join('').length < 2) return byNumber;
  const byName: Parameters = [
    ['birthdate', birthDate],
    ...words.slice(0, 4).map((word) => ['name', escaped(word)] as const),
  ];
  return [...byNumber, byName];
}

function wordsOf({ text, family, given = [] }: PersonName): string[] {
  const parts = family === undefined && given.length === 0 ? (text ?? '').split(/\s+/) : [family ?? '', ...given];
  return parts.filter((part) => part !== '');
}

/** An equal identifier is certain; an equal whole name and birth date is probable; less is nothing. */
function scoreOf(asked: Person, person: Person): number {
  const same = (asked.identifier ?? []).some(
    ({ system, value }) =>
      system && value && person.identifier?.some((each) => each.system === system && each.value === value),
  );
  const born = asked.birthDate !== undefined && asked.birthDate === person.birthDate;
  const named = born && (asked.name ?? []).some((name) => person.name?.some((each) => isSameName(name, each)));
  if (same && asked.birthDate !== undefined && !born) return 0.5;
  return same ? 1 : named ? 0.8 : 0;
}

function isSameName(asked: PersonName, known: PersonName): boolean {
  const words = (name: PersonName): Set<string> =>
    new Set([...wordsOf(name), ...(name.text ?? '').split(/\s+/)].map(normalizeString).filter((word) => word !== ''));
  const have = words(known);
  const want = wordsOf(asked).map(normalizeString);
  return want.length > 0 && want.every((word) => have.has(word));
}

/** What one sees of somebody whose record is closed: enough to know that it is the right person. */
function cardOf({ id, name, gender, birthDate }: Person): object {
  return {
    resourceType: 'Patient',
    id,
    meta: { tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }] },
    ...(name && { name: name.map(({ text, family, given }) => ({ text, family, given })) }),
    ...(gender && { gender }),
    ...(birthDate && { birthDate }),
  };
}

function personOf(stored: StoredVersion): Person {
  return parseStored(stored) as Person;
}

/** Search values with the characters that separate them written as themselves (FHIR R4, Search §3.1.1.4.12). */
function escaped(text: string | undefined): string {
  return (text ?? '').replaceAll(/[\\$,|]/g, '\\$&');
}
