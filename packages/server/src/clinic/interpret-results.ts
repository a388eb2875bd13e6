import {
  analyteOf,
  citation,
  type DerivedResult,
  flagCoding,
  type Interpretation,
  InterpretationError,
  type Locale,
  type Measurement,
  measurementsOf,
  type PatientFacts,
  patientFacts,
  plainWords,
  type ReportSummary,
  summarise,
  toObservation,
  trend,
} from '@meridian/clinic';
import { patientIdOf, type Resource, UCUM } from '@meridian/fhir';
import { isResource, requireValid } from '../fhir/incoming.ts';
import type { Target } from '../fhir/operation.ts';
import { parseStored, resourceAnswer } from '../fhir/outgoing.ts';
import { OperationInput } from '../fhir/parameters.ts';
import { requireLive } from '../fhir/read.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import { queryOf } from '../fhir/search.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { wordsPart } from './check-safety.ts';
import { localeOf } from './language.ts';
import { patientIdIn } from './patient-record.ts';

const MOST_RESULTS = 1000;
const MOST_CODES = 50;
/** Only the newest of each analyte is interpreted where codes are asked for; the others are its history. */
const MOST_HISTORY = 1000;

/** `DiagnosticReport/[id]/$interpret`: the results of a report that the caller may see, read together. */
export async function interpretReport(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const stored = await services.store.read('DiagnosticReport', target.id, request.context);
  const report = parseStored(requireLive(stored, 'DiagnosticReport', target.id));
  const patientId = patientIdOf(report, services.baseUrl);
  if (patientId === undefined) throw refusal(422, 'business-rule', 'The report names no patient, so it has no ranges.');
  const { result = [] } = report as Resource & { result?: { reference?: unknown }[] };
  const references = result.slice(0, MOST_RESULTS).flatMap(({ reference }) => {
    const id = /^Observation\/([A-Za-z0-9\-.]{1,64})$/.exec(String(reference))?.[1];
    return id === undefined ? [] : [{ type: 'Observation', id }];
  });
  const found = await services.store.readMany(references, request.context);
  const observations = found.flatMap((one) => (one?.json ? [parseStored(one)] : []));
  return answer(patientId, observations, request, services);
}

/**
 * `Observation/$interpret`: the newest results of a `patient` with these `code`s (LOINC), or results given as `observation`
 * resources for the patient; and on one Observation, that one.
 */
export async function interpretObservations(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  if (target.id !== '') {
    const stored = await services.store.read('Observation', target.id, request.context);
    const observation = parseStored(requireLive(stored, 'Observation', target.id));
    const patientId = patientIdOf(observation, services.baseUrl);
    if (patientId === undefined) throw refusal(422, 'business-rule', 'The result names no patient.');
    return answer(patientId, [observation], request, services);
  }
  const input = new OperationInput(request);
  const patientId = patientIdIn(input.text('patient'));
  const given = givenIn(input, services);
  if (given.length > 0) return answer(patientId, given, request, services);
  const codes = input.texts('code').slice(0, MOST_CODES);
  if (codes.length === 0) throw refusal(400, 'required', 'Give codes (LOINC), or observation resources.');
  const all = await resultsOf(patientId, codes, request, services);
  const newest = new Map<string, Resource>();
  for (const one of all) {
    const [measurement] = measurementsOf(one);
    const key = measurement && (analyteOf(measurement.loinc)?.key ?? measurement.loinc);
    if (key !== undefined && !newest.has(key)) newest.set(key, one);
  }
  return answer(patientId, [...newest.values()], request, services);
}

/** Observations in the call: whole ones, as they would be stored. Throws 400. */
function givenIn(input: OperationInput, services: Services): Resource[] {
  const given = input.resources('observation').slice(0, MOST_RESULTS);
  for (const one of given) {
    if (!isResource(one) || one.resourceType !== 'Observation') {
      throw refusal(400, 'structure', 'Each parameter observation must hold an Observation.');
    }
    requireValid(one, services);
  }
  return given;
}

/** Results of a patient by code that the caller may see, newest first. */
async function resultsOf(
  patientId: string,
  codes: readonly string[],
  request: FhirRequest,
  services: Services,
): Promise<Resource[]> {
  const parameters: [string, string][] = [
    ['patient', `Patient/${patientId}`],
    ['code', codes.map((code) => `http://loinc.org|${code}`).join(',')],
    ['_sort', '-date'],
  ];
  const query = queryOf(['Observation'], parameters, 'strict', services);
  const page = await services.store.search({ ...query, count: MOST_HISTORY }, request.context);
  return page.matches.map(parseStored);
}

async function answer(
  patientId: string,
  observations: readonly Resource[],
  request: FhirRequest,
  services: Services,
): Promise<Answer> {
  const stored = await services.store.read('Patient', patientId, request.context);
  const facts = patientFacts(parseStored(requireLive(stored, 'Patient', patientId)));
  const measurements = observations.flatMap((one) => measurementsOf(one, facts));
  const own = new Set(observations.map(({ id }) => id));
  const codes = [...new Set(measurements.flatMap(({ loinc }) => analyteOf(loinc)?.loinc ?? [loinc]))];
  const earlier =
    codes.length === 0 ? [] : await resultsOf(patientId, codes.slice(0, 2 * MOST_CODES), request, services);
  const history = earlier.filter(({ id }) => !own.has(id)).flatMap((one) => measurementsOf(one, facts));
  const summary = summarised(measurements, facts, history);
  const parameter = parametersOf(summary, measurements, history, `Patient/${patientId}`, localeOf(request));
  return resourceAnswer(200, { resourceType: 'Parameters', parameter });
}

