/**
 * One byte range of a Range header as [start, end) (RFC 9110 §14.2). Undefined: send the whole, as for no header, other
 * units, several ranges, or what does not parse; all of these a server may ignore.
 */
export function parseRange(
  text: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = text === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text.trim());
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '') {
    const suffix = Number(to);
    if (suffix === 0 || size === 0) return 'unsatisfiable';
    return { start: Math.max(0, size - suffix), end: size };
  }
  const start = Number(from);
  if (start >= size) return 'unsatisfiable';
  const end = to === '' ? size : Math.min(size, Number(to) + 1);
  return end <= start ? undefined : { start, end };
}
