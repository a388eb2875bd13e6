import type { Resource } from './resource.ts';
import type { SearchParameter } from './search/parameter.ts';
import { searchParameter, typeTable } from './search/parameters.ts';
import { type Step, searchTable } from './search/table.ts';

/** Types that own a compartment (FHIR R4, CompartmentDefinition). */
export type CompartmentOwner = 'Patient' | 'Encounter' | 'RelatedPerson' | 'Practitioner' | 'Device';

/** Whether the type owns a compartment, so that `/Type/id/OtherType` is a search. */
export function isCompartmentOwner(type: string): type is CompartmentOwner {
  return Object.hasOwn(searchTable.compartments, type);
}

/**
 * The reference parameters that place a resource of `type` in a compartment of `owner` (R4 CompartmentDefinition);
 * empty where the type is never in one.
 */
export function compartmentParameters(owner: string, type: string): readonly SearchParameter[] {
  const members = isCompartmentOwner(owner) ? searchTable.compartments[owner] : undefined;
  const names = members && Object.hasOwn(members, type) ? members[type] : undefined;
  return (names ?? []).flatMap((name) => searchParameter(type, name) ?? []);
}

/** Whether resources of the type can belong to a patient's record: Patient, its compartment's types, Binary and Task. */
export function inPatientCompartment(type: string): boolean {
  return type === 'Patient' || Object.hasOwn(BESIDE, type) || typeTable(type)?.patient !== undefined;
}

/**
 * Whether one reference of cardinality ≤ 1 decides whose record a resource of the type is in (`Observation.subject`,
 * `Coverage.beneficiary`). Then every resource that `type?patient=X` or `type?subject=X` finds has `patientIdOf` X, and
 * the search may be answered from X's rows alone. `parameter` asks for one parameter; without it, for the type's
 * deciding one. Others (`performer`) may point to patients in whose record the resource is not kept.
 */
export function isSinglePatient(type: string, parameter?: SearchParameter): boolean {
  const decidedBy = typeTable(type)?.patient?.decidedBy ?? [];
  if (decidedBy.length === 0) return false;
  if (parameter === undefined) return true;
  return parameter.index.length > 0 && parameter.index.every((key) => decidedBy.includes(key));
}

/**
 * The id of the Patient whose record this resource is in: its own for a Patient, else that of the first reference to a
 * Patient among the elements of the Patient compartment, `subject` and `patient` before the others. Undefined where none
 * points to a Patient of this server. A Group has none: it is about a cohort, not in the record of its first member.
 *
 * A Binary is in the record of the Patient that its securityContext names: it is to be protected as if it were that
 * resource (FHIR R4, Binary.securityContext). A Task is in the record of the Patient that it is `for`: R4's compartment
 * leaves it out, but it is about that patient's care, and is seen and erased with it.
 *
 * References are `Patient/id`, with `/_history/…` or not, or the same below `baseUrl`.
 */
export function patientIdOf(resource: Resource, baseUrl?: string): string | undefined {
  if (resource.resourceType === 'Patient') return resource.id;
  const { resourceType: type } = resource;
  const paths = Object.hasOwn(BESIDE, type) ? BESIDE[type] : typeTable(type)?.patient?.paths;
  for (const path of paths ?? []) {
    const id = patientAt(resource, path, 0, baseUrl);
    if (id !== undefined) return id;
  }
  return undefined;
}

function patientAt(
  node: unknown,
  path: readonly Step[],
  depth: number,
  baseUrl: string | undefined,
): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  if (Array.isArray(node)) {
    for (const item of node) {
      const id = patientAt(item, path, depth, baseUrl);
      if (id !== undefined) return id;
    }
    return undefined;
  }
  const step = path[depth];
  if (step === undefined) return patientIn((node as { reference?: unknown }).reference, baseUrl);
  return patientAt((node as Record<string, unknown>)[step], path, depth + 1, baseUrl);
}

/** Types that belong to a patient beside those of the compartment, by which element. */
const BESIDE: Readonly<Record<string, readonly (readonly Step[])[]>> = {
  Binary: [['securityContext']],
  Task: [['for']],
};
const PATIENT = 'Patient/';
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

function patientIn(reference: unknown, baseUrl: string | undefined): string | undefined {
  if (typeof reference !== 'string') return undefined;
  let start = 0;
  if (!reference.startsWith(PATIENT)) {
    if (baseUrl === undefined || !reference.startsWith(baseUrl)) return undefined;
    start = baseUrl.endsWith('/') ? baseUrl.length : baseUrl.length + 1;
    if (reference[start - 1] !== '/') return undefined;
    if (!reference.startsWith(PATIENT, start)) return undefined;
  }
  const end = reference.indexOf('/_history/', start);
  const id = reference.slice(start + PATIENT.length, end < 0 ? undefined : end);
  return ID.test(id) ? id : undefined;
}
