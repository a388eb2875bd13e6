import { table } from '../terminal/table.ts';
import { counted, duration, grouped, printable } from '../terminal/words.ts';
import type { Reconciliation, Rejection } from './reconciliation.ts';

const HEAD = ['type', 'read', 'created', 'updated', 'unchanged', 'rejected'];
const FILES_SHOWN = 20;

/** The end of an import for people. */
export function reportText(result: Reconciliation, ignored: ReadonlyMap<string, number>, seconds: number): string {
  const rows = [...result.byType].sort(([a], [b]) => (a < b ? -1 : 1));
  const cells = (name: string, { read, created, updated, unchanged, rejected }: (typeof rows)[number][1]) => [
    name,
    ...[read, created, updated, unchanged, rejected].map(grouped),
  ];
  return [
    table(
      HEAD,
      rows.map(([type, counts]) => cells(type, counts)),
      cells('total', result.total),
    ),
    `${counted(result.total.read, 'resource')} in ${duration(seconds)}${rate(result, seconds)}.\n`,
    ...(result.resumedUnits > 0
      ? [`Of these, ${counted(result.resumedUnits, 'unit')} had been stored before the last run ended.\n`]
      : []),
    ...ignoredText(ignored),
    ...rejectedText(result),
    ...leftOutText(result),
    ...(result.unaccounted > 0
      ? [`The server does not account for ${counted(result.unaccounted, 'resource')}: report this as a fault.\n`]
      : []),
  ].join('');
}

function rate({ total, resumedUnits }: Reconciliation, seconds: number): string {
  return resumedUnits > 0 || seconds < 1 ? '' : `, ${grouped(Math.round(total.read / seconds))}/s`;
}

function ignoredText(ignored: ReadonlyMap<string, number>): string[] {
  if (ignored.size === 0) return [];
  const kinds = [...ignored].map(([ending, count]) => `${grouped(count)} ${printable(ending, 20)}`);
  return [`Not looked at, because of their ending: ${kinds.slice(0, 12).join(', ')}.\n`];
}

function rejectedText({ firstRejected, total }: Reconciliation): string[] {
  if (firstRejected.length === 0) return [];
  const more = total.rejected - firstRejected.length;
  return [
    '\nRejected:\n',
    ...firstRejected.map((rejection) => `  ${rejectionText(rejection)}\n`),
    ...(more > 0 ? [`  and ${grouped(more)} more; --rejects FILE writes them all.\n`] : []),
  ];
}

function rejectionText({ file, index, type, id, issues }: Rejection): string {
  const [issue] = issues;
  const where = issue?.expression?.[0];
  const what = `${type}${id === undefined ? '' : `/${id}`}`;
  const reason =
    issue === undefined ? 'without a reason' : `${where ? `${printable(where)}: ` : ''}${issue.diagnostics}`;
  return `${printable(file)} #${index} ${what}: ${printable(reason, 400)}${issues.length > 1 ? ` (+${issues.length - 1})` : ''}`;
}

function leftOutText({ leftOut }: Reconciliation): string[] {
  if (leftOut.length === 0) return [];
  const more = leftOut.length - FILES_SHOWN;
  return [
    '\nFiles left out, or the rest of them:\n',
    ...leftOut.slice(0, FILES_SHOWN).map(({ file, reason }) => `  ${printable(file)}: ${printable(reason, 400)}\n`),
    ...(more > 0 ? [`  and ${grouped(more)} more.\n`] : []),
  ];
}
