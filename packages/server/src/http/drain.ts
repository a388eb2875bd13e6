import type { IncomingMessage } from 'node:http';

/** How long, and how much, of a refused body is still read. Milliseconds and bytes. */
const PATIENCE = 2000;
const MOST = 32 * 1024 * 1024;
/** A caller that sends nothing for so long is waiting for the answer. Milliseconds. */
const SILENCE = 150;

/**
 * Reads what is left of a body that was refused, and forgets it. A caller that is still sending when the connection
 * closes gets a reset instead of the answer that says what was wrong, so a bounded rest is let in first.
 */
export function drain(message: IncomingMessage): Promise<void> {
  if (message.complete || message.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left = MOST;
    const done = (): void => {
      clearTimeout(end);
      clearTimeout(silence);
      message.off('data', count).off('end', done).off('close', done).off('error', done);
      resolve();
    };
    const count = (chunk: Buffer): void => {
      silence.refresh();
      left -= chunk.length;
      if (left < 0) done();
    };
    const end = setTimeout(done, PATIENCE);
    const silence = setTimeout(done, SILENCE);
    message.on('data', count).on('end', done).on('close', done).on('error', done);
    message.resume();
  });
}
