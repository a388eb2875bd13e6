import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Numbers that are asked for when somebody looks. */
export interface Gauges {
  poolConnections: number;
  poolIdle: number;
  poolWaiting: number;
  outboxBacklog: number;
  ledgerEntries: number;
  ledgerWitnessed: number;
  ledgerAnchored: number;
  ledgerFindings: number;
}

/** Metrics for Prometheus. Labels are route templates and status classes, never ids or parameters. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #seconds: Histogram<'route' | 'method' | 'status'>;
  readonly #faults: Counter;
  /** Looking labels up costs more than counting, so each combination is looked up once. */
  readonly #observers = new Map<string, (seconds: number) => void>();

  constructor(gauges: () => Promise<Gauges>) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#seconds = new Histogram({
      name: 'meridian_http_request_seconds',
      help: 'Time from the arrival of a request to its answer, by route template, method and status.',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
      registers,
    });
    this.#faults = new Counter({
      name: 'meridian_faults_total',
      help: 'Requests and jobs that met a fault of the server.',
      registers,
    });
    gaugeOf(
      registers,
      'meridian_pool_connections',
      'Open database connections.',
      async () => (await gauges()).poolConnections,
    );
    gaugeOf(
      registers,
      'meridian_pool_idle',
      'Database connections that wait for work.',
      async () => (await gauges()).poolIdle,
    );
    gaugeOf(
      registers,
      'meridian_pool_waiting',
      'Requests that wait for a database connection.',
      async () => (await gauges()).poolWaiting,
    );
    gaugeOf(
      registers,
      'meridian_ledger_outbox',
      'Events that wait for the ledger.',
      async () => (await gauges()).outboxBacklog,
    );
    gaugeOf(
      registers,
      'meridian_ledger_entries',
      'Entries of the ledger that its newest checkpoint vouches for.',
      async () => (await gauges()).ledgerEntries,
    );
    gaugeOf(
      registers,
      'meridian_ledger_witnessed',
      'Entries of the ledger that enough witnesses have seen.',
      async () => (await gauges()).ledgerWitnessed,
    );
    gaugeOf(
      registers,
      'meridian_ledger_anchored',
      'Entries of the ledger that an anchor on a chain covers.',
      async () => (await gauges()).ledgerAnchored,
    );
    gaugeOf(
      registers,
      'meridian_ledger_findings',
      'Damaged rows that the monitor of the ledger knows of; anything but 0 is an alarm.',
      async () => (await gauges()).ledgerFindings,
    );
  }

  request(route: string, method: string, status: number, milliseconds: number): void {
    const key = `${method} ${status} ${route}`;
    let observe = this.#observers.get(key);
    if (!observe) {
      const child = this.#seconds.labels({ route, method, status: String(status) });
      observe = (seconds) => child.observe(seconds);
      this.#observers.set(key, observe);
    }
    observe(milliseconds / 1000);
  }

  fault(): void {
    this.#faults.inc();
  }

  /** In Prometheus' text format. */
  async text(): Promise<{ type: string; body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}

function gaugeOf(registers: Registry[], name: string, help: string, value: () => Promise<number>): void {
  new Gauge({
    name,
    help,
    registers,
    async collect() {
      this.set(await value());
    },
  });
}
