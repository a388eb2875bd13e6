import { PolicyEvaluator, parseNote, parsePolicy, type TreeHead, verifyConsistency } from '@meridian/ledger';

/** A checkpoint as this browser has read and judged it. */
export interface SeenHead extends TreeHead {
  origin: string;
  /** Signed by a log of the policy, and no signature that does not hold. */
  signed: boolean;
  /** Names of the witnesses whose signatures hold, and how many the policy names. */
  witnesses: readonly string[];
  known: number;
  /** The note as it came, to be kept. */
  note: string;
}

/** Reads a checkpoint and checks its signatures here. Throws LedgerError for what is no checkpoint or no policy. */
export function readHead(note: string, policy: string): SeenHead {
  const parsed = parsePolicy(policy);
  const { checkpoint, logs, witnesses, badSignatures } = new PolicyEvaluator(parsed).evaluate(parseNote(note));
  const { origin, size, root } = checkpoint;
  return {
    origin,
    size,
    root,
    signed: logs.length > 0 && badSignatures.length === 0,
    witnesses: witnesses.map(({ witness }) => witness.name),
    known: parsed.witnesses.length,
    note,
  };
}

/**
 * Whether the newer log begins with all of the older one (RFC 9162, section 2.1.4.2): nothing was changed or taken out.
 *
 * @param proof hashes in base64, as `GET /ledger/consistency` gives them
 */
export function continues(older: TreeHead, newer: TreeHead, proof: readonly string[]): boolean {
  try {
    return verifyConsistency(older, newer, proof.map(fromBase64));
  } catch {
    return false;
  }
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
