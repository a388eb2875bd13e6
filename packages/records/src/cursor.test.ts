import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Cursors } from './cursor.ts';

const cursors = new Cursors(createSecretKey(randomBytes(32)));
const refused = { name: 'StoreError', status: 400 };

it('gives back the position, for what it was made for', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.oneof(fc.string(), fc.bigInt())), (about, position) => {
      expect(cursors.open(about, cursors.seal(about, position))).toEqual(position.map(String));
    }),
  );
});

it('refuses every cursor that was changed in one character, cut or made longer', () => {
  const cursor = cursors.seal('a search', [1n, 2n]);
  for (let i = 0; i < cursor.length; i++) {
    const changed = cursor.slice(0, i) + (cursor[i] === 'A' ? 'B' : 'A') + cursor.slice(i + 1);
    expect(() => cursors.open('a search', changed)).toThrow(expect.objectContaining(refused));
  }
  for (const other of ['', 'nonsense', cursor.slice(1), `${cursor}A`, `${cursor}!`, ` ${cursor}`]) {
    expect(() => cursors.open('a search', other)).toThrow(expect.objectContaining(refused));
  }
});

it('refuses a cursor of something else, or of another installation', () => {
  const cursor = cursors.seal('a search', [1n]);
  expect(() => cursors.open('another search', cursor)).toThrow(expect.objectContaining(refused));
  const others = new Cursors(createSecretKey(randomBytes(32)));
  expect(() => others.open('a search', cursor)).toThrow(expect.objectContaining(refused));
});
