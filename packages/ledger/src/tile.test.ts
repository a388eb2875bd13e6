import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBundle, parseBundle, truncateBundle } from './entry-bundle.ts';
import { LedgerError } from './error.ts';
import { entries, readsOrRefuses } from './test-log.ts';
import { parseResourcePath, resourcePath, TILE_WIDTH, tileWidth } from './tile.ts';

describe('tile paths (C2SP tlog-tiles)', () => {
  test('index 1234067 is x001/x234/067', () => {
    expect(resourcePath({ kind: 'tile', level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(resourcePath({ kind: 'entries', index: 1_234_067, width: 8 })).toBe('tile/entries/x001/x234/067.p/8');
  });

  test('a path is read back as the resource it was made of', () => {
    const resource = fc.oneof(
      fc.record({
        kind: fc.constant('tile' as const),
        level: fc.integer({ min: 0, max: 63 }),
        index: fc.maxSafeNat(),
        width: fc.integer({ min: 1, max: 256 }),
      }),
      fc.record({
        kind: fc.constant('entries' as const),
        index: fc.maxSafeNat(),
        width: fc.integer({ min: 1, max: 256 }),
      }),
    );
    fc.assert(
      fc.property(resource, (id) => {
        expect(parseResourcePath(resourcePath(id))).toEqual(id);
      }),
    );
  });

  test.each([
    'tile/0/67',
    'tile/0/0067',
    'tile/00/067',
    'tile/64/067',
    'tile/0/x000/067',
    'tile/0/001/067',
    'tile/0/x001/x067',
    'tile/0/067.p/0',
    'tile/0/067.p/256',
    'tile/0/067.p/08',
    'tile/0/067/',
    '/tile/0/067',
    'tile/0/067\n',
    'tile/../067',
    'tile/entries/x999/x999/x999/x999/x999/999',
    `tile/0/${'x001/'.repeat(30)}001`,
  ])('%j is refused', (path) => {
    expect(() => parseResourcePath(path)).toThrow(LedgerError);
  });

  test('any text is read or refused with a LedgerError', () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        readsOrRefuses(() => parseResourcePath(`tile/${path}`));
      }),
    );
  });
});

describe('tiles of a tree (C2SP tlog-tiles, Partial Tiles)', () => {
  const tilesOf = (level: number, size: number): number[] => {
    const widths: number[] = [];
    for (let index = 0; tileWidth(level, index, size) > 0; index++) widths.push(tileWidth(level, index, size));
    return widths;
  };

  test('70,000 leaves', () => {
    expect(tilesOf(0, 70_000)).toEqual([...Array(273).fill(256), 112]);
    expect(tilesOf(1, 70_000)).toEqual([256, 17]);
    expect(tilesOf(2, 70_000)).toEqual([1]);
    expect(tilesOf(3, 70_000)).toEqual([]);
  });

  test('256 leaves', () => {
    expect(tilesOf(0, 256)).toEqual([256]);
    expect(tilesOf(1, 256)).toEqual([1]);
  });
});

describe('entry bundles', () => {
  test('an entry is preceded by its length in two bytes, high byte first', () => {
    const long = new Uint8Array(300).fill(7);
    const bundle = formatBundle([new Uint8Array(0), new Uint8Array([9]), long]);
    expect([...bundle.subarray(0, 8)]).toEqual([0, 0, 0, 1, 9, 1, 44, 7]);
    expect(parseBundle(bundle, 3)).toEqual([new Uint8Array(0), new Uint8Array([9]), long]);
  });

  test('the first entries of a bundle are the partial bundle', () => {
    const all = entries(TILE_WIDTH);
    for (const width of [1, 17, 255, 256]) {
      expect(truncateBundle(formatBundle(all), width)).toEqual(formatBundle(all.slice(0, width)));
    }
    expect(truncateBundle(formatBundle(all.slice(0, 3)), 4)).toBeUndefined();
    expect(() => truncateBundle(formatBundle(all).subarray(0, 50), 256)).toThrow(LedgerError);
  });

  test('too many or too long entries are refused', () => {
    expect(() => formatBundle(entries(257))).toThrow(LedgerError);
    expect(() => formatBundle([new Uint8Array(65_536)])).toThrow(LedgerError);
    expect(parseBundle(formatBundle([new Uint8Array(65_535)]), 1)[0]!.length).toBe(65_535);
  });

  test('random bytes are read or refused with a LedgerError, and what is read is written the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 256 }), (bytes, width) => {
        const read = readsOrRefuses(() => parseBundle(bytes, width));
        if (read !== undefined) expect(formatBundle(read)).toEqual(bytes);
        readsOrRefuses(() => truncateBundle(bytes, width));
      }),
    );
  });
});
