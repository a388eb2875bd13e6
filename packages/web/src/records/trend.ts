import type { Observation, Quantity } from 'fhir/r4';
import type { Search } from '../api/fhir.ts';
import type { TrendPoint } from '../design/trend-chart.tsx';
import { plain } from './words.ts';

/** A series with the range that is usual, as far as the newest result says. */
export interface Trend {
  points: TrendPoint[];
  unit: string;
  low: number | undefined;
  high: number | undefined;
}

/** More than these would be dots upon dots. */
const MOST_POINTS = 500;

/** How to find the other results of the same code of the same patient; undefined where it cannot be drawn. */
export function trendSearch({ code, subject, valueQuantity }: Observation): Search | undefined {
  const coding = code.coding?.find((one) => one.code !== undefined);
  if (valueQuantity?.value === undefined || coding?.code === undefined || subject?.reference === undefined)
    return undefined;
  const token = coding.system === undefined ? coding.code : `${coding.system}|${coding.code}`;
  return { patient: subject.reference, code: token, _sort: '-date', _count: MOST_POINTS };
}

/** The values in the unit of `observation`, oldest first; values in other units are left out rather than mixed. */
export function trendOf(observations: readonly Observation[], { valueQuantity, referenceRange }: Observation): Trend {
  const unit = unitOf(valueQuantity);
  const points = observations.flatMap(({ valueQuantity: quantity, effectiveDateTime, status }): TrendPoint[] => {
    const at = Date.parse(effectiveDateTime ?? '');
    if (quantity?.value === undefined || Number.isNaN(at) || unitOf(quantity) !== unit) return [];
    return status === 'entered-in-error' || status === 'cancelled' ? [] : [{ at, value: quantity.value }];
  });
  const once = new Map(points.map((point) => [point.at, point]));
  return {
    points: [...once.values()].sort((a, b) => a.at - b.at),
    unit: plain(valueQuantity?.unit ?? valueQuantity?.code),
    low: referenceRange?.[0]?.low?.value,
    high: referenceRange?.[0]?.high?.value,
  };
}

function unitOf(quantity: Quantity | undefined): string {
  return quantity?.code ?? quantity?.unit ?? '';
}
