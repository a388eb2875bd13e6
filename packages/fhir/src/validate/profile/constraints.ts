import { createRequire } from 'node:module';
import { definitions } from '../../definitions.ts';
import type { ElementConstraint } from '../../definitions-resources.ts';
import type { Json, Walk } from '../walk.ts';

/** Runs an expression on a node with `%resource` and `%rootResource`; the answer is a FHIRPath collection. */
type Evaluate = (node: unknown, environment: Record<string, unknown>) => unknown;

/** A constraint of a profile, ready to run. */
export interface CompiledConstraint {
  key: string;
  severity: 'error' | 'warning';
  sentence: string;
  /** Undefined when the expression cannot be compiled. */
  evaluate: Evaluate | undefined;
}

const require = createRequire(import.meta.url);

/**
 * Compiles a FHIRPath expression for nodes at `base` (a path such as `Observation.component`). `trace()` is silent, since
 * it would print record text, and functions that would ask a server (`resolve()`, `memberOf()`) fail.
 */
export function compileFhirPath(base: string, expression: string): Evaluate {
  // Loaded when first needed: parsing and model data take some 100 ms.
  const fhirpath = require('fhirpath') as typeof import('fhirpath');
  const model = require('fhirpath/fhir-context/r4') as import('fhirpath').Model;
  const path = base.includes('.') ? { base, expression } : expression;
  return fhirpath.compile(path, model, { traceFn: () => {} }) as Evaluate;
}

/** The constraints that a profile adds; those of the base types are checked with the base rules. */
export function addedConstraints(path: string, constraints: readonly ElementConstraint[]): CompiledConstraint[] {
  const known = definitions().constraints;
  return constraints
    .filter(({ key, expression }) => {
      if (expression === undefined || key === 'ele-1' || key === 'ext-1' || Object.hasOwn(known, key)) return false;
      return !Object.entries(known).some(
        ([name, each]) => name.startsWith(`${key}@`) && each.expression === expression,
      );
    })
    .map(({ key, severity, human, expression = '' }) => ({
      key,
      severity,
      sentence: `${human.replace(/\.?\s*$/, '.')} (${key})`,
      evaluate: tryCompile(path, expression),
    }));
}

function tryCompile(path: string, expression: string): Evaluate | undefined {
  try {
    return compileFhirPath(path, expression);
  } catch {
    return undefined;
  }
}

/** Runs a constraint on a node of the right form. No answer (FHIRPath's empty) does not count as broken. */
export function checkConstraint(constraint: CompiledConstraint, node: unknown, walk: Walk): void {
  if (constraint.severity === 'warning' && !walk.bestPractice) return;
  const verdict = verdictOf(constraint, node, walk.resource, walk.container);
  if (verdict === 'failed') {
    walk.warning('not-supported', `The rule ${constraint.key} of a profile could not be evaluated here.`);
  } else if (verdict === false) {
    if (constraint.severity === 'error') walk.error('invariant', constraint.sentence);
    else walk.warning('invariant', constraint.sentence);
  }
}

function verdictOf(
  { evaluate }: CompiledConstraint,
  node: unknown,
  resource: Json,
  rootResource: Json,
): boolean | 'failed' {
  if (!evaluate) return 'failed';
  try {
    const answer = evaluate(node, { resource, rootResource });
    return !(Array.isArray(answer) && answer[0] === false);
  } catch {
    // The library's message may quote the record: it goes no further than here.
    return 'failed';
  }
}
