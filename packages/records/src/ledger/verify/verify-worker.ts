import { parentPort, workerData } from 'node:worker_threads';
import { openRootKey } from '../../keys/root-key.ts';
import { connectDatabase } from '../../postgres/database.ts';
import { openStoreParts } from '../../store-parts.ts';
import { beginSnapshot } from './snapshot.ts';
import { type PatientRange, verifyEvents } from './verify-events.ts';
import type { VerifyAnswer, VerifyWorkerData } from './verify-pool.ts';

/** Body of a verification worker thread: takes one range of patients at a time, answers with what it found. */
const data = workerData as VerifyWorkerData;
const database = await connectDatabase(data.connection);
const parts = await openStoreParts({
  pool: database.pool({ size: 1, name: 'meridian verify' }),
  sidePool: database.pool({ size: 1, name: 'meridian verify keys' }),
  rootKey: openRootKey(data.rootKey, data.keyFolder, process.env),
  baseUrl: data.baseUrl,
  labels: data.labels,
  now: Date.now,
});
const client = await database.pool({ size: 1, name: 'meridian verify', statementTimeout: 0 }).connect();
await beginSnapshot(client, data.snapshot);

parentPort?.on('message', (range: PatientRange) => {
  void answer(range).then((message) => parentPort?.postMessage(message));
});

async function answer(range: PatientRange): Promise<VerifyAnswer> {
  try {
    const findings = await verifyEvents(client, range, {
      keys: parts.keys,
      ids: parts.ids,
      names: parts.names,
      baseUrl: data.baseUrl,
      labels: data.labels,
      onProgress: (progress) => parentPort?.postMessage({ progress } satisfies VerifyAnswer),
    });
    return { findings: findings.list, left: findings.left };
  } catch (error) {
    return { error: error instanceof Error && 'code' in error ? String(error.code) : 'internal' };
  }
}
