import { ConversionError } from '../../evidence/converter.ts';

/**
 * How far local times of a place are from UTC, such as `+08:00`.
 *
 * @param zone an offset (`+08:00`, `Z`) or a name of the IANA time zone database (`Asia/Hong_Kong`)
 * @throws ConversionError for anything else
 */
export function offsetsOf(zone: string): (local: string) => string {
  if (/^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/.test(zone)) return () => zone;
  const format = formatOf(zone);
  const offsetAt = (epoch: number): string => {
    const name =
      format
        .formatToParts(epoch)
        .find(({ type }) => type === 'timeZoneName')
        ?.value.slice(3) ?? '';
    return /^[+-]\d{2}:\d{2}$/.test(name) ? name : 'Z';
  };
  return (local) => {
    // the offset of the same reading in UTC is nearly always it; around a change of clocks the second look corrects it
    const guess = offsetAt(Date.parse(`${local.slice(0, 19)}Z`));
    return offsetAt(Date.parse(`${local.slice(0, 19)}${guess}`));
  };
}

/** Making one costs more than a message. There are some 600 names of zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, made);
    return made;
  } catch {
    throw new ConversionError('The zone must be an offset such as +08:00 or a name such as Asia/Hong_Kong.');
  }
}
