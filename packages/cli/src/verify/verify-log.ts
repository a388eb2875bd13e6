import {
  type AuditReport,
  auditLog,
  type Fetch,
  httpSource,
  LedgerError,
  type Policy,
  PolicyEvaluator,
  parseNote,
  parsePolicy,
  readBounded,
  requireValid,
  type TreeHead,
} from '@meridian/ledger';
import { CommandError } from '../command-error.ts';

/** Longest checkpoint or policy read, in bytes. */
const LONGEST = 1 << 20;

/** The policy that a server gives for its log: its keys and witnesses. It cannot vouch for itself; your own file can. */
export async function fetchPolicy(origin: string, fetch: Fetch): Promise<Policy> {
  return parsePolicy(await fetchText(`${origin}/ledger/policy`, fetch));
}

/** The newest checkpoint of a server, once the policy accepts it. Throws CommandError. */
export async function fetchHead(origin: string, policy: Policy, fetch: Fetch): Promise<TreeHead> {
  const note = await fetchText(`${origin}/ledger/checkpoint`, fetch);
  try {
    return requireValid(new PolicyEvaluator(policy), parseNote(note));
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new CommandError(`The checkpoint of the server is not to be believed. ${error.message}`);
  }
}

/** Reads every tile and entry that a server publishes and recomputes the log from them. */
export function auditServer(
  origin: string,
  head: TreeHead,
  fetch: Fetch,
  onProgress: (leaves: number) => void,
  signal: AbortSignal,
): Promise<AuditReport> {
  let done = 0;
  return auditLog(httpSource(`${origin}/ledger`, fetch, signal), head, {
    signal,
    onProgress: (leaves) => {
      onProgress(Math.max(0, leaves - done));
      done = Math.max(done, leaves);
    },
  });
}

async function fetchText(url: string, fetch: Fetch): Promise<string> {
  const response = await fetch(url, { redirect: 'error' });
  const bytes = await readBounded(response, LONGEST);
  if (!response.ok) throw new CommandError(`The server answered ${response.status} for its ledger; try again later.`);
  return new TextDecoder().decode(bytes);
}
