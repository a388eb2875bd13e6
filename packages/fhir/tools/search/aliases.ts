import type { SearchParameterType } from '../../src/search/parameter.ts';
import type { Arm, CompositePlan } from '../../src/search/table.ts';

/** A parameter of one type with what it reads. */
export interface Planned {
  name: string;
  type: SearchParameterType;
  arms: readonly Arm[];
  composites: readonly CompositePlan[];
}

/** Which keys answer a parameter, and the target type where those keys hold references to other types too. */
export interface Answer {
  keys: string[];
  target?: string;
}

/**
 * Finds the parameters that others already index, by what they read:
 * - the same elements → the other's key (the first in the table: `Coverage.patient` from `beneficiary`);
 * - `X.where(resolve() is T)` → what indexes `X`, with target T (`Observation.patient` from `subject`);
 * - a union of what several others read → their keys (`combo-code` from `code` and `component-code`).
 */
export function answers(parameters: readonly Planned[]): Map<string, Answer> {
  const readings = new Map(parameters.map((parameter) => [parameter.name, readingOf(parameter)]));
  const indexed = new Map<string, Reading>();
  const result = new Map<string, Answer>();
  // Fewest elements first, so that unions find their parts; unfiltered first, so that filters find the whole.
  const order = [...parameters].sort((a, b) => weight(readings.get(a.name)) - weight(readings.get(b.name)));
  for (const parameter of order) {
    const reading = readings.get(parameter.name) as Reading;
    const keys = cover(reading, indexed);
    if (keys) {
      result.set(parameter.name, reading.target === undefined ? { keys } : { keys, target: reading.target });
    } else {
      indexed.set(parameter.name, { ...reading, elements: filteredElements(parameter, reading) });
      result.set(parameter.name, { keys: [parameter.name] });
    }
  }
  return result;
}

interface Reading {
  type: SearchParameterType;
  /** What it reads, each as a text that is equal for equal readings; without the filter on the target. */
  elements: ReadonlySet<string>;
  target?: string;
}

function readingOf(parameter: Planned): Reading {
  const targets = new Set(parameter.arms.map((arm) => targetOf(arm)));
  const [target] = targets;
  const shared = targets.size === 1 && target !== undefined;
  const elements = new Set([
    ...parameter.arms.map((arm) => JSON.stringify(shared ? { ...arm, path: arm.path.slice(0, -1) } : arm)),
    ...parameter.composites.map(readingOfComposite),
  ]);
  return shared ? { type: parameter.type, elements, target } : { type: parameter.type, elements };
}

/** Without the names of the components, which differ between `code-value-quantity` and `combo-code-value-quantity`. */
function readingOfComposite(composite: CompositePlan): string {
  return JSON.stringify([composite.base, composite.components.map(({ name: _, ...component }) => component)]);
}

function targetOf(arm: Arm): string | undefined {
  const last = arm.path.at(-1);
  return last?.startsWith('is ') ? last.slice(3) : undefined;
}

/** A filtered parameter that is indexed itself holds less than its elements, so it cannot answer for them. */
function filteredElements(parameter: Planned, reading: Reading): ReadonlySet<string> {
  return reading.target === undefined ? reading.elements : new Set(parameter.arms.map((arm) => JSON.stringify(arm)));
}

function weight(reading: Reading | undefined): number {
  return (reading?.elements.size ?? 0) + (reading?.target === undefined ? 0 : 1000);
}

/** Keys that together hold exactly the elements, or undefined. */
function cover(reading: Reading, indexed: ReadonlyMap<string, Reading>): string[] | undefined {
  const missing = new Set(reading.elements);
  const keys: string[] = [];
  const parts = [...indexed]
    .filter(
      ([, part]) => part.type === reading.type && [...part.elements].every((element) => reading.elements.has(element)),
    )
    .sort(([, a], [, b]) => b.elements.size - a.elements.size);
  for (const [key, part] of parts) {
    if (![...part.elements].some((element) => missing.has(element))) continue;
    for (const element of part.elements) missing.delete(element);
    keys.push(key);
  }
  return missing.size === 0 && keys.length > 0 ? keys : undefined;
}
