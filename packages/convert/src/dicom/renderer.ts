import { Worker } from 'node:worker_threads';
import { ConversionError } from '../evidence/converter.ts';
import type { RenderJob } from './render.ts';

/** How long one picture may take. Milliseconds. */
const LONGEST = 20_000;
/** JavaScript memory of a thread; a codec's own memory is bounded by LARGEST_FRAME. MiB. */
const HEAP = 512;
/** Jobs that wait; more are refused. */
const MOST_WAITING = 200;

interface Waiting {
  job: RenderJob;
  resolve(bytes: Buffer): void;
  reject(error: Error): void;
}

/** Too many pictures are asked for at once: the caller should try again soon. */
export class RendererBusy extends Error {
  constructor() {
    super('Too many pictures are being made; try again in a few seconds.');
    this.name = 'RendererBusy';
  }
}

/** Makes pictures in threads, so that a large or hostile one neither holds up nor ends the server. */
export class Renderer {
  readonly #idle: Worker[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #most: number;
  #running = 0;
  #closed = false;
  readonly #all = new Set<Worker>();

  /** @param threads how many pictures are made at a time */
  constructor(threads = 2) {
    this.#most = threads;
  }

  /** Rejects with ConversionError where it cannot be made, RendererBusy where too many wait. */
  render(job: RenderJob): Promise<Buffer> {
    if (this.#closed || this.#waiting.length >= MOST_WAITING) return Promise.reject(new RendererBusy());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new RendererBusy());
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #next(): void {
    if (this.#running >= this.#most) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    this.#running++;
    this.#run(this.#idle.pop() ?? this.#start(), waiting);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./render-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP },
    });
    worker.unref();
    this.#all.add(worker);
    return worker;
  }

  #run(worker: Worker, { job, resolve, reject }: Waiting): void {
    const finish = (settle: () => void, keep: boolean): void => {
      clearTimeout(timer);
      worker.off('error', fail).off('exit', fail).off('message', answered);
      if (keep && !this.#closed) this.#idle.push(worker);
      else {
        this.#all.delete(worker);
        // a thread that died may still say why
        worker.on('error', () => {});
        void worker.terminate();
      }
      this.#running--;
      settle();
      this.#next();
    };
    const fail = (): void => finish(() => reject(new ConversionError(FAILED)), false);
    const timer = setTimeout(fail, LONGEST);
    const answered = ({ bytes, problem = FAILED }: { bytes?: Uint8Array; problem?: string }): void => {
      if (bytes === undefined) finish(() => reject(new ConversionError(problem)), true);
      else finish(() => resolve(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)), true);
    };
    worker.on('error', fail).on('exit', fail).on('message', answered);
    worker.postMessage(job);
  }
}

const FAILED = 'The picture took too much time or memory to make; fetch the instance itself.';
