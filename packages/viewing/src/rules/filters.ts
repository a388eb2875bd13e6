import {
  type Filter,
  type FilterValue,
  type SearchParameter,
  searchParameter,
  searchParametersOf,
} from '@meridian/fhir';
import type { Rule } from '@meridian/records';
import { allOf, anyOf, notOf, typesOf } from './combine.ts';

/** A code as consents and scopes name it; without a system: that code in any system. */
export interface NamedCode {
  system?: string;
  code: string;
}

/** Parameters that say who wrote a record (performer, author, recorder …), by type. Types without one have no author. */
const AUTHORS: Readonly<Record<string, readonly string[]>> = {
  AdverseEvent: ['recorder'],
  AllergyIntolerance: ['recorder', 'asserter'],
  Basic: ['author'],
  ClinicalImpression: ['assessor'],
  Communication: ['sender'],
  CommunicationRequest: ['requester'],
  Composition: ['author'],
  Condition: ['asserter'],
  DetectedIssue: ['author'],
  DeviceRequest: ['requester'],
  DiagnosticReport: ['performer', 'results-interpreter'],
  DocumentManifest: ['author'],
  DocumentReference: ['author'],
  Flag: ['author'],
  ImagingStudy: ['performer', 'interpreter'],
  Immunization: ['performer'],
  List: ['source'],
  Media: ['operator'],
  MedicationAdministration: ['performer'],
  MedicationDispense: ['performer'],
  MedicationRequest: ['requester'],
  NutritionOrder: ['provider'],
  Observation: ['performer'],
  Procedure: ['performer'],
  QuestionnaireResponse: ['author'],
  RequestGroup: ['author'],
  RiskAssessment: ['performer'],
  ServiceRequest: ['requester'],
  SupplyRequest: ['requester'],
  Task: ['requester'],
  VisionPrescription: ['prescriber'],
};

/** The parameter that says what a record is about, in the order of preference. */
const CODE_PARAMETERS = ['code', 'vaccine-code'];
/** Types whose `type` is what other types call their code (LOINC document types). */
const TYPE_IS_CODE = ['Composition', 'DocumentReference', 'DocumentManifest', 'Encounter'];

/** When what a record tells of happened, in the order of preference. */
const DATE_PARAMETERS = [
  ...['date', 'effective-time', 'onset-date', 'authoredon', 'authored', 'started', 'created', 'occurrence'],
  ...['whenprepared', 'effective', 'period'],
];

/** Records whose code is one of these. */
export function codedAs(types: readonly string[], codes: readonly NamedCode[]): Rule {
  return parameterRule(
    types,
    (type) => first(type, TYPE_IS_CODE.includes(type) ? ['type'] : CODE_PARAMETERS, 'token'),
    codes.map(({ system, code }) => (system === undefined ? { kind: 'token', code } : { kind: 'token', system, code })),
  );
}

/** Records with one of these codes in `meta.security`. */
export function securedAs(types: readonly string[], codes: readonly NamedCode[]): Rule {
  return parameterRule(
    types,
    (type) => first(type, ['_security'], 'token'),
    codes.map(({ system, code }) => (system === undefined ? { kind: 'token', code } : { kind: 'token', system, code })),
  );
}

/** Records that one of these wrote (`Practitioner/1`). */
export function authoredBy(types: readonly string[], authors: readonly string[]): Rule {
  return parameterRule(types, (type) => parametersNamed(type, AUTHORS[type] ?? [], 'reference'), references(authors));
}

/** Records that point to one of these by any reference that can be searched. */
export function pointingTo(types: readonly string[], targets: readonly string[]): Rule {
  return parameterRule(
    types,
    (type) => searchParametersOf(type).filter((parameter) => parameter.type === 'reference'),
    references(targets),
  );
}

/** These records themselves. */
export function instancesOf(types: readonly string[], instances: readonly string[]): Rule {
  const byType = Map.groupBy(instances, (reference) => reference.slice(0, reference.indexOf('/')));
  const rules = [...byType].map(([type, references]): Rule => {
    const ids = references.map((reference) => reference.slice(type.length + 1));
    return { kind: 'filter', types: [type], filter: { kind: 'id', ids, negated: false } };
  });
  return anyOf(...rules.filter((rule) => rule.kind === 'filter' && types.includes(rule.types[0] as string)));
}

/** The instant range [from, until), epoch milliseconds; open ends are ±Infinity. */
export interface Span {
  from: number;
  until: number;
}

/**
 * Records whose date lies within the span, whole (`within`), or not certainly outside of it (`touching`): what has no
 * date, or is of a type without one, may be from that time.
 */
export function datedIn(types: readonly string[], span: Span, reading: 'within' | 'touching'): Rule {
  const dated = (prefix: 'eb' | 'sa', at: number): Rule =>
    parameterRule(types, (type) => first(type, DATE_PARAMETERS, 'date'), [{ kind: 'date', prefix, low: at, high: at }]);
  const starts = Number.isFinite(span.from);
  const ends = Number.isFinite(span.until);
  if (!starts && !ends) return typesOf(types);
  if (reading === 'within') {
    return allOf(...(starts ? [dated('sa', span.from)] : []), ...(ends ? [dated('eb', span.until)] : []));
  }
  return notOf(anyOf(...(starts ? [dated('eb', span.from)] : []), ...(ends ? [dated('sa', span.until)] : [])));
}

function references(texts: readonly string[]): FilterValue[] {
  return texts.map((text) => {
    const slash = text.indexOf('/');
    return { kind: 'reference', types: [text.slice(0, slash)], id: text.slice(slash + 1) };
  });
}

function first(type: string, names: readonly string[], kind: SearchParameter['type']): SearchParameter[] {
  return parametersNamed(type, names, kind).slice(0, 1);
}

function parametersNamed(type: string, names: readonly string[], kind: SearchParameter['type']): SearchParameter[] {
  return names.flatMap((name) => {
    const parameter = searchParameter(type, name);
    return parameter?.type === kind ? [parameter] : [];
  });
}

/** One filter for each parameter that types share: types that keep it under the same key go together. */
function parameterRule(
  types: readonly string[],
  parametersFor: (type: string) => readonly SearchParameter[],
  values: readonly FilterValue[],
): Rule {
  const shared = new Map<string, { parameter: SearchParameter; types: string[] }>();
  for (const type of types) {
    for (const parameter of parametersFor(type)) {
      const key = `${parameter.index} ${parameter.target}`;
      const entry = shared.get(key) ?? { parameter, types: [] };
      if (!entry.types.includes(type)) entry.types.push(type);
      shared.set(key, entry);
    }
  }
  const filters = [...shared.values()].map(({ parameter, types }): Rule => {
    const filter: Filter = { kind: 'value', parameter, negated: false, values };
    return { kind: 'filter', types, filter };
  });
  return values.length === 0 ? { kind: 'never' } : anyOf(...filters);
}
