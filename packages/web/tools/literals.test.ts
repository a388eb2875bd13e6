import { expect, test } from 'vitest';
import { literalsOf } from './literals.ts';

test('words outside the catalogues are found, words inside are not', () => {
  const source = `
    const page = (
      <div title="Who looked" className="wide">
        <Trans>Kept <b>in a catalogue</b></Trans>
        <p>Forgotten</p>
        <img alt={t\`A picture\`} /> · 3
      </div>
    );`;
  const found = literalsOf(source);
  expect(found).toEqual([
    { line: 3, text: 'Who looked' },
    { line: 5, text: 'Forgotten' },
  ]);
});
