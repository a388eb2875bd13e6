import { definitions } from '../../definitions.ts';
import type { Json, Walk } from '../walk.ts';
import { nativeInvariants } from './native.ts';

/** One published constraint, ready to run. */
export interface Invariant {
  key: string;
  check(node: unknown, walk: Walk): void;
}

/** Invariants that other parts of the walk check as they go. */
const CHECKED_ELSEWHERE = new Set(['dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2']);

/** The invariants with these keys, those aside that are checked elsewhere. */
export function invariantsOf(keys: readonly string[]): Invariant[] {
  return keys.filter((key) => !CHECKED_ELSEWHERE.has(key)).map(invariant);
}

function invariant(key: string): Invariant {
  const constraint = definitions().constraints[key];
  const rule = nativeInvariants[key];
  if (!constraint || !rule) throw new Error(`No rule for the constraint ${key}.`);
  const sentence = `${constraint.human.replace(/\.?\s*$/, '.')} (${key.replace(/@.*/, '')})`;
  if (constraint.severity === 'error') {
    return {
      key,
      check(node, walk) {
        if (!rule(node as Json, walk)) walk.error('invariant', sentence);
      },
    };
  }
  return {
    key,
    check(node, walk) {
      if (walk.bestPractice && !rule(node as Json, walk)) walk.warning('invariant', sentence);
    },
  };
}
