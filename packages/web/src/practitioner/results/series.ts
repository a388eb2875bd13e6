import type { FhirResource, Observation } from 'fhir/r4';
import { type Flag, flagOf } from '../../records/summary.ts';
import { codeOf, conceptText } from '../../records/words.ts';

/** All results of one code in one unit, newest first. */
export interface ResultSeries {
  key: string;
  newest: Observation;
  previous: Observation | undefined;
  all: readonly Observation[];
  /** Oldest first, for the sparkline. */
  values: readonly number[];
  flag: Flag | undefined;
}

const MOST_VALUES = 24;
const INVALID: readonly string[] = ['entered-in-error', 'cancelled'];

/** The measured results of a record: what is critical first, then what is out of range, then the newest. */
export function seriesOf(entries: readonly FhirResource[]): ResultSeries[] {
  const results = entries
    .filter((one): one is Observation => one.resourceType === 'Observation' && isMeasured(one))
    .sort((a, b) => timeOf(b) - timeOf(a));
  const byCode = Map.groupBy(results, (one) => `${codeOf(one.code) ?? conceptText(one.code, 'en')} ${unitOf(one)}`);
  return [...byCode]
    .flatMap(([key, all]): ResultSeries[] => {
      const [newest, previous] = all;
      if (!newest) return [];
      const values = all.slice(0, MOST_VALUES).map(({ valueQuantity }) => valueQuantity?.value ?? 0);
      return [{ key, newest, previous, all, values: values.reverse(), flag: flagOf(newest) }];
    })
    .sort((a, b) => rank(a.flag) - rank(b.flag) || timeOf(b.newest) - timeOf(a.newest));
}

function isMeasured({ valueQuantity, status }: Observation): boolean {
  return valueQuantity?.value !== undefined && !INVALID.includes(status);
}

function timeOf({ effectiveDateTime, effectivePeriod, issued }: Observation): number {
  const at = Date.parse(effectiveDateTime ?? effectivePeriod?.start ?? issued ?? '');
  return Number.isNaN(at) ? 0 : at;
}

function unitOf({ valueQuantity }: Observation): string {
  return valueQuantity?.code ?? valueQuantity?.unit ?? '';
}

function rank(flag: Flag | undefined): number {
  return flag === 'critical' ? 0 : flag === undefined ? 2 : 1;
}
