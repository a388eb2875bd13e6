import type { KeyboardEvent } from 'react';

/**
 * Arrow keys move between a search field and the links of the list below it. Put it on the element around both; links
 * of the list carry `data-row`.
 */
export function onListKeys(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const field = event.currentTarget.querySelector<HTMLElement>('input');
  // within other fields the arrows belong to the field
  if (at < 0 && document.activeElement !== field) return;
  event.preventDefault();
  const next = at + (event.key === 'ArrowDown' ? 1 : -1);
  (next < 0 ? field : rows[Math.min(next, rows.length - 1)])?.focus();
}
