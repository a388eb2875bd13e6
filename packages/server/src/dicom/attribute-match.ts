import type { JsonAttribute, JsonDataSet, JsonPersonName } from '@meridian/convert';

/**
 * Whether a data set has what a query asks for (PS3.4 §C.2.2.2): lists of UIDs, ranges of dates and times, wild cards, and
 * single values; names without regard to case, in any of their groups.
 *
 * @param tags only these attributes are looked at; undefined: all
 */
export function matchesAll(
  dataSet: JsonDataSet,
  match: ReadonlyMap<string, string>,
  tags: ReadonlySet<string> | undefined,
): boolean {
  for (const [tag, wanted] of match) {
    if (tags !== undefined && !tags.has(tag)) continue;
    if (!matches(dataSet[tag], wanted)) return false;
  }
  return true;
}

function matches(attribute: JsonAttribute | undefined, wanted: string): boolean {
  const values = (attribute?.Value ?? []).flatMap(textsOf);
  if (wanted === '*') return true;
  switch (attribute?.vr) {
    case 'UI':
      return wanted.split(/[\\,]/).some((uid) => values.includes(uid));
    case 'DA':
    case 'TM':
    case 'DT':
      return values.some((value) => inRange(value, wanted));
    case 'PN':
      return values.some((value) => like(value.toLowerCase(), wanted.toLowerCase()));
    default:
      return values.some((value) => like(value, wanted));
  }
}

function textsOf(value: NonNullable<JsonAttribute['Value']>[number]): string[] {
  if (typeof value === 'object' && value !== null) {
    const { Alphabetic, Ideographic, Phonetic } = value as JsonPersonName;
    return [Alphabetic, Ideographic, Phonetic].filter((text) => typeof text === 'string');
  }
  return value === null ? [] : [String(value)];
}

function inRange(value: string, wanted: string): boolean {
  const dash = wanted.indexOf('-');
  if (dash < 0) return value === wanted;
  const [from, to] = [wanted.slice(0, dash), wanted.slice(dash + 1)];
  return (from === '' || value >= from) && (to === '' || value.slice(0, to.length) <= to);
}

/** `*` for any characters, `?` for one; without a regular expression, whose cost a caller could choose. */
function like(value: string, wanted: string): boolean {
  let [at, from] = [0, 0];
  let star: { at: number; from: number } | undefined;
  while (at < value.length) {
    if (wanted[from] === '*') {
      star = { at, from };
      from++;
    } else if (from < wanted.length && (wanted[from] === '?' || wanted[from] === value[at])) {
      at++;
      from++;
    } else if (star) {
      star.at++;
      at = star.at;
      from = star.from + 1;
    } else return false;
  }
  while (wanted[from] === '*') from++;
  return from === wanted.length;
}
