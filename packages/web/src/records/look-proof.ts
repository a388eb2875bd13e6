import { parsePolicy, parseReceipt, verifyReceipt } from '@meridian/ledger';
import type { Http } from '../api/http.ts';
import type { Look } from './looks.ts';
import { eventOf, receiptOf } from './proof.ts';

/** What checking the receipt of one look came to. */
export interface LookProof {
  outcome: 'proved' | 'promised' | 'refused';
  /** Number in the log, from 0, and how many the log held. */
  index: number;
  size: number;
  /** The receipt as it came, to be kept. */
  receipt: string;
}

/**
 * Fetches the receipt of a look and checks it here: that the log holds it, and that it says of who and when what the page
 * says. Undefined where there is none for this reader.
 */
export async function proveLook(http: Http, look: Look, signal: AbortSignal): Promise<LookProof | undefined> {
  const [receipt, policy] = await Promise.all([
    receiptOf(http, `/ledger/receipt/event/${encodeURIComponent(look.id)}`, signal),
    http.text('/ledger/policy', { signal }),
  ]);
  return receipt === undefined ? undefined : checkLook(look, receipt, policy);
}

/** The check itself, without the network. Throws LedgerError for a receipt or policy that cannot be read. */
export function checkLook(look: Look, receipt: string, policy: string): LookProof {
  const parsed = parseReceipt(receipt);
  const verdict = verifyReceipt(parsed, parsePolicy(policy));
  const event = eventOf(parsed);
  const fits = event !== undefined && event.at === Date.parse(look.at) && event.actor === (look.actor ?? look.who);
  return { outcome: fits ? verdict.outcome : 'refused', index: verdict.index, size: verdict.size, receipt };
}
