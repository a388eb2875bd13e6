import {
  type Policy,
  parsePolicy,
  parseReceipt,
  type Receipt,
  type ReceiptVerdict,
  sha256,
  verifyReceipt,
} from '@meridian/ledger';
import { decode } from 'cborg';
import { ApiError, type Http } from '../api/http.ts';

/** What one step of a check says; `name` is for translations. */
export interface ProofStep {
  name: 'content' | 'opening' | 'inclusion' | 'log-signature' | 'witnesses' | 'anchor';
  result: 'passed' | 'failed' | 'open';
}

/** What is known of a record's proof once it was checked here. */
export interface Proof {
  outcome: ReceiptVerdict['outcome'];
  state: ReceiptVerdict['state'];
  steps: readonly ProofStep[];
  /** Number of the event in the log, and how many the log held. */
  index: number;
  size: number;
  /** When the event was written, epoch milliseconds; undefined where the event does not say. */
  at: number | undefined;
  /** Milliseconds that the check took. */
  took: number;
  /** The receipt as it came, to be kept. */
  receipt: string;
}

/**
 * Fetches the receipt of one version and checks it here: that the bytes on the screen are those that were logged, that
 * the event is in the log, who signed for the log and who has witnessed it. The server could lie about none of this
 * without being found out; the policy is its own word until the person brings another.
 *
 * @param bytes the version as it is stored
 * @param clock milliseconds, for the time it took
 * @returns undefined where there is no receipt (yet), or not for this reader
 */
export async function proveVersion(
  http: Http,
  { type, id, version, bytes }: { type: string; id: string; version: string; bytes: Uint8Array },
  { signal, clock }: { signal: AbortSignal; clock: () => number },
): Promise<Proof | undefined> {
  const [receipt, policy] = await Promise.all([
    receiptOf(http, `/ledger/receipt/${type}/${encodeURIComponent(id)}/_history/${version}`, signal),
    http.text('/ledger/policy', { signal }),
  ]);
  if (receipt === undefined) return undefined;
  return checkReceipt({ receipt, policy, bytes, subject: `${type}/${id}/_history/${version}`, clock });
}

/** The check itself, without the network. Throws LedgerError for a receipt or policy that cannot be read, Error for an event of a later form. */
export function checkReceipt(given: {
  receipt: string;
  policy: string;
  bytes: Uint8Array;
  subject: string;
  clock: () => number;
}): Proof {
  const started = given.clock();
  const parsed = parseReceipt(given.receipt);
  const policy: Policy = parsePolicy(given.policy);
  const verdict = verifyReceipt(parsed, policy);
  const event = eventOf(parsed);
  const content: ProofStep = { name: 'content', result: isAbout(event, given) ? 'passed' : 'failed' };
  const steps = [content, ...verdict.checks.map(({ name, result }) => ({ name, result }))];
  const refused = steps.some(({ result }) => result === 'failed');
  return {
    outcome: refused ? 'refused' : verdict.outcome,
    state: refused ? undefined : verdict.state,
    steps,
    index: verdict.index,
    size: verdict.size,
    at: event?.at,
    took: given.clock() - started,
    receipt: given.receipt,
  };
}

/** What a receipt's opening says happened. */
export interface LoggedEvent {
  /** Epoch milliseconds. */
  at: number;
  /** Such as `Practitioner/8f…`. */
  actor: string;
  subjects: readonly unknown[];
  digest: Uint8Array | undefined;
}

/** Where subjects and digest stand, by the version of the encoding (docs/integrity.md). */
const PLACES: Readonly<Record<number, { subjects: number; digest: number }>> = {
  1: { subjects: 6, digest: 7 },
  2: { subjects: 9, digest: 10 },
};

/**
 * What an event says: CBOR of an array that begins with the version of its encoding, the kind and the time. Undefined for
 * bytes that are no event. Throws for a version that came after this page: to call that seal broken would be a lie.
 */
export function eventOf({ opening }: Receipt): LoggedEvent | undefined {
  let fields: unknown;
  try {
    fields = decode(opening.event);
  } catch {
    return undefined;
  }
  if (!Array.isArray(fields) || typeof fields[0] !== 'number') return undefined;
  const places = PLACES[fields[0]];
  if (!places) throw new Error('This entry is in a form that came after this page was loaded.');
  const [at, actor] = [fields[2], fields[3]] as unknown[];
  const [subjects, digest] = [fields[places.subjects], fields[places.digest]] as unknown[];
  return {
    at: typeof at === 'number' ? at : Number.NaN,
    actor: typeof actor === 'string' ? actor : '',
    subjects: Array.isArray(subjects) ? subjects : [],
    digest: digest instanceof Uint8Array ? digest : undefined,
  };
}

/** The event names this very version, and its digest is that of these bytes. */
function isAbout(event: LoggedEvent | undefined, { bytes, subject }: { bytes: Uint8Array; subject: string }): boolean {
  if (event?.digest === undefined || !event.subjects.includes(subject)) return false;
  const actual = sha256(bytes);
  const logged = event.digest;
  return logged.length === actual.length && logged.every((byte, index) => byte === actual[index]);
}

/** A receipt as it came; undefined where there is none, or none for this reader. */
export async function receiptOf(http: Http, path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await http.text(path, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