function summarised(
  measurements: readonly Measurement[],
  facts: PatientFacts,
  history: readonly Measurement[],
): ReportSummary {
  try {
    return summarise(measurements, facts, { history });
  } catch (error) {
    if (error instanceof InterpretationError) throw refusal(422, 'too-costly', error.message);
    throw error;
  }
}

function parametersOf(
  summary: ReportSummary,
  measurements: readonly Measurement[],
  history: readonly Measurement[],
  patient: string,
  locale: Locale,
): object[] {
  const { counts, kidney, acuteKidneyInjury } = summary;
  const results = summary.groups.flatMap(({ name, results: members }) =>
    members.map((one) => ({ name: 'result', part: [wordsPart('group', name), ...resultParts(one, locale)] })),
  );
  return [
    wordsPart('headline', summary.headline),
    ...Object.entries(counts).map(([name, value]) => ({ name: `count-${name}`, valueInteger: value })),
    ...results,
    ...summary.derived.map((one) => derivedPart(one, patient)),
    ...trendParts(measurements, history),
    ...(kidney ? [{ name: 'kidney', valueString: [kidney.g, kidney.a, kidney.risk].filter(Boolean).join(' ') }] : []),
    ...(acuteKidneyInjury ? [{ name: 'acute-kidney-injury', valueInteger: acuteKidneyInjury.stage }] : []),
  ];
}

function resultParts(one: Interpretation, locale: Locale): object[] {
  const { measurement, analyte, range, flag, critical, delta, baseline } = one;
  const { value, unit, comparator } = measurement;
  const plain = plainWords(one, locale);
  return [
    { name: 'observation', valueReference: { reference: measurement.id.replace(/#.*$/, '') } },
    { name: 'code', valueCoding: { system: 'http://loinc.org', code: measurement.loinc } },
    ...(analyte ? [wordsPart('name', analyte.name)] : []),
    { name: 'value', valueQuantity: { ...quantity(value, unit), ...(comparator && { comparator }) } },
    { name: 'effective', valueDateTime: measurement.effective },
    ...(flag ? [{ name: 'flag', valueCoding: flagCoding(flag) }] : []),
    ...(one.flagBasis ? [{ name: 'flag-basis', valueCode: one.flagBasis }] : []),
    { name: 'laboratory-disagrees', valueBoolean: one.disagreesWithLaboratory },
    ...(range ? [{ name: 'range', part: limitParts(range, range.basis, range.source) }] : []),
    ...(critical ? [{ name: 'critical', part: limitParts(critical.limit, critical.side, critical.limit.source) }] : []),
    ...(delta ? [{ name: 'delta-percent', valueDecimal: rounded(delta.change) }] : []),
    ...(baseline
      ? [
          {
            name: 'baseline',
            part: [
              { name: 'median', valueQuantity: quantity(rounded(baseline.median), baseline.unit) },
              { name: 'change-percent', valueDecimal: rounded(baseline.change) },
              { name: 'beyond-usual', valueBoolean: baseline.beyondUsual },
            ],
          },
        ]
      : []),
    ...(plain ? [{ name: 'plain-words', part: plainParts(plain) }] : []),
  ];
}

function limitParts(
  { low, high, unit }: { low?: number; high?: number; unit: string },
  basis: string,
  source: string,
): object[] {
  return [
    ...(low === undefined ? [] : [{ name: 'low', valueQuantity: quantity(low, unit) }]),
    ...(high === undefined ? [] : [{ name: 'high', valueQuantity: quantity(high, unit) }]),
    { name: 'basis', valueCode: basis },
    { name: 'source', valueString: citation(source) },
  ];
}

function plainParts(plain: NonNullable<ReturnType<typeof plainWords>>): object[] {
  return Object.entries(plain).flatMap(([name, text]) =>
    [text].flat().map((valueString: string) => ({ name, valueString })),
  );
}

function derivedPart(derived: DerivedResult, patient: string): object {
  return {
    name: 'derived',
    part: [
      { name: 'result', resource: toObservation(derived, patient) },
      wordsPart('name', derived.equation.name),
      { name: 'source', valueString: derived.equation.source },
      ...derived.inputs.map(({ name, value, unit, measurement }) => ({
        name: 'input',
        part: [
          { name: 'name', valueString: name },
          { name: 'value', valueQuantity: quantity(rounded(value), unit) },
          { name: 'observation', valueReference: { reference: measurement.replace(/#.*$/, '') } },
        ],
      })),
    ],
  };
}

/** One trend for each analyte of the results. */
function trendParts(measurements: readonly Measurement[], history: readonly Measurement[]): object[] {
  const byAnalyte = Map.groupBy([...history, ...measurements], ({ loinc }) => analyteOf(loinc)?.key);
  const asked = new Set(measurements.map(({ loinc }) => analyteOf(loinc)?.key));
  return [...byAnalyte].flatMap(([key, series]) => {
    const found = key !== undefined && asked.has(key) ? trend(series) : undefined;
    if (!found) return [];
    const { analyte, direction, slopePerYear, p, count, unit, words } = found;
    return [
      {
        name: 'trend',
        part: [
          { name: 'analyte', valueCode: analyte },
          { name: 'direction', valueCode: direction },
          { name: 'slope-per-year', valueQuantity: quantity(rounded(slopePerYear), unit) },
          { name: 'p', valueDecimal: rounded(p) },
          { name: 'count', valueInteger: count },
          wordsPart('words', words),
        ],
      },
    ];
  });
}

function quantity(value: number, unit: string): object {
  return { value, unit, system: UCUM, code: unit };
}

/** Six significant figures: enough for every result, and no noise of floating point. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
