import { isResourceType } from '@meridian/fhir';

/** Sensitivities that must be asked for by name (HL7 v3 ActCode, information sensitivity policy). */
export const SENSITIVITIES = ['ETH', 'PSY', 'HIV', 'STD', 'GDIS', 'VIO'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** What somebody asks to see of one patient's record, or was allowed to. */
export interface RequestedScope {
  /** FHIR resource types; empty: every clinical type. */
  types: readonly string[];
  /** Only what happened within these days, inclusive, as FHIR dates (`2024-01-31`). */
  period?: { start?: string; end?: string };
  /** What is sensitive and still included. */
  sensitivities: readonly Sensitivity[];
  /** Only these, as `Type/id`; empty: whatever the rest of the scope admits. */
  records: readonly string[];
}

/** A scope from outside that is not one; the message says what to change. */
export class ScopeError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'ScopeError';
  }
}

const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const RECORD = /^([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9\-.]{1,64}$/;
const MOST_TYPES = 60;
const MOST_RECORDS = 100;

/** Reads a scope from JSON. Unknown members are refused: a restriction that is not understood must not be dropped. */
export function readScope(value: unknown): RequestedScope {
  if (value === undefined) return { types: [], sensitivities: [], records: [] };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ScopeError('The scope must be an object with types, period, sensitivities and records.');
  }
  const { types = [], period, sensitivities = [], records = [], ...rest } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new ScopeError('The scope may have types, period, sensitivities and records only.');
  return {
    types: listOf(types, MOST_TYPES, (item) => isResourceType(item), 'types must be a list of FHIR resource types.'),
    sensitivities: listOf(
      sensitivities,
      SENSITIVITIES.length,
      (item) => (SENSITIVITIES as readonly string[]).includes(item),
      `sensitivities must be among ${SENSITIVITIES.join(', ')}.`,
    ) as Sensitivity[],
    records: listOf(
      records,
      MOST_RECORDS,
      (item) => isResourceType(RECORD.exec(item)?.[1] ?? ''),
      `records must be at most ${MOST_RECORDS} references such as Observation/123.`,
    ),
    ...(period !== undefined && { period: readPeriod(period) }),
  };
}

function listOf(value: unknown, most: number, admits: (item: string) => boolean, sentence: string): string[] {
  const good =
    Array.isArray(value) && value.length <= most && value.every((item) => typeof item === 'string' && admits(item));
  if (!good) throw new ScopeError(`In the scope, ${sentence}`);
  return [...new Set(value as string[])].sort();
}

function readPeriod(value: unknown): { start?: string; end?: string } {
  const sentence = 'In the scope, period must have start and end as days such as 2024-01-31, start not after end.';
  if (typeof value !== 'object' || value === null) throw new ScopeError(sentence);
  const { start, end, ...rest } = value as Record<string, unknown>;
  const isDay = (day: unknown): boolean => day === undefined || (typeof day === 'string' && DAY.test(day));
  if (Object.keys(rest).length > 0 || !isDay(start) || !isDay(end)) throw new ScopeError(sentence);
  if (start !== undefined && end !== undefined && (start as string) > (end as string)) throw new ScopeError(sentence);
  return { ...(start !== undefined && { start: start as string }), ...(end !== undefined && { end: end as string }) };
}

/** Whether everything that `narrow` admits is admitted by `wide` as well. */
export function isWithin(narrow: RequestedScope, wide: RequestedScope): boolean {
  return (
    subset(narrow.types, wide.types) &&
    subset(narrow.records, wide.records) &&
    narrow.sensitivities.every((item) => wide.sensitivities.includes(item)) &&
    from(narrow) >= from(wide) &&
    until(narrow) <= until(wide)
  );
}

/** An empty list stands for all. */
function subset(narrow: readonly string[], wide: readonly string[]): boolean {
  if (wide.length === 0) return true;
  return narrow.length > 0 && narrow.every((item) => wide.includes(item));
}

const from = (scope: RequestedScope): string => scope.period?.start ?? '0000-00-00';
const until = (scope: RequestedScope): string => scope.period?.end ?? '9999-99-99';
