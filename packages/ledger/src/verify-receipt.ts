import { equal } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { LedgerError } from './error.ts';
import { PolicyEvaluator, type PolicyVerdict } from './evaluate-policy.ts';
import { openedLeafHash } from './leaf.ts';
import type { Policy } from './policy.ts';
import type { Anchor, Receipt, ReceiptState } from './receipt.ts';
import { type TreeHead, verifyConsistency, verifyInclusion } from './verify-proof.ts';

/** What a check is about. Fixed names, for translations. */
export type ReceiptCheckName = 'opening' | 'inclusion' | 'log-signature' | 'witnesses' | 'anchor';

/** One step of the verdict. `sentence` is for people who read English; `name` and `result` are for translations. */
export interface ReceiptCheck {
  readonly name: ReceiptCheckName;
  /** `open`: neither shown nor refuted, as a quorum not reached yet or an anchor nobody asked the chain about. */
  readonly result: 'passed' | 'failed' | 'open';
  readonly sentence: string;
}

/** What a receipt shows. */
export interface ReceiptVerdict {
  /**
   * `proved`: the event is in the log, and the policy vouches for the log. `promised`: the log signed for it, but fewer
   * witnesses than the policy asks have; it could still show others another history. `refused`: something does not
   * hold, and the receipt shows nothing.
   */
  readonly outcome: 'proved' | 'promised' | 'refused';
  /** How far the event has come, as far as it was shown; undefined where the outcome is `refused`. */
  readonly state: ReceiptState | undefined;
  readonly checks: readonly ReceiptCheck[];
  readonly origin: string;
  readonly index: number;
  readonly size: number;
  /** Leaf hash of the event; undefined where the opening is none. */
  readonly leafHash: Uint8Array | undefined;
  /** Names of the witnesses whose cosignatures hold, as the policy calls them. */
  readonly witnesses: readonly string[];
  /** Latest time by which a witness had seen the event in the log, POSIX seconds. */
  readonly witnessedAt: number | undefined;
  /** The anchors that contain the event if the chain has them, whether or not it was asked. */
  readonly anchors: readonly Anchor[];
}

export interface VerifyReceiptOptions {
  /**
   * Whether the chain holds this anchor, where the caller has asked it: contract, size and root, in that transaction.
   * Undefined means not known. An anchor counts only where this says true.
   */
  readonly anchorOnChain?: (anchor: Anchor) => boolean | undefined;
}

/**
 * Checks a receipt with nothing but the policy: no network, no server. Does not throw for a receipt that
 * `parseReceipt` has read; every reason is in `checks`.
 */
export function verifyReceipt(receipt: Receipt, policy: Policy, options: VerifyReceiptOptions = {}): ReceiptVerdict {
  const { index, note, hashes } = receipt.proof;
  const checkpoint = parseCheckpoint(note.text);
  const leafHash = leafHashOf(receipt);
  const verdict = new PolicyEvaluator(policy).evaluate(note);
  const included = leafHash !== undefined && verifyInclusion(index, leafHash, checkpoint, hashes);
  const anchors = receipt.anchors.map((anchor) => checkAnchor(anchor, index, checkpoint, options));
  const checks = [
    openingCheck(leafHash),
    inclusionCheck(included, index, checkpoint.size),
    logCheck(verdict),
    witnessCheck(verdict),
    ...anchors.map(({ check }) => check),
  ];
  const refused = checks.some(({ result }) => result === 'failed');
  const anchored = anchors.some(({ check }) => check.result === 'passed');
  return {
    outcome: refused ? 'refused' : verdict.valid ? 'proved' : 'promised',
    state: refused ? undefined : anchored ? 'anchored' : isWitnessed(verdict) ? 'witnessed' : 'logged',
    checks,
    origin: checkpoint.origin,
    index,
    size: checkpoint.size,
    leafHash,
    witnesses: verdict.witnesses.map(({ witness }) => witness.name),
    witnessedAt: latest(verdict.witnesses.map(({ time }) => time)),
    anchors: anchors.filter(({ check }) => check.result !== 'failed').map(({ anchor }) => anchor),
  };
}

