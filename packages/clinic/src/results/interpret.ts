import { type Analyte, analyteOf, valueIn } from './analytes.ts';
import { type AnalyticalVariation, type BaselineComparison, compareWithBaseline } from './baseline.ts';
import {
  type CriticalFinding,
  type CriticalLimit,
  criticalFinding,
  type DeltaFinding,
  type DeltaLimit,
  deltaFinding,
} from './limits.ts';
import type { Measurement, PatientFacts } from './measurement.ts';
import { position, type ReferenceRange, referenceRange } from './reference-range.ts';

/** Flags of v3-ObservationInterpretation that this package gives. */
export type Flag = 'N' | 'L' | 'H' | 'LL' | 'HH';

/** What one result means beside ranges, limits and the patient's own past. Nothing of the result is changed. */
export interface Interpretation {
  measurement: Measurement;
  /** Absent for a LOINC code that the tables do not know; ranges of the report still serve. */
  analyte?: Analyte;
  /** The value in the analyte's own unit, for series and charts. */
  value?: number;
  range?: ReferenceRange;
  /** Absent where neither range nor the laboratory's flag decides. */
  flag?: Flag;
  /** Who decided on the flag: limits, or the laboratory where there is no range. */
  flagBasis?: 'range' | 'critical-limit' | 'laboratory';
  /** The laboratory's own flag says otherwise: show both. */
  disagreesWithLaboratory: boolean;
  critical?: CriticalFinding;
  delta?: DeltaFinding;
  baseline?: BaselineComparison;
}

/** What the caller knows beside the report. */
export interface InterpretOptions {
  /** Earlier results of the patient, any analytes, in any order. Results of the report itself may be among them. */
  history?: readonly Measurement[];
  /** The laboratory's own critical limits; they replace the published ones analyte by analyte. */
  criticalLimits?: readonly CriticalLimit[];
  deltaLimits?: readonly DeltaLimit[];
  analyticalVariation?: AnalyticalVariation;
}

/** A report of more results than this is refused; real ones have at most some hundred. */
export const MOST_RESULTS = 5000;

/** The error of input that is not interpreted at all. */
export class InterpretationError extends Error {
  override name = 'InterpretationError';
}

/**
 * Interprets the results of a report, one interpretation for each and in the same order.
 *
 * @throws InterpretationError if there are more than `MOST_RESULTS` results.
 */
export function interpret(
  measurements: readonly Measurement[],
  patient: PatientFacts,
  options: InterpretOptions = {},
): Interpretation[] {
  if (measurements.length > MOST_RESULTS) {
    throw new InterpretationError(`A report may have ${MOST_RESULTS} results; interpret it in parts.`);
  }
  const history = Map.groupBy(options.history ?? [], (one) => analyteOf(one.loinc)?.key);
  return measurements.map((one) => {
    const analyte = analyteOf(one.loinc);
    return interpretOne(one, analyte, patient, (analyte && history.get(analyte.key)) ?? [], options);
  });
}

function interpretOne(
  measurement: Measurement,
  analyte: Analyte | undefined,
  patient: PatientFacts,
  earlier: readonly Measurement[],
  options: InterpretOptions,
): Interpretation {
  const value = analyte && valueIn(measurement, analyte.unit);
  const range = referenceRange(measurement, patient);
  const critical = criticalFinding(measurement, patient, options.criticalLimits);
  const delta = deltaFinding(measurement, earlier, options.deltaLimits);
  const baseline = compareWithBaseline(measurement, earlier, options.analyticalVariation);
  return {
    measurement,
    ...(analyte && { analyte }),
    ...(value !== undefined && { value }),
    ...(range && { range }),
    ...flagOf(measurement, range, critical),
    ...(critical && { critical }),
    ...(delta && { delta }),
    ...(baseline && { baseline }),
  };
}

function flagOf(
  measurement: Measurement,
  range: ReferenceRange | undefined,
  critical: CriticalFinding | undefined,
): Pick<Interpretation, 'flag' | 'flagBasis' | 'disagreesWithLaboratory'> {
  const laboratory = sideOf(measurement.flag);
  const ours = critical?.side ?? (range && position(measurement, range));
  if (ours === undefined) {
    const flag = measurement.flag;
    return isFlag(flag)
      ? { flag, flagBasis: 'laboratory', disagreesWithLaboratory: false }
      : { disagreesWithLaboratory: false };
  }
  const flag = critical ? (ours === 'below' ? 'LL' : 'HH') : ours === 'below' ? 'L' : ours === 'above' ? 'H' : 'N';
  return {
    flag,
    flagBasis: critical ? 'critical-limit' : 'range',
    disagreesWithLaboratory: laboratory !== undefined && laboratory !== ours,
  };
}

function isFlag(code: string | undefined): code is Flag {
  return code !== undefined && ['N', 'L', 'H', 'LL', 'HH'].includes(code);
}

/** The side that a code of v3-ObservationInterpretation stands for. */
function sideOf(code: string | undefined): 'below' | 'within' | 'above' | undefined {
  switch (code) {
    case 'N':
      return 'within';
    case 'L':
    case 'LL':
    case 'LU':
      return 'below';
    case 'H':
    case 'HH':
    case 'HU':
      return 'above';
    default:
      return undefined;
  }
}
