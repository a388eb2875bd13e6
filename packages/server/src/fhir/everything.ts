import { compartmentParameters, extract, inPatientCompartment, resourceTypes } from '@meridian/fhir';
import type { StoredVersion } from '@meridian/records';
import { refusal } from '../http/http-error.ts';
import type { Parameters } from '../http/query-string.ts';
import { BundleWriter } from './bundle-writer.ts';
import { instant } from './history.ts';
import type { Target } from './operation.ts';
import { parseStored } from './outgoing.ts';
import { OperationInput } from './parameters.ts';
import { requireLive } from './read.ts';
import type { Answer, FhirRequest } from './request.ts';
import { CURSOR, linksOf, MOST_COUNT, queryOf } from './search.ts';
import type { Services } from './services.ts';

/** Everything is long; a page of it is larger than one of a search. */
const PAGE = 200;
const DAY = 86_400_000;

/**
 * `Patient/[id]/$everything` (FHIR R4, Patient §8.1.16): the patient, all that is in the patient's compartment, and what
 * that refers to, in pages. `_type`, `_since`, `_count`, `start` and `end` narrow it.
 */
export async function everything(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const input = new OperationInput(request);
  const cursor = input.text(CURSOR);
  const stored = await services.store.read('Patient', target.id, request.context);
  const patient = requireLive(stored, 'Patient', target.id);
  const types = typesOf(input.texts('_type'));
  const since = input.text('_since');
  const parameters = parametersOf(input, since);
  const members = types.filter((type) => type !== 'Patient');
  const page =
    members.length > 0
      ? await services.store.search(
          {
            ...queryOf(members, parameters, 'strict', services, { owner: 'Patient', id: target.id }),
            count: Math.min(input.number('_count', 1) ?? PAGE, MOST_COUNT),
            include: members.flatMap((source) => OUTSIDE.map((target) => ({ source, target, iterate: false }))),
          },
          request.context,
        )
      : { matches: [], included: [], next: undefined };
  const inPeriod = periodOf(input);
  const bundle = new BundleWriter({
    resourceType: 'Bundle',
    type: 'searchset',
    link: linksOf(asked(input), page.next, `${services.baseUrl}/Patient/${target.id}/$everything`),
  });
  const add = (version: StoredVersion, mode: string): void => {
    const fullUrl = `"fullUrl":"${services.baseUrl}/${version.type}/${version.id}"`;
    bundle.add(fullUrl, version.json, `"search":{"mode":"${mode}"}`);
  };
  if (cursor === undefined && types.includes('Patient')) add(patient, 'match');
  for (const match of page.matches) if (inPeriod(match)) add(match, 'match');
  for (const one of page.included) if (one.type !== 'Patient' || one.id !== target.id) add(one, 'include');
  return { status: 200, body: bundle.end() };
}

const MEMBERS: readonly string[] = resourceTypes().filter(
  (type) => type === 'Patient' || (inPatientCompartment(type) && compartmentParameters('Patient', type).length > 0),
);

/**
 * Types outside the record that its resources refer to. Those within it come as matches, on this page or another: to
 * include them as well would send most of a record twice.
 */
const OUTSIDE: readonly string[] = [
  ...['Organization', 'Practitioner', 'PractitionerRole', 'Location', 'HealthcareService', 'Medication', 'Device'],
  ...['Substance', 'Endpoint', 'Questionnaire', 'PlanDefinition', 'ActivityDefinition', 'Binary'],
];

function typesOf(asked: readonly string[]): string[] {
  if (asked.length === 0) return [...MEMBERS];
  const unknown = asked.filter((type) => !MEMBERS.includes(type));
  if (unknown.length > 0) {
    throw refusal(
      400,
      'value',
      'The parameter _type names a type that is not part of a patient record; see the Patient compartment.',
    );
  }
  return [...new Set(asked)];
}

/** The caller's own parameters, for the links. */
function asked(input: OperationInput): Parameters {
  return ['_type', '_since', '_count', 'start', 'end'].flatMap((name) => {
    const texts = name === '_type' ? input.texts(name).join(',') || undefined : input.text(name);
    return texts === undefined ? [] : [[name, texts] as const];
  });
}

/** As search parameters. */
function parametersOf(input: OperationInput, since: string | undefined): Parameters {
  const parameters: (readonly [string, string])[] = [];
  if (since !== undefined) parameters.push(['_lastUpdated', `ge${since.replace(' ', '+')}`]);
  const cursor = input.text(CURSOR);
  if (cursor !== undefined) parameters.push([CURSOR, cursor]);
  return parameters;
}

/**
 * Whether a resource's care dates touch `start`–`end`. Resources without any date are kept: leaving out an allergy
 * because nobody dated it would be wrong.
 */
function periodOf(input: OperationInput): (version: StoredVersion) => boolean {
  const texts = ['start', 'end'].map((name) => [name, input.text(name)] as const);
  const given = texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  if (given.length === 0) return () => true;
  const start = instant(given, 'start') ?? Number.NEGATIVE_INFINITY;
  const end = (instant(given, 'end') ?? Number.POSITIVE_INFINITY) + DAY;
  return (version) => {
    const dates = extract(parseStored(version)).filter((value) => value.kind === 'date');
    return dates.length === 0 || dates.some((date) => date.low < end && date.high > start);
  };
}
