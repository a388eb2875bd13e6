import type { Readable } from 'node:stream';
import { refusal } from './http-error.ts';

const MEBIBYTE = 1024 * 1024;

/** Most bytes of a Bundle, and of any other body that is read into memory. */
export const BUNDLE_LIMIT = 64 * MEBIBYTE;
export const BODY_LIMIT = 16 * MEBIBYTE;

export function tooLarge(limit: number): Error {
  const sentence = `The body is larger than the ${Math.floor(limit / MEBIBYTE)} MiB allowed here; send it in parts, or use $import.`;
  return refusal(413, 'too-long', sentence, { connection: 'close' });
}

/**
 * Reads a body into memory up to `limit` bytes. Rejects with 413 above it, 400 where it ends early.
 *
 * Listeners instead of `for await`: this is on the way of every write, and an async iterator costs three promises a chunk.
 */
export function readBody(stream: Readable, limit: number, declared: string | undefined): Promise<Buffer> {
  if (declared !== undefined && Number(declared) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        stream.pause();
        reject(tooLarge(limit));
      } else chunks.push(chunk);
    });
    stream.on('end', () => {
      ended = true;
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
    });
    const cutOff = () => {
      if (!ended) reject(refusal(400, 'incomplete', 'The body ended before it was complete; send it again.'));
    };
    stream.on('error', cutOff);
    stream.on('close', cutOff);
  });
}
