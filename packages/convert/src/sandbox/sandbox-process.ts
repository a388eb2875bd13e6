import { ConversionError } from '../evidence/converter.ts';
import { type ConversionJob, convertHere } from './conversion-job.ts';

const UNKNOWN = 'The file could not be converted; have it made again, or save it in another format.';

/** Runs in a process of its own: one job at a time. Errors that are not ours may hold content, so only ours are told. */
process.on('message', async (job: ConversionJob) => {
  try {
    process.send?.({ output: await convertHere(job) });
  } catch (error) {
    process.send?.({ problem: error instanceof ConversionError ? error.message : UNKNOWN });
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
