import type { Writable } from 'node:stream';
import progress from 'cli-progress';
import { duration, grouped } from './words.ts';

/** How far a long job is. */
export interface Progress {
  /** @param amount of the total that is done now; @param items of what is counted (`resources`) */
  add(amount: number, items: number): void;
  stop(): void;
}

export interface ProgressOptions {
  stream: Writable;
  /** What is being done: `Importing`. */
  label: string;
  /** What is counted: `resources`. */
  items: string;
  /** All there is to do, in the unit of `add`. */
  total: number;
  now: () => number;
}

const LINE_EVERY_MS = 10_000;

/** A bar with rate and time left on a terminal; elsewhere a line every ten seconds. */
export function startProgress(options: ProgressOptions): Progress {
  return isTerminal(options.stream) ? new Bar(options) : new Lines(options);
}

function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** The figures that bar and lines share. */
class Figures {
  readonly #options: ProgressOptions;
  readonly #started: number;
  done = 0;
  items = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#started = options.now();
  }

  get text(): string {
    const { now, total, items } = this.#options;
    const seconds = (now() - this.#started) / 1000;
    const rate = seconds > 0 ? Math.round(this.items / seconds) : 0;
    const left = this.done > 0 ? duration((seconds / this.done) * Math.max(0, total - this.done)) : 'unknown time';
    return `${grouped(this.items)} ${items} | ${grouped(rate)}/s | ${left} left`;
  }

  get percent(): number {
    return this.#options.total > 0 ? Math.min(100, Math.floor((this.done / this.#options.total) * 100)) : 0;
  }
}

class Bar implements Progress {
  readonly #figures: Figures;
  readonly #bar: progress.SingleBar;

  constructor(options: ProgressOptions) {
    this.#figures = new Figures(options);
    this.#bar = new progress.SingleBar({
      stream: options.stream as NodeJS.WriteStream,
      format: `${options.label} [{bar}] {percentage}% | {figures}`,
      barCompleteChar: '=',
      barIncompleteChar: ' ',
      barsize: 30,
      hideCursor: true,
      // the command ends by itself when it is stopped, and stops the bar then
      gracefulExit: false,
    });
    this.#bar.start(Math.max(1, options.total), 0, { figures: this.#figures.text });
  }

  add(amount: number, items: number): void {
    this.#figures.done += amount;
    this.#figures.items += items;
    this.#bar.update(Math.round(this.#figures.done), { figures: this.#figures.text });
  }

  stop(): void {
    this.#bar.stop();
  }
}

class Lines implements Progress {
  readonly #figures: Figures;
  readonly #timer: NodeJS.Timeout;

  constructor(options: ProgressOptions) {
    this.#figures = new Figures(options);
    this.#timer = setInterval(() => {
      options.stream.write(`${options.label}: ${this.#figures.percent}% | ${this.#figures.text}\n`);
    }, LINE_EVERY_MS);
    this.#timer.unref();
  }

  add(amount: number, items: number): void {
    this.#figures.done += amount;
    this.#figures.items += items;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
