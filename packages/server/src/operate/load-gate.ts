import { monitorEventLoopDelay } from 'node:perf_hooks';
import { refusal } from '../http/http-error.ts';

/** Requests under way at a time; each may hold a body. */
const MOST_UNDER_WAY = 2000;
/** Mean delay of the event loop over a look, in milliseconds, that counts as overload. */
const LONGEST_DELAY = 1000;
/** So many looks in a row, a second apart, make overload: a single long task, such as a large Bundle, is none. */
const LOOKS = 2;
const NANOSECONDS = 1e6;

/** Refuses new requests while the process is overloaded, so that those it has are answered in time. */
export class LoadGate {
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly #timer: NodeJS.Timeout;
  #underWay = 0;
  #slowLooks = 0;

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: 20 });
    this.#delay.enable();
    this.#timer = setInterval(() => {
      this.#slowLooks = this.#delay.mean / NANOSECONDS > LONGEST_DELAY ? this.#slowLooks + 1 : 0;
      this.#delay.reset();
    }, 1000).unref();
  }

  /** Throws 503 where there is no room; otherwise `leave` must follow. */
  enter(): void {
    if (this.#slowLooks >= LOOKS || this.#underWay >= MOST_UNDER_WAY) {
      throw refusal(503, 'transient', 'The server is overloaded; try again in a few seconds.', { 'retry-after': '3' });
    }
    this.#underWay++;
  }

  leave(): void {
    this.#underWay--;
  }

  get underWay(): number {
    return this.#underWay;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }
}
