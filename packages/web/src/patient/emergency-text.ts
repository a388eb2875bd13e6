/** What the code of an emergency card says. */
export interface Emergency {
  name: string;
  birthDate: string;
  allergies: readonly string[];
  conditions: readonly string[];
  medicines: readonly string[];
}

/** A code of more bytes has squares too small for an old telephone held at arm's length. */
const MOST_BYTES = 620;

/**
 * Plain text, in English because most who help read it, and short enough for a code that scans easily. Allergies are
 * never cut before the rest; what does not fit is counted.
 */
export function emergencyText({ name, birthDate, allergies, conditions, medicines }: Emergency): string {
  const head = ['EMERGENCY CARD', name, `Born ${birthDate}`];
  const lists: [string, string[]][] = [
    ['ALLERGIES', [...allergies]],
    ['CONDITIONS', [...conditions]],
    ['MEDICINES', [...medicines]],
  ];
  const left = lists.map(() => 0);
  for (;;) {
    const lines = lists.map(([title, items], index) => `${title}: ${listed(items, left[index] ?? 0)}`);
    const text = [...head, ...lines].join('\n');
    const longest = [2, 1, 0].find((index) => (lists[index]?.[1].length ?? 0) > 0);
    if (new TextEncoder().encode(text).length <= MOST_BYTES || longest === undefined) return text;
    lists[longest]?.[1].pop();
    left[longest] = (left[longest] ?? 0) + 1;
  }
}

function listed(items: readonly string[], left: number): string {
  const shown = items.length === 0 && left === 0 ? 'none known' : items.join(', ');
  return left === 0 ? shown : `${shown}${shown === '' ? '' : ', '}and ${left} more`;
}
