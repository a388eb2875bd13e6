import type { Ledger } from '@meridian/records';

/** How far the caller wants an event to have come before it is answered. */
export type WaitedState = 'logged' | 'witnessed' | 'anchored';

const STATES: readonly WaitedState[] = ['logged', 'witnessed', 'anchored'];

/** Longest wait for each state, in milliseconds: a batch, a round of witnesses, an anchor. */
const PATIENCE: Readonly<Record<WaitedState, number>> = { logged: 5000, witnessed: 15_000, anchored: 60_000 };

/** The state that a `Prefer` header asks to wait for: `wait=logged`, `wait=witnessed` or `wait=anchored`. */
export function waitedState(prefer: string | undefined): WaitedState | undefined {
  if (prefer === undefined) return undefined;
  const [, asked] = /(?:^|[,;])\s*wait\s*=\s*"?([a-z]+)"?\s*(?:[,;]|$)/.exec(prefer) ?? [];
  return STATES.find((state) => state === asked);
}

/** The relation between a write and the receipt of its event. */
const RECEIPT = 'urn:meridian:receipt';

/** The header that leads from the answer of a write to the receipt of its event (RFC 8288, an extension relation). */
export function receiptLink(event: string): Readonly<Record<string, string>> {
  return { link: `<${receiptPath(event)}>; rel="${RECEIPT}"` };
}

/** The same as an extension of `Bundle.entry.response`: an entry of a batch or transaction has no headers of its own. */
export function receiptExtension(event: string): { url: string; valueUrl: string } {
  return { url: RECEIPT, valueUrl: receiptPath(event) };
}

function receiptPath(event: string): string {
  return `/ledger/receipt/event/${event}`;
}

/**
 * Waits as long as the state is worth, and says in `Preference-Applied` (RFC 7240 §3) whether the event came so far; its
 * absence says that it did not yet.
 */
export async function waitForEvent(
  ledger: Pick<Ledger, 'waitFor'>,
  event: string,
  state: WaitedState,
): Promise<Readonly<Record<string, string>>> {
  const reached = await ledger.waitFor(event, state, PATIENCE[state]);
  return reached ? { 'preference-applied': `wait=${state}` } : {};
}
