/** A stretch of the original text: UTF-16 offsets, `start` within and `end` past the last unit, as `String.slice` takes them. */
export interface Span {
  start: number;
  end: number;
}

/** Whether two stretches share a character. */
export function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** A text that is too long to be read at once; the message says what to do. */
export class TextTooLongError extends RangeError {
  override name = 'TextTooLongError';
}