/** With `quorum none` any one witness makes the event witnessed; otherwise the quorum does. */
function isWitnessed({ witnesses, quorumMet }: PolicyVerdict): boolean {
  return quorumMet && witnesses.length > 0;
}

function leafHashOf(receipt: Receipt): Uint8Array | undefined {
  try {
    return openedLeafHash(receipt.opening);
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

function openingCheck(leafHash: Uint8Array | undefined): ReceiptCheck {
  return leafHash === undefined
    ? { name: 'opening', result: 'failed', sentence: 'The receipt does not hold an event that could have been logged.' }
    : { name: 'opening', result: 'passed', sentence: 'The event and its salt make up a leaf of the log.' };
}

function inclusionCheck(included: boolean, index: number, size: number): ReceiptCheck {
  return included
    ? { name: 'inclusion', result: 'passed', sentence: `The event is number ${index} of the ${size} in the log.` }
    : {
        name: 'inclusion',
        result: 'failed',
        sentence: 'The event is not the one that was logged, or the proof was altered.',
      };
}

function logCheck({ logs, badSignatures, checkpoint }: PolicyVerdict): ReceiptCheck {
  if (badSignatures[0] !== undefined) {
    const sentence = `The signature of ${badSignatures[0].name} does not hold: the receipt was altered.`;
    return { name: 'log-signature', result: 'failed', sentence };
  }
  return logs.length > 0
    ? { name: 'log-signature', result: 'passed', sentence: `The log ${checkpoint.origin} signed for it.` }
    : { name: 'log-signature', result: 'failed', sentence: 'No log that you trust signed for it.' };
}

function witnessCheck({ witnesses, quorumMet }: PolicyVerdict): ReceiptCheck {
  const names = witnesses.map(({ witness }) => witness.name).join(', ');
  if (!quorumMet) {
    const seen = names === '' ? 'No witness has' : `Only ${names} have`;
    return { name: 'witnesses', result: 'open', sentence: `${seen} seen it so far; ask for the receipt again later.` };
  }
  if (names !== '') return { name: 'witnesses', result: 'passed', sentence: `Seen by ${names}, which is enough.` };
  const sentence = 'Your policy asks for no witnesses, and none that it knows has seen it.';
  return { name: 'witnesses', result: 'open', sentence };
}

function checkAnchor(
  anchor: Anchor,
  index: number,
  checkpoint: TreeHead,
  { anchorOnChain }: VerifyReceiptOptions,
): { readonly anchor: Anchor; readonly check: ReceiptCheck } {
  const where = `block ${anchor.blockNumber} of chain ${anchor.chainId}`;
  const found = (result: ReceiptCheck['result'], sentence: string) => ({
    anchor,
    check: { name: 'anchor', result, sentence } satisfies ReceiptCheck,
  });
  if (!continues(anchor, checkpoint)) return found('failed', `The anchor in ${where} is not of this log's history.`);
  if (index >= anchor.size) return found('failed', `The anchor in ${where} is older than the event.`);
  const onChain = anchorOnChain?.(anchor);
  if (onChain === undefined) return found('open', `Said to be anchored in ${where}; ask the chain whether it is.`);
  // Not a refutation: the proof stands without the chain, and a chain started anew has forgotten its anchors.
  return onChain
    ? found('passed', `Anchored in ${where}.`)
    : found('open', `The chain does not hold the anchor said to be in ${where}; ask for the receipt again.`);
}

/** Whether the anchored tree and that of the checkpoint are of one history. */
function continues(anchor: Anchor, checkpoint: TreeHead): boolean {
  if (anchor.size === checkpoint.size) return anchor.consistency.length === 0 && equal(anchor.root, checkpoint.root);
  return anchor.size < checkpoint.size
    ? verifyConsistency(anchor, checkpoint, anchor.consistency)
    : verifyConsistency(checkpoint, anchor, anchor.consistency);
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
