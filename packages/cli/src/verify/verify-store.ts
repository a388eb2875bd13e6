import { setTimeout as sleep } from 'node:timers/promises';
import type { VerifyProgress, VerifyReport } from '@meridian/records';
import { CommandError } from '../command-error.ts';
import type { Client } from '../connection/client.ts';

type JobState =
  | ({ state: 'running' } & VerifyProgress)
  | { state: 'finished'; report: VerifyReport }
  | { state: 'failed' };

const LOOK_EVERY_MS = 500;

/** Has the server check everything it stores against its log, and waits for the report. */
export async function verifyStore(
  client: Client,
  onProgress: (progress: VerifyProgress) => void,
  signal: AbortSignal,
): Promise<VerifyReport> {
  const started = await client.call({ method: 'POST', url: '/ledger/$verify' });
  if (started.status !== 202) {
    throw new CommandError(`The server answered ${started.status} when it was asked to verify its records.`);
  }
  const { id } = JSON.parse(started.body) as { id: string };
  for (;;) {
    const answer = await client.call({ method: 'GET', url: `/ledger/$verify/${id}` });
    if (answer.status !== 200) {
      throw new CommandError('The server was started anew meanwhile; run the same command again.');
    }
    const state = JSON.parse(answer.body) as JobState;
    if (state.state === 'finished') return state.report;
    if (state.state === 'failed') throw new CommandError('The server could not finish the verification; see its log.');
    onProgress(state);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
