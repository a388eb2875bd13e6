import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from './verify/finding.ts';
import type { VerifyReport } from './verify/verify.ts';
import type { PatientRange } from './verify/verify-events.ts';
import { patientRanges } from './verify/verify-pool.ts';

export interface MonitorOptions {
  /** Verifies the patients of a range, or, without one, the log and the rules that need everything. */
  verify: (ranges: readonly PatientRange[] | undefined) => Promise<VerifyReport>;
  /** Whether this process is the one to look. */
  active: () => boolean;
  /** Puts an alarm on record. */
  alarm: (findings: readonly Finding[]) => Promise<void>;
  /** Milliseconds between two looks; 64 of them go once round all patients. */
  interval: number;
}

/** Findings kept for health and alarms. */
const MOST = 100;

/**
 * Verifies the database again and again at a low rate: a part of the patients at each look, and once a round the log with
 * all its tiles. What it finds stays on display until a later look finds that part sound.
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #stop = new AbortController();
  readonly #byPart = new Map<number, readonly Finding[]>();
  #running: Promise<void> | undefined;
  #rounds = 0;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** What the last look at each part found. */
  get findings(): readonly Finding[] {
    return [...this.#byPart.values()].flat().slice(0, MOST);
  }

  /** How often everything was looked at since the start. */
  get rounds(): number {
    return this.#rounds;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const parts: (readonly PatientRange[] | undefined)[] = [...patientRanges().map((range) => [range]), undefined];
    const { signal } = this.#stop;
    for (let part = 0; ; part = (part + 1) % parts.length) {
      await sleep(this.#options.interval, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (!this.#options.active()) continue;
      // a look that fails (the database is away) is made again in the next round
      await this.#look(part, parts[part]).catch(() => undefined);
      if (part === parts.length - 1) this.#rounds++;
    }
  }

  async #look(part: number, ranges: readonly PatientRange[] | undefined): Promise<void> {
    const { findings } = await this.#options.verify(ranges);
    const known = new Set((this.#byPart.get(part) ?? []).map(nameOf));
    const fresh = findings.filter((finding) => !known.has(nameOf(finding)));
    this.#byPart.set(part, findings);
    if (fresh.length > 0) await this.#options.alarm(fresh.slice(0, MOST));
  }
}

function nameOf({ kind, where, row }: Finding): string {
  return `${kind} ${where} ${row}`;
}
