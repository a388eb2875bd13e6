import type { Coding } from '../tcm/profile/code-systems.ts';
import type { Span } from './span.ts';

/** What a note of Chinese medicine says. */
export type ChineseMedicineKind =
  | 'tongue-colour'
  | 'tongue-shape'
  | 'coating-colour'
  | 'coating-quality'
  | 'pulse'
  | 'pattern'
  | 'principle'
  | 'formula'
  | 'herb'
  | 'point';

/** A sign, pattern, principle, formula, herb or point in a note, with its code in the tables of `src/tcm`. */
export interface ChineseMedicineFact extends Span {
  kind: ChineseMedicineKind;
  coding: Coding;
  /** The note says that it is not there (無齒痕). */
  negated: boolean;
  /** Of a pulse: a code of `PULSE_POSITIONS`, where the note names one. */
  position?: string;
}
