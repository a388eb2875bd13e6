import { parentPort, workerData } from 'node:worker_threads';
import { openBlobs } from '../blobs/open-blobs.ts';
import { openRootKey } from '../keys/root-key.ts';
import { connectDatabase } from '../postgres/database.ts';
import type { Context, ImportUnit } from '../store.ts';
import { blobKeysOf, openStoreParts } from '../store-parts.ts';
import { References } from './conditional-references.ts';
import type { ImportAnswer, ImportWorkerData } from './import-pool.ts';
import { importUnit } from './importer.ts';

/** Body of an import worker thread: takes one unit at a time, answers with its report. */
const data = workerData as ImportWorkerData;
const database = await connectDatabase(data.connection);
const parts = await openStoreParts({
  pool: database.pool({ size: 2, name: 'meridian import', statementTimeout: 0 }),
  sidePool: database.pool({ size: 1, name: 'meridian import keys' }),
  rootKey: openRootKey(data.rootKey, data.keyFolder, process.env),
  baseUrl: data.baseUrl,
  labels: data.labels,
  now: Date.now,
});
const blobs = openBlobs(data.blobFolder, blobKeysOf(parts));
const references = new References(parts.pool, parts.search, data.baseUrl);

parentPort?.on('message', ({ unit, context }: { unit: ImportUnit; context: Context }) => {
  void answer(unit, context).then((message) => parentPort?.postMessage(message));
});

async function answer(unit: ImportUnit, context: Context): Promise<ImportAnswer> {
  try {
    return { report: await importUnit({ ...parts, references, blobs, baseUrl: data.baseUrl }, unit, context) };
  } catch (error) {
    // the text of a database error may quote a value, so only its kind leaves the worker
    const kind = error instanceof Error && 'code' in error ? String(error.code) : 'internal';
    return {
      error: `The unit could not be imported (${kind}); nothing of the failed batch was stored. Send it again.`,
    };
  }
}
