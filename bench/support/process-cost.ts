import { readdirSync, readFileSync } from 'node:fs';

/** Processor time of a process with all its descendants, and the memory they hold; Linux only, zero elsewhere. */
export interface ProcessCost {
  cpuSeconds: number;
  /** Private pages of every process, and shared ones once (the largest part). */
  megabytes: number;
}

const TICKS_PER_SECOND = 100;
const PAGE = 4096;

interface Row {
  parent: number;
  ticks: number;
  own: number;
  shared: number;
}

/** Of each named process tree. */
export function processCosts(roots: Readonly<Record<string, number>>): Record<string, ProcessCost> {
  const table = processTable();
  return Object.fromEntries(Object.entries(roots).map(([name, root]) => [name, costOf(table, root)]));
}

/** Processor seconds that the whole machine has spent (proc_stat(5): user, nice, system, irq, softirq, steal). */
export function machineSeconds(): number {
  try {
    const [user, nice, system, , , irq, softirq, steal] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (
      [user, nice, system, irq, softirq, steal].reduce<number>((sum, one) => sum + (one ?? 0), 0) / TICKS_PER_SECOND
    );
  } catch {
    return 0;
  }
}

function costOf(table: ReadonlyMap<number, Row>, root: number): ProcessCost {
  const tree = new Map<number, Row>();
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    const row = table.get(pid);
    if (!row || tree.has(pid)) continue;
    tree.set(pid, row);
    for (const [child, { parent }] of table) if (parent === pid) queue.push(child);
  }
  const rows = [...tree.values()];
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const shared = rows.reduce((most, row) => Math.max(most, row.shared), 0);
  return {
    cpuSeconds: sum((row) => row.ticks) / TICKS_PER_SECOND,
    megabytes: (sum((row) => row.own) + shared) / 2 ** 20,
  };
}

/** proc_pid_stat(5) and proc_pid_statm(5). Processor time of children that have ended counts for their parent. */
function processTable(): Map<number, Row> {
  const table = new Map<number, Row>();
  let names: string[] = [];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return table;
  }
  for (const name of names) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const [, resident = 0, shared = 0] = readFileSync(`/proc/${name}/statm`, 'utf8').split(' ').map(Number);
      const [own, sharedBytes] = [(resident - shared) * PAGE, shared * PAGE];
      const ticks = (fields[11] ?? 0) + (fields[12] ?? 0) + (fields[13] ?? 0) + (fields[14] ?? 0);
      table.set(Number(name), { parent: fields[1] ?? 0, ticks, own, shared: sharedBytes });
    } catch {
      // it has ended meanwhile
    }
  }
  return table;
}
