export type { CompartmentOwner } from './compartment.ts';
export {
  compartmentParameters,
  inPatientCompartment,
  isCompartmentOwner,
  isSinglePatient,
  patientIdOf,
} from './compartment.ts';
export type { JsonElement, TypeRow } from './definitions.ts';
export { elementsOf, isResourceType, mandatoryElements, resourceTypes, summaryElements } from './definitions.ts';
export type { CodeSystem, StructureDefinition, ValueSet } from './definitions-resources.ts';
export type { Issue, IssueCode } from './issue.ts';
export { hasErrors, operationOutcome } from './issue.ts';
export { cloneJson, JsonError, parseJson, stringifyJson } from './json.ts';
export { narrativeProblem } from './narrative.ts';
export { applyFhirPathPatch } from './patch/fhirpath-patch.ts';
export type { JsonPatchOperation } from './patch/json-patch.ts';
export { applyJsonPatch } from './patch/json-patch.ts';
export { PatchError } from './patch/patch-error.ts';
export type { ParsedReference } from './references.ts';
export { forEachReference, mapReferences, parseReference } from './references.ts';
export type { Coding, Meta, Resource } from './resource.ts';
export type { ExtractOptions } from './search/extract.ts';
export { extract } from './search/extract.ts';
export type * from './search/index-value.ts';
export type { MatchOptions } from './search/matches.ts';
export { matches } from './search/matches.ts';
export { normalizeString } from './search/normalize.ts';
export type { SearchParameter, SearchParameterType } from './search/parameter.ts';
export { searchParameter, searchParametersOf } from './search/parameters.ts';
export type { ParseSearchOptions } from './search/parse.ts';
export { parseSearch } from './search/parse.ts';
export type * from './search/query.ts';
export { SearchError } from './search/search-error.ts';
export { TerminologyError, type TerminologyProblem } from './terminology/error.ts';
export type { ExpandedCode, ExpandOptions, Expansion, Lookup, Validation } from './terminology/terminology.ts';
export { Terminology } from './terminology/terminology.ts';
export type { CanonicalQuantity } from './ucum.ts';
export { canonicalQuantity, UCUM } from './ucum.ts';
export { ProfileError, ProfileRegistry } from './validate/profile/registry.ts';
export { validate } from './validate/validate.ts';
export type { ValidateOptions } from './validate/walk.ts';
