import type { ImportResult } from './bulk-import.ts';
import type { PhaseName, PhaseResult } from './fhir-load.ts';
import type { ScaleResult } from './growth.ts';

/** What the tables are made of. */
export interface Measured {
  phases: readonly PhaseResult[];
  imports: Readonly<Record<string, ImportResult>>;
  bytesPerObservation: number;
  rawInsertsPerSecond: number;
}

/**
 * Operations a second on two cores, with sealing, ledger and view events on; beside them what Medplum 5.1 did on such a
 * machine without any of these.
 */
const BUDGETS: readonly { phase: PhaseName; operation: string; budget: number; medplum: number }[] = [
  { phase: 'create', operation: 'create Observation (1.5 KB)', budget: 3000, medplum: 242 },
  { phase: 'read', operation: 'read by id, view committed before the answer', budget: 5000, medplum: 392 },
  { phase: 'search', operation: 'search patient+code, newest 20', budget: 2500, medplum: 394 },
  { phase: 'name', operation: 'Patient by name', budget: 4000, medplum: 1385 },
  { phase: 'identifier', operation: 'Patient by identifier', budget: 4000, medplum: 2032 },
  { phase: 'transaction', operation: 'transaction of 100 resources', budget: 80, medplum: 3.9 },
];
const IMPORT = { budget: 10_000, medplum: 225 };
const BYTES = { budget: 1000, medplum: 7600 };

/** Budget, peer and measurement, in Markdown. A ratio above 1 is a budget that is met. */
export function budgetTable({ phases, imports, bytesPerObservation, rawInsertsPerSecond }: Measured): string {
  const rows: string[][] = [];
  for (const { phase, operation, budget, medplum } of BUDGETS) {
    const found = phases.find((one) => one.phase === phase);
    if (found)
      rows.push([
        operation,
        `≥ ${budget}/s`,
        `${medplum}/s`,
        `${rounded(found.perSecond)}/s`,
        ratio(found.perSecond / budget),
      ]);
  }
  for (const [name, { perSecond }] of Object.entries(imports)) {
    const { budget, medplum } = IMPORT;
    rows.push([
      `bulk import: ${name}`,
      `≥ ${budget}/s`,
      `${medplum}/s`,
      `${rounded(perSecond)}/s`,
      ratio(perSecond / budget),
    ]);
  }
  const { budget, medplum } = BYTES;
  rows.push([
    'bytes on disk per 1.5 KB Observation',
    `≤ ${budget}`,
    `${medplum}`,
    rounded(bytesPerObservation),
    ratio(budget / bytesPerObservation),
  ]);
  rows.push(['physical limit: PostgreSQL inserts of the same bytes', '', '', `${rounded(rawInsertsPerSecond)}/s`, '']);
  return markdown(['operation', 'budget', 'Medplum', 'Meridian', 'ratio to budget'], rows);
}

/** Times and costs of the phases. */
export function phaseTable(phases: readonly PhaseResult[]): string {
  const processes = Object.keys(phases[0]?.cpuMilliseconds ?? {});
  const head = [
    'phase',
    '/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'errors',
    ...processes.map((name) => `${name} CPU ms`),
    'other cores',
  ];
  const rows = phases.map((one) => [
    one.phase,
    rounded(one.perSecond),
    ...[one.p50, one.p95, one.p99].map((time) => time.toFixed(1)),
    String(one.errors),
    ...processes.map((name) => (one.cpuMilliseconds[name] ?? 0).toFixed(3)),
    one.otherCores.toFixed(2),
  ]);
  return markdown(head, rows);
}

/** Rates and costs of bulk imports. */
export function importTable(imports: Readonly<Record<string, ImportResult>>): string {
  const rows = Object.entries(imports).map(([name, { resources, perSecond, cpuMilliseconds }]) => [
    name,
    String(resources),
    rounded(perSecond),
    ...Object.values(cpuMilliseconds).map((cost) => cost.toFixed(3)),
  ]);
  return markdown(['import', 'resources', '/s', 'server CPU ms', 'postgres CPU ms'], rows);
}

/** What an operation costs as the store grows. */
export function scaleTable(scale: readonly ScaleResult[]): string {
  const rows = scale.flatMap(({ observations, importedPerSecond, phases }) =>
    phases.map((one, i) => [
      i === 0 ? String(observations) : '',
      i === 0 ? rounded(importedPerSecond) : '',
      one.phase,
      rounded(one.perSecond),
      one.p99.toFixed(1),
      ...Object.values(one.cpuMilliseconds).map((cost) => cost.toFixed(3)),
      one.otherCores.toFixed(2),
    ]),
  );
  return markdown(
    ['Observations', 'imported/s', 'phase', '/s', 'p99 ms', 'server CPU ms', 'postgres CPU ms', 'other cores'],
    rows,
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function rounded(value: number): string {
  return value < 100 ? value.toFixed(1) : String(Math.round(value));
}

function ratio(value: number): string {
  return value.toFixed(2);
}
