import { randomFillSync } from 'node:crypto';

const POOL = 16_384;
const pool = Buffer.allocUnsafeSlow(POOL);
let next = POOL;

/**
 * Random bytes for nonces, salts and numbers, at most 64 at a time. The system's generator is asked for many at once: a
 * call for each would cost more than the sealing itself. Bytes are handed out once and wiped from the pool.
 */
export function randomPooled(bytes: number): Buffer {
  if (next + bytes > POOL) {
    randomFillSync(pool);
    next = 0;
  }
  const taken = Buffer.from(pool.subarray(next, next + bytes));
  pool.fill(0, next, next + bytes);
  next += bytes;
  return taken;
}
