import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloneJson, JsonError, parseJson, stringifyJson } from './json.ts';

const limits = { depth: 64 };

function refusal(text: string, depth = 64): JsonError {
  try {
    parseJson(text, { depth });
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error(`not refused: ${text}`);
}

describe('parseJson and stringifyJson', () => {
  it('agree with JSON.parse and JSON.stringify on all values', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        fc.pre(!text.includes('"__proto__"'));
        expect(parseJson(text, limits)).toEqual(JSON.parse(text));
        expect(stringifyJson(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('accept exactly what JSON.parse accepts', () => {
    const fragments = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '.5',
      '0',
      'e3',
      'true',
      ' ',
      '\\',
      '"',
    );
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(() => parseJson(text, limits)).toThrow(JsonError);
          return;
        }
        try {
          expect(parseJson(text, limits)).toEqual(expected);
        } catch (error) {
          expect((error as Error).message).toMatch(/twice|out of range/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keep the written form of every decimal', () => {
    const decimal = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.bigInt({ min: 0n, max: 10n ** 25n }),
        fc.stringMatching(/^[0-9]{0,20}$/),
        fc.constantFrom('', 'e5', 'E-22'),
      )
      .map(([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${exponent}`);
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1 }), (decimals) => {
        const text = `{"a":[${decimals.map((source) => `{"value":${source}}`).join(',')}],"b":${decimals[0]}}`;
        expect(stringifyJson(parseJson(text, limits))).toBe(text);
        expect(stringifyJson(cloneJson(parseJson(text, limits)))).toBe(text);
      }),
    );
  });

  it('let edited numbers win', () => {
    const value = parseJson('{"value":1.50,"low":{"value":2.00}}', limits) as { value: number; low: { value: number } };
    value.value = 3;
    expect(stringifyJson(value)).toBe('{"value":3,"low":{"value":2.00}}');
    expect(stringifyJson({ moved: value.low })).toBe('{"moved":{"value":2.00}}');
  });

  it('share nothing between a clone and its original', () => {
    const value = parseJson('{"a":{"value":1.50}}', limits) as { a: { value: number } };
    const copy = cloneJson(value);
    copy.a.value = 2;
    expect(stringifyJson(value)).toBe('{"a":{"value":1.50}}');
    expect(stringifyJson(copy)).toBe('{"a":{"value":2}}');
  });

  it.each([
    ['{"a":1,"a":2}', 7, /twice/],
    ['{"a":{"b":1,"\\u0062":2}}', 12, /twice/],
    ['{"a":1,"__proto__":{}}', 7, /__proto__/],
    ['{"\\u005f_proto__":1}', 1, /__proto__/],
    ['{"a":"\\u0000"}', 5, /NUL/],
    ['["\\ud800"]', 1, /surrogate/],
    ['["\ud800"]', 1, /surrogate/],
    ['{"a":1e999}', 5, /out of range/],
    ['{"a":}', 5, /Expected a value/],
    ['[1,]', 3, /Expected a value/],
    ['{"a" 1}', 5, /colon/],
    ['{a:1}', 1, /double quotes/],
    ['"a\nb"', 0, /control character/],
    ['{} {}', 3, /follows/],
    ['', 0, /Expected a value/],
    ['[1', 2, /cut short/],
  ])('refuse %j at %i', (text, position, sentence) => {
    const error = refusal(text);
    expect(error.position).toBe(position);
    expect(error.message).toMatch(sentence);
  });

  it('count depth by open brackets, and refuse depth without exhausting the stack', () => {
    expect(parseJson('[[1]]', { depth: 2 })).toEqual([[1]]);
    expect(refusal('[[[1]]]', 2).position).toBe(2);
    expect(refusal('['.repeat(1_000_000)).message).toMatch(/deeper than 64/);
  });

  it('take escapes that look doubtful and are not', () => {
    const text = '{"a":"\\ud83d\\ude00","b":"\\\\u0000"}';
    expect(parseJson(text, limits)).toEqual({ a: '\u{1f600}', b: '\\u0000' });
    expect(parseJson('\ufeff{"a":1}', limits)).toEqual({ a: 1 });
  });

  it('never repeat the text in an error', () => {
    expect(refusal('{"name":"Chan Tai Man" "x"}').message).not.toMatch(/Chan/);
  });
});
