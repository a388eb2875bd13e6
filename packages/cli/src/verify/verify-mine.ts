import { findChainFault, type Policy, parseReceipt, type Receipt, verifyReceipt } from '@meridian/ledger';
import { CommandError } from '../command-error.ts';
import type { Client } from '../connection/client.ts';

/** What the chain of one patient shows. */
export interface ChainVerdict {
  events: number;
  /** What does not hold, in sentences. */
  faults: string[];
}

/** Most receipts of one chain; beyond it the check stops with an error rather than fill the memory. */
const MOST = 100_000;

/** Fetches the receipts of all events about a patient, and checks that each holds and that none was left out. */
export async function verifyMine(client: Client, patient: string, policy: Policy): Promise<ChainVerdict> {
  const receipts = await fetchChain(client, patient);
  const faults: string[] = [];
  for (const [at, receipt] of receipts.entries()) {
    const verdict = verifyReceipt(receipt, policy);
    for (const { result, sentence } of verdict.checks) if (result === 'failed') faults.push(`Event ${at}: ${sentence}`);
  }
  const fault = findChainFault(receipts.map(({ proof, opening }) => ({ index: proof.index, opening })));
  if (fault) faults.push(fault.sentence);
  return { events: receipts.length, faults };
}

async function fetchChain(client: Client, patient: string): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (let from: number | undefined = 0; from !== undefined; ) {
    const url = `/ledger/chain/${encodeURIComponent(patient)}?from=${from}`;
    const answer = await client.call({ method: 'GET', url });
    if (answer.status !== 200)
      throw new CommandError(`The server answered ${answer.status} for the events of this patient.`);
    const page = JSON.parse(answer.body) as { receipts: unknown[]; next?: number };
    for (const receipt of page.receipts) receipts.push(parseReceipt(JSON.stringify(receipt)));
    if (receipts.length > MOST) throw new CommandError(`This patient has more than ${MOST} events.`);
    from = page.next;
  }
  return receipts;
}
