import { parentPort } from 'node:worker_threads';
import { ConversionError } from '../evidence/converter.ts';
import { type RenderJob, render } from './render.ts';

/** Runs in a thread of its own: one job at a time. Errors that are not ours may hold content, so only ours are told. */
parentPort?.on('message', async (job: RenderJob) => {
  try {
    const bytes = await render(job);
    parentPort?.postMessage({ bytes });
  } catch (error) {
    parentPort?.postMessage({ problem: error instanceof ConversionError ? error.message : UNKNOWN });
  }
});

const UNKNOWN = 'The picture could not be made; have the sender export the instance again.';
