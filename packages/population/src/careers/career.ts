import type { PanelKey } from '../body/panels.ts';
import type { Visit } from '../chart/visit.ts';
import type { Day } from '../day.ts';
import type { Life } from '../life.ts';

/** The half-yearly clinic visit that all chronic illnesses of a person share. */
export interface FollowUp {
  visit: Visit;
  /** A full review: laboratory tests, and standing medicines renewed. Every third follow-up is one. */
  review: boolean;
  /** Asks for panels; the visit orders each once, whoever asks. */
  need(...panels: PanelKey[]): void;
}

/** A career that one person has: a small state machine driven once a quarter. */
export interface Course {
  /**
   * Lives through the days from `from` until before `to`. Everything it writes lies between them, but for the end of a
   * stay or of an illness, which `life.within` keeps inside the record.
   */
  live?(from: Day, to: Day): void;
  /** Whether the person comes to the shared follow-up for it; absent means never. */
  followed?(): boolean;
  /** Takes part in the shared follow-up. */
  attend?(followUp: FollowUp): void;
}

/**
 * Something that happens to people over years: an illness, a programme, a kind of care. One file each, listed in
 * `careers.ts`. A career draws only from `life.dice(name)`, so that adding one leaves the draws and ids of the others
 * as they are; what it changes in the body, others feel.
 */
export interface Career {
  readonly name: string;
  /** Decides whether this life has the career. */
  begin(life: Life): Course | undefined;
}
