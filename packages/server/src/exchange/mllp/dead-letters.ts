/** A message whose content is wrong: kept until a person has looked at it. */
export interface DeadLetter {
  id: string;
  receivedAt: Date;
  /** MSH-3 and MSH-4, such as `LAB, Hospital`. */
  sender: string;
  /** Such as `ORU^R01`; empty where it could not be read. */
  kind: string;
  /** MSH-10. */
  controlId: string;
  /** What is wrong and what to do; no record text. */
  reason: string;
  /** As it came. */
  message: Uint8Array;
}

/**
 * Where dead letters are kept. They hold record text: an implementation seals them and records who looks.
 * Oldest first; `limit` bounds a page.
 */
export interface DeadLetters {
  add(letter: DeadLetter): Promise<void>;
  list(limit: number, after?: string): Promise<DeadLetter[]>;
  get(id: string): Promise<DeadLetter | undefined>;
  remove(id: string): Promise<void>;
}
