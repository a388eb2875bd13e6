import type { Issue, IssueCode } from '../issue.ts';

/** A search that cannot be answered as asked. `issues` name each parameter and what would be right. */
export class SearchError extends Error {
  readonly status = 400;
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues.map((issue) => issue.diagnostics).join(' '));
    this.name = 'SearchError';
    this.issues = issues;
  }
}

/**
 * What is wrong with one parameter. `unknown` ones are errors under `Prefer: handling=strict` only, and warnings
 * otherwise (FHIR R4, Search, "Handling Errors"); invalid ones are always errors.
 */
export class ParameterProblem extends Error {
  readonly kind: 'unknown' | 'invalid';
  readonly code: IssueCode;

  constructor(kind: 'unknown' | 'invalid', code: IssueCode, sentence: string) {
    super(sentence);
    this.name = 'ParameterProblem';
    this.kind = kind;
    this.code = code;
  }
}

export function invalid(sentence: string): ParameterProblem {
  return new ParameterProblem('invalid', 'value', sentence);
}

export function unknown(sentence: string): ParameterProblem {
  return new ParameterProblem('unknown', 'not-supported', sentence);
}

/** A bound that the search meets. */
export function tooCostly(sentence: string): ParameterProblem {
  return new ParameterProblem('invalid', 'too-costly', sentence);
}

/** A caller's parameter name as it may stand in a message: short and without control characters. */
export function shown(name: string): string {
  const clean = name.replace(/[^\x20-\x7e]/g, '?');
  return `"${clean.length > 80 ? `${clean.slice(0, 77)}...` : clean}"`;
}
