import type { OpenedSource, Source } from './source.ts';
import type { Unit } from './unit.ts';

const MOST_LINES = 1000;
const FULL_BYTES = 8 * 1024 * 1024;
const NEWLINE = Buffer.from('\n');

/** Gathers lines into units of up to 1,000 lines or 8 MB; a longer line is a unit of its own. */
export class UnitBuilder {
  readonly #source: Source;
  readonly #opened: OpenedSource;
  #ordinal = 0;
  #lines: Buffer[] = [];
  #types: string[] = [];
  #indexes: number[] = [];
  #size = 0;
  #position = 0;

  constructor(source: Source, opened: OpenedSource) {
    this.#source = source;
    this.#opened = opened;
  }

  /** Adds a line; gives the unit that is full without it. */
  add(line: Buffer, type: string, index: number): Unit | undefined {
    const full = this.#types.length >= MOST_LINES || (this.#size > 0 && this.#size + line.length > FULL_BYTES);
    const unit = full ? this.take() : undefined;
    this.#lines.push(line, NEWLINE);
    this.#types.push(type);
    this.#indexes.push(index);
    this.#size += line.length + 1;
    return unit;
  }

  /** What has been gathered since the last unit; undefined if that is nothing. */
  take(): Unit | undefined {
    if (this.#types.length === 0) return undefined;
    const position = this.#opened.position();
    const unit: Unit = {
      source: this.#source,
      ordinal: this.#ordinal++,
      format: 'ndjson',
      body: Buffer.concat(this.#lines, this.#size),
      types: this.#types,
      indexes: this.#indexes,
      share: position - this.#position,
    };
    this.#position = position;
    this.#lines = [];
    this.#types = [];
    this.#indexes = [];
    this.#size = 0;
    return unit;
  }
}
