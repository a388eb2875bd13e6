import { type DateRange, dateRange } from '../date-range.ts';
import { type Converter, type ConverterOptions, list, members } from './converter.ts';

/** Dates, instants, periods and timings as ranges (R4, Search, "date"). */
export function dateConverter(elementType: string, { key }: ConverterOptions): Converter {
  const read = elementType === 'Period' ? periodRange : elementType === 'Timing' ? timingRange : textRange;
  return (element, out) => {
    const range = read(element);
    if (range) out.push({ kind: 'date', key, low: range.low, high: range.high });
  };
}

function textRange(value: unknown): DateRange | undefined {
  return typeof value === 'string' ? dateRange(value) : undefined;
}

/** An end that is not given is open (R4, Search, "date"). */
function periodRange(element: unknown): DateRange | undefined {
  const period = members(element);
  const start = textRange(period?.start);
  const end = textRange(period?.end);
  if (!start && !end) return undefined;
  return { low: start?.low ?? -Infinity, high: end?.high ?? Infinity };
}

/** Only the outer limits of a Timing matter (R4, Search, "date"): its events and `repeat.boundsPeriod`. */
function timingRange(element: unknown): DateRange | undefined {
  const timing = members(element);
  const events = list(timing?.event).flatMap((event) => textRange(event) ?? []);
  const bounds = periodRange(members(timing?.repeat)?.boundsPeriod);
  const ranges = bounds ? [...events, bounds] : events;
  if (ranges.length === 0) return undefined;
  return {
    low: Math.min(...ranges.map((range) => range.low)),
    high: Math.max(...ranges.map((range) => range.high)),
  };
}
