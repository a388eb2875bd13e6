/** How the sequencer is, for operators. */
export interface SequencerStatus {
  /**
   * `standby`: another process leads. `waiting`: the database, or too many witnesses, are away. `refused`: signing would
   * fork the log.
   */
  state: 'starting' | 'standby' | 'leading' | 'waiting' | 'refused' | 'stopped';
  /** What is the matter, and what to do; undefined where all is well. */
  sentence: string | undefined;
}

/** Ends a reign: the sentence says why nothing may be signed, or what is waited for. */
export class CannotLead extends Error {
  readonly state: 'refused' | 'waiting';

  constructor(state: 'refused' | 'waiting', message: string) {
    super(message);
    this.state = state;
  }
}

/** Rows of the log were changed. */
export const DAMAGED =
  'The stored log does not fit its own newest checkpoint: rows of it were changed. Nothing is signed until that is settled, events wait in the outbox. Run `meridian verify` to see which, and restore the database.';

/** Nobody can say whether this database is the newest. */
export const TOO_FEW_WITNESSES =
  'Too few witnesses of the ledger answer to be sure that this database is the newest; events wait in the outbox. Check the witnesses of the policy and the network.';
