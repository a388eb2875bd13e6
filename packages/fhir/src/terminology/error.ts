/** Why a terminology question cannot be answered. */
export type TerminologyProblem = 'not-found' | 'not-loaded' | 'too-costly' | 'invalid' | 'not-supported';

/** A terminology question that has no answer here; the message says what to do about it. */
export class TerminologyError extends Error {
  readonly problem: TerminologyProblem;

  constructor(problem: TerminologyProblem, sentence: string) {
    super(sentence);
    this.name = 'TerminologyError';
    this.problem = problem;
  }
}
