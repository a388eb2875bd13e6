import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { ConversionError } from '../evidence/converter.ts';
import { DataSet } from './data-set.ts';
import { type Ask, type Dicom, part10 } from './structure.ts';

/**
 * Most bytes that a deflated data set may become: a file of a kilobyte must not keep a machine busy for an hour.
 */
const MOST_INFLATED = 4 * 1024 ** 3;

/**
 * Reads a DICOM file (PS3.10) or a bare data set as it streams by. Attributes up to 64 KiB are held, larger ones only by
 * where they lie, so that memory does not depend on the size of what is read. Feed it with `write`, then `end`.
 *
 * Throws `ConversionError` for what is not DICOM or goes beyond the bounds in structure.ts; it holds no content.
 */
export class DicomReader {
  readonly file: Dicom = { meta: new DataSet(false), dataSet: new DataSet(false), transferSyntax: '', reached: '' };
  readonly #structure = part10(this.file);
  #ask: Ask | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #ended = false;
  #inflate: Inflation | undefined;

  constructor() {
    this.#advance(undefined);
  }

  /** The tag of the last attribute of the data set that has begun; empty before the first. */
  get reached(): string {
    return this.file.reached;
  }

  /** Whether the last attribute has been read. */
  get complete(): boolean {
    return this.#ask === undefined;
  }

  /** Where the deflated part begins; undefined where nothing is deflated. */
  get deflatedFrom(): number | undefined {
    return this.#inflate?.from;
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#inflate) return this.#inflate.write(chunk);
    this.#take(chunk);
    await this.#startInflating();
  }

  async end(): Promise<void> {
    await this.#inflate?.end();
    this.#ended = true;
    this.#run();
    if (this.#ask !== undefined) throw new ConversionError('The DICOM data ends before it is complete; send it again.');
  }

  #take(chunk: Buffer): void {
    if (this.#ask === undefined) return;
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    this.#run();
  }

  async #startInflating(): Promise<void> {
    if (this.#ask?.kind !== 'inflate') return;
    const rest = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    const { at } = this.#ask;
    this.#inflate = new Inflation(at, (chunk) => this.#take(chunk));
    this.#advance(undefined);
    await this.#inflate.write(rest);
  }

  /** Serves the parser until it asks for more than is there. */
  #run(): void {
    for (;;) {
      const ask = this.#ask;
      if (ask === undefined || ask.kind === 'inflate') return;
      if (ask.kind === 'skip') {
        const step = Math.min(ask.bytes, this.#heldBytes);
        this.#drop(step);
        ask.bytes -= step;
        if (ask.bytes > 0) return;
        this.#advance(undefined);
      } else if (this.#heldBytes >= ask.bytes || (this.#ended && ask.kind === 'peek')) {
        const bytes = this.#first(Math.min(ask.bytes, this.#heldBytes));
        if (ask.kind === 'take') this.#drop(ask.bytes);
        this.#advance(bytes);
      } else return;
    }
  }

  #advance(bytes: Buffer | undefined): void {
    const next = this.#structure.next(bytes as Buffer);
    this.#ask = next.done ? undefined : next.value;
    if (this.#ask === undefined) this.#drop(this.#heldBytes);
  }

  #first(bytes: number): Buffer {
    const [head] = this.#held;
    if (head !== undefined && head.length >= bytes) return head.subarray(0, bytes);
    const whole = Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [whole];
    return whole.subarray(0, bytes);
  }

  #drop(bytes: number): void {
    this.#heldBytes -= bytes;
    let left = bytes;
    while (left > 0) {
      const head = this.#held[0] as Buffer;
      if (head.length > left) {
        this.#held[0] = head.subarray(left);
        return;
      }
      left -= head.length;
      this.#held.shift();
    }
  }
}

/** Inflates a deflated data set (PS3.5 §A.5: RFC 1951 without a zlib head), bounded in its result. */
class Inflation {
  readonly from: number;
  readonly #zlib: InflateRaw = createInflateRaw();
  #total = 0;
  #failure: Error | undefined;

  constructor(from: number, take: (chunk: Buffer) => void) {
    this.from = from;
    this.#zlib.on('data', (chunk: Buffer) => {
      this.#total += chunk.length;
      try {
        if (this.#total > MOST_INFLATED) throw new ConversionError('The deflated DICOM data is larger than 4 GiB.');
        if (this.#failure === undefined) take(chunk);
      } catch (error) {
        this.#failure = error as Error;
        this.#zlib.destroy();
      }
    });
    this.#zlib.on('error', () => {
      this.#failure ??= new ConversionError('The DICOM data says that it is deflated and cannot be inflated.');
    });
  }

  write(chunk: Buffer): Promise<void> {
    return this.#settled((done) => this.#zlib.write(chunk, () => done()));
  }

  end(): Promise<void> {
    return this.#settled((done) => {
      this.#zlib.once('end', done);
      this.#zlib.end();
    });
  }

  #settled(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        this.#zlib.off('close', finish);
        if (this.#failure) reject(this.#failure);
        else resolve();
      };
      // a destroyed stream calls nobody back, but closes
      this.#zlib.once('close', finish);
      if (this.#failure || this.#zlib.destroyed) finish();
      else start(finish);
    });
  }
}
