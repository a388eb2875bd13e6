import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { LedgerError } from './error.ts';
import { noteVerifier, signatureTime } from './note-key.ts';
import { meetsRule, type Policy, type PolicyLog, type PolicyRule, type PolicyWitness } from './policy.ts';
import type { SignedNote } from './signed-note.ts';
import type { VerifierKey } from './vkey.ts';

/** A cosignature that holds. `time` is in POSIX seconds, undefined where the cosigner states none. */
export interface WitnessedBy {
  readonly witness: PolicyWitness;
  readonly time: number | undefined;
}

/** What a policy makes of a checkpoint. */
export interface PolicyVerdict {
  readonly checkpoint: Checkpoint;
  /** The trusted logs that signed it, all of this origin; empty where none did. */
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly WitnessedBy[];
  /** Names and key ids of known keys whose signature is there but does not hold: the note was altered. */
  readonly badSignatures: readonly VerifierKey[];
  readonly quorumMet: boolean;
  /** Signed by a log, quorum met, no bad signature. */
  readonly valid: boolean;
}

/**
 * A policy made ready to judge many checkpoints: its keys are read once.
 *
 * @example
 * ```ts
 * const verdict = new PolicyEvaluator(parsePolicy(file)).evaluate(parseNote(checkpoint));
 * ```
 */
export class PolicyEvaluator {
  readonly policy: Policy;
  readonly #logs: readonly Known<PolicyLog>[];
  readonly #witnesses: readonly Known<PolicyWitness>[];

  constructor(policy: Policy) {
    this.policy = policy;
    this.#logs = policy.logs.map(withVerifier);
    this.#witnesses = policy.witnesses.map(withVerifier);
  }

  /**
   * Judges the note of a checkpoint. Throws `bad-checkpoint` where it is none; never because of a signature. A log
   * counts only for its own origin (tlog-policy "Defining a log").
   */
  evaluate(note: SignedNote): PolicyVerdict {
    const checkpoint = parseCheckpoint(note.text);
    const badSignatures: VerifierKey[] = [];
    const signed = <T extends { readonly key: VerifierKey }>(known: readonly Known<T>[]): [T, Uint8Array][] => {
      const held: [T, Uint8Array][] = [];
      for (const { party, verifier } of known) {
        const line = note.signatures.find(({ name, keyId }) => name === party.key.name && keyId === party.key.keyId);
        if (line === undefined) continue;
        if (verifier.verify(note.text, line.signature)) held.push([party, line.signature]);
        else badSignatures.push(party.key);
      }
      return held;
    };
    const logs = signed(this.#logs.filter(({ party }) => party.key.name === checkpoint.origin)).map(([log]) => log);
    const witnesses = signed(this.#witnesses).map(([witness, signature]) => ({
      witness,
      // Zero says that the cosigner makes no statement about time (tlog-cosignature).
      time: signatureTime(witness.key, signature) || undefined,
    }));
    const quorumMet = meetsRule(this.policy.quorum, new Set(witnesses.map(({ witness }) => witness)));
    const valid = logs.length > 0 && quorumMet && badSignatures.length === 0;
    return { checkpoint, logs, witnesses, badSignatures, quorumMet, valid };
  }
}

/** Throws unless the policy accepts the note; returns its checkpoint. `bad-signature` or `unverified-note`. */
export function requireValid(evaluator: PolicyEvaluator, note: SignedNote): Checkpoint {
  const verdict = evaluator.evaluate(note);
  if (verdict.valid) return verdict.checkpoint;
  if (verdict.badSignatures[0] !== undefined) {
    throw new LedgerError('bad-signature', `The signature of ${verdict.badSignatures[0].name} does not hold.`);
  }
  const lacking = verdict.logs.length === 0 ? 'a log you trust' : `the quorum ${quorumName(evaluator.policy.quorum)}`;
  throw new LedgerError('unverified-note', `The checkpoint lacks the signature of ${lacking}.`);
}

interface Known<T> {
  readonly party: T;
  readonly verifier: ReturnType<typeof noteVerifier>;
}

function withVerifier<T extends { readonly key: VerifierKey }>(party: T): Known<T> {
  return { party, verifier: noteVerifier(party.key) };
}

function quorumName(rule: PolicyRule | undefined): string {
  return rule?.name ?? 'none';
}
