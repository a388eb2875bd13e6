import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react';
import styles from './timeline.module.css';
import { isHeading, keyOf, rowsOf, type TimelineEntry } from './timeline-rows.ts';

/**
 * Entries in their order, with a heading wherever the group changes. Only what is near the window is in the page, so
 * that fifty years of records scroll like fifty entries.
 */
export function Timeline<T extends TimelineEntry>({
  entries,
  children,
  label,
}: {
  entries: readonly T[];
  /** Draws one entry. */
  children: (entry: T) => ReactNode;
  label: string;
}) {
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  const rows = useMemo(() => rowsOf(entries), [entries]);
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => (isHeading(rows[index]) ? 56 : 84),
    getItemKey: (index) => keyOf(rows[index], index),
    overscan: 12,
    scrollMargin: offset,
  });
  return (
    <ul aria-label={label} className={styles.timeline} ref={list} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, key, start }) => {
        const row = rows[index];
        if (!row) return null;
        return (
          <li
            className={isHeading(row) ? styles.group : styles.entry}
            data-index={index}
            key={key}
            ref={virtual.measureElement}
            style={{ transform: `translateY(${start - offset}px)` }}
          >
            {isHeading(row) ? <h2 className={styles.heading}>{row.heading}</h2> : children(row.entry)}
          </li>
        );
      })}
    </ul>
  );
}
