import type { IndexPlan, ParameterRow, PatientPlan } from '../../src/search/table.ts';

/**
 * A Group is about a cohort: were it kept in the record of its first member, the erasure of that member would take the
 * whole list along. So it has no patient, though the compartment definition lists it.
 */
const NOT_OF_ONE_PATIENT = new Set(['Group']);

/** Parameters that say whose record it is, before those that say who else took part. */
const TELLING = ['subject', 'patient'];

/**
 * How to find the patient of a resource: the parameters of the Patient compartment, `subject` and `patient` first; a
 * `patient` that the compartment calls otherwise (`Coverage.beneficiary`) counts as one.
 */
export function patientPlan(
  type: string,
  compartment: readonly string[] | undefined,
  parameters: readonly ParameterRow[],
  index: readonly IndexPlan[],
  isMany: (parameter: ParameterRow) => boolean,
): PatientPlan | undefined {
  if (!compartment || NOT_OF_ONE_PATIENT.has(type)) return undefined;
  const keysOf = (name: string): readonly string[] => {
    const row = parameters.find((parameter) => parameter.name === name && parameter.type === 'reference');
    return row ? (row.index ?? [row.name]) : [];
  };
  const inCompartment = new Set(compartment.flatMap(keysOf));
  const telling = TELLING.flatMap(keysOf).filter((key) => inCompartment.has(key));
  const keys = [...new Set([...telling, ...inCompartment])];
  const paths = keys.flatMap((key) => {
    const arms = index.find((plan) => plan.key === key)?.arms ?? [];
    return arms
      .filter((arm) => arm.as === 'Reference')
      .map((arm) => arm.path.filter((step) => !step.startsWith('is ')));
  });
  if (paths.length === 0) return undefined;
  const first = keys[0] as string;
  const row = parameters.find((parameter) => parameter.name === first);
  const decides = row !== undefined && !isMany(row);
  return { paths, decidedBy: decides ? [first] : [] };
}
