/** Rows of text as a table: the first column to the left, all others to the right, a line below the head and above the foot. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], foot: readonly string[]): string {
  const all = [head, ...rows, foot];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => (column === 0 ? (row[0] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[line(head), rule, ...rows.map(line), rule, line(foot)].join('\n')}\n`;
}
