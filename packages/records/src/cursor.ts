import { createHash, type KeyObject } from 'node:crypto';
import { StoreError } from './errors.ts';
import { open, SealBroken, seal } from './sealing/seal.ts';

/**
 * Page cursors: opaque, tamper-proof and bound to what they continue. They are sealed, because a position holds dates and
 * tokens of records; a cursor of another search, or one that was changed, is refused.
 */
export class Cursors {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** @param about what is being paged, in any stable textual form */
  seal(about: string, position: readonly (string | number | bigint)[]): string {
    const plain = Buffer.from(JSON.stringify(position.map(String)));
    return seal(this.#key, plain, digest(about)).toString('base64url');
  }

  /** @throws StoreError 400 for a cursor that `seal` did not make for `about` */
  open(about: string, cursor: string): string[] {
    try {
      const sealed = Buffer.from(cursor, 'base64url');
      // the decoder passes over characters that mean nothing: only what `seal` wrote is taken
      if (sealed.toString('base64url') !== cursor) throw new SealBroken();
      return JSON.parse(open(this.#key, sealed, digest(about)).toString()) as string[];
    } catch {
      throw new StoreError(
        'invalid',
        400,
        'This page link was not made for this search, or was changed. Start the search again.',
      );
    }
  }
}

function digest(about: string): Buffer {
  return createHash('sha256').update(about).digest();
}
