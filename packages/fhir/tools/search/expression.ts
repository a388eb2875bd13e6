import type { Elements, Place } from './elements.ts';

/** The arms of a union: `a | (b | c)` has two on the outside. */
export function unionArms(expression: string): string[] {
  return splitOutside(expression, '|').map((arm) => arm.trim());
}

/** Splits at `separator` where it stands outside brackets and quotes. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === separator && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** The steps of a path without union: `(Observation.value as Quantity).code` → Observation, value, ofType(Quantity), code. */
export function pathSteps(expression: string): string[] {
  const text = expression.trim();
  const cast = /^(.*) as (\w+)$/.exec(text);
  if (cast && !text.endsWith(')')) return [...pathSteps(cast[1] as string), `ofType(${cast[2]})`];
  return splitOutside(text, '.').flatMap((step) => {
    const inner = /^\((.*)\)$/.exec(step.trim());
    return inner ? pathSteps(inner[1] as string) : [step.trim()];
  });
}

/** Thrown for what the grammar of R4's own search parameters does not contain. */
export class UnsupportedExpression extends Error {}

/**
 * Follows the steps from the given places through the element definitions. Search parameters use names, `[0]`,
 * `ofType(T)`, `as(T)`, `where(member='value')`, `where(resolve() is T)`; anything else throws.
 */
export function follow(elements: Elements, from: readonly Place[], steps: readonly string[]): Place[] {
  let places = [...from];
  for (const step of steps) places = places.flatMap((place) => takeStep(elements, place, step));
  return places;
}

function takeStep(elements: Elements, place: Place, step: string): Place[] {
  const indexed = /^(\w+)\[0\]$/.exec(step);
  if (indexed) {
    return elements
      .child(place, indexed[1] as string)
      .map((child) => ({ ...child, path: [...child.path, '[0]'], many: place.many }));
  }
  if (/^\w+$/.test(step)) return elements.child(place, step);
  const cast = /^(?:ofType|as)\((\w+)\)$/.exec(step);
  // R4 writes `ofType(DateTime)` once where it means `dateTime` (Observation-code-value-date).
  if (cast) return elements.isA(place.type, cast[1] === 'DateTime' ? 'dateTime' : (cast[1] as string)) ? [place] : [];
  const target = /^where\(resolve\(\) is (\w+)\)$/.exec(step);
  if (target) return [{ ...place, path: [...place.path, `is ${target[1]}`] }];
  const equals = /^where\((\w+)='([^']+)'\)$/.exec(step);
  if (equals) return [{ ...place, path: [...place.path, `${equals[1]}=${equals[2]}`] }];
  throw new UnsupportedExpression(step);
}
