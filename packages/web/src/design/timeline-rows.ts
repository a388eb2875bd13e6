/** One entry; `group` is what stands as a heading above the first entry of a stretch, such as a month. */
export interface TimelineEntry {
  key: string;
  group: string;
}

/** A line of the list. */
export type Row<T> = { heading: string } | { entry: T };

/** The entries with their headings between them. */
export function rowsOf<T extends TimelineEntry>(entries: readonly T[]): Row<T>[] {
  return entries.flatMap((entry, index): Row<T>[] =>
    entries[index - 1]?.group === entry.group ? [{ entry }] : [{ heading: entry.group }, { entry }],
  );
}

/** Whether a row is a heading. */
export function isHeading<T>(row: Row<T> | undefined): row is { heading: string } {
  return row !== undefined && 'heading' in row;
}

/** What a row is known by while it moves. */
export function keyOf<T extends TimelineEntry>(row: Row<T> | undefined, index: number): string {
  if (row === undefined) return String(index);
  return isHeading(row) ? `group ${row.heading} ${index}` : row.entry.key;
}
