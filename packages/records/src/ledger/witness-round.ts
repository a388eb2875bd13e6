import {
  type CosignResult,
  type Fetch,
  noteVerifier,
  type Policy,
  PolicyEvaluator,
  type PolicyWitness,
  parseCheckpoint,
  requestCosignatures,
  type SignedNote,
  type TileReader,
} from '@meridian/ledger';
import { refusalOf } from './known-heads.ts';

export interface WitnessRoundOptions {
  policy: Policy;
  fetch: Fetch;
  /** How long one witness may take, in milliseconds. */
  patience: number;
  /** Size each witness is known to have cosigned, by its URL; brought up to date by each round. */
  sizes: Map<string, number>;
}

/** What came of asking every witness once. */
export interface WitnessRound {
  /** The checkpoint with all cosignatures it has now. */
  note: SignedNote;
  /** Whether these are as many as the policy asks, and at least one. */
  witnessed: boolean;
  /** Whether enough witnesses answered to know that the log is not behind. */
  answered: boolean;
  /** Why nothing may be signed any more; undefined where no witness says so. */
  refusal: string | undefined;
}

/** Asks all witnesses of the policy that have a URL to cosign a checkpoint. Never throws because of a witness. */
export async function askWitnesses(
  note: SignedNote,
  reader: TileReader,
  options: WitnessRoundOptions,
): Promise<WitnessRound> {
  const { policy } = options;
  const { size } = parseCheckpoint(note.text);
  const byUrl = Map.groupBy(
    policy.witnesses.filter(({ url }) => url !== undefined),
    ({ url }) => url as string,
  );
  const answers = await Promise.all(
    [...byUrl].map(async ([url, witnesses]) => ({ url, witnesses, result: await ask(url, witnesses) })),
  );
  async function ask(url: string, witnesses: readonly PolicyWitness[]): Promise<CosignResult | undefined> {
    try {
      return await requestCosignatures({
        fetch: options.fetch,
        url: url.replace(/\/$/, ''),
        verifiers: witnesses.map(({ key }) => noteVerifier(key)),
        note,
        oldSize: Math.min(size, options.sizes.get(url) ?? 0),
        proveConsistency: (oldSize) => reader.proveConsistency(oldSize),
        signal: AbortSignal.timeout(options.patience),
      });
    } catch {
      // away, or outside the protocol: it is asked again in the next round
      return undefined;
    }
  }

  const signatures = [...note.signatures];
  let refusal: string | undefined;
  const answered = new Set<PolicyWitness>();
  for (const { url, witnesses, result } of answers) {
    const name = `the witness ${witnesses[0]?.name}`;
    if (result?.outcome === 'ahead') refusal ??= refusalOf(name, size, result);
    if (result?.outcome === 'contradicted') refusal ??= refusalOf(name, size, { outcome: 'contradicts' });
    if (result?.outcome !== 'cosigned') continue;
    options.sizes.set(url, size);
    for (const witness of witnesses) answered.add(witness);
    for (const signature of result.signatures) {
      const known = signatures.some(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
      if (!known) signatures.push(signature);
    }
  }
  const cosigned = { text: note.text, signatures };
  const verdict = new PolicyEvaluator(policy).evaluate(cosigned);
  return {
    note: cosigned,
    witnessed: verdict.quorumMet && verdict.witnesses.length > 0,
    answered: verdict.quorumMet,
    refusal,
  };
}
