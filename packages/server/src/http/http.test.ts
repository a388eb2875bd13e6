import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ndjsonUnits } from '../bulk/ndjson-units.ts';
import { ConfigError, readConfig } from '../config.ts';
import { parseRange } from '../fhir/range.ts';
import { httpDate, matchesVersion, unmodifiedSince, versionOfIfMatch } from './etag.ts';
import { accepts, mediaType, requireJsonAnswer } from './media.ts';
import { parsePrefer } from './prefer.ts';
import { indent } from './pretty.ts';
import { formatQuery, parseQuery } from './query-string.ts';
import { RateLimiter } from './rate-limit.ts';
import { requestIdOf } from './request-id.ts';

test('a query that was formatted is parsed to the same parameters', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && value.isWellFormed());
  const parameter = fc.tuple(
    text.filter((name) => name !== ''),
    text,
  );
  fc.assert(
    fc.property(fc.array(parameter, { maxLength: 20 }), (parameters) => {
      expect(parseQuery(formatQuery(parameters))).toEqual(parameters);
    }),
  );
});

test('indented JSON means the same, and decimals keep their digits', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(JSON.parse(indent(text)))).toBe(text);
    }),
  );
  expect(indent('{"a":[1.50,{}],"b":"x,{"}')).toBe('{\n  "a": [\n    1.50,\n    {}\n  ],\n  "b": "x,{"\n}');
});

test('a byte range is inside the content, or refused', () => {
  expect(parseRange('bytes=0-4', 10)).toEqual({ start: 0, end: 5 });
  expect(parseRange('bytes=-4', 10)).toEqual({ start: 6, end: 10 });
  expect(parseRange('bytes=10-', 10)).toBe('unsatisfiable');
  expect(parseRange('bytes=0-1,3-4', 10)).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat({ max: 1000 }), (from, to, size) => {
      const range = parseRange(`bytes=${from}-${to}`, size);
      if (typeof range === 'object')
        expect(0 <= range.start && range.start < range.end && range.end <= size).toBe(true);
    }),
  );
});

test('lines of any length and chunking become units that join to the same bytes', async () => {
  const lines = fc.array(
    fc.string({ maxLength: 20 }).map((line) => line.replaceAll('\n', '')),
    { maxLength: 50 },
  );
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 30 }), async (all, size) => {
      const bytes = Buffer.from(all.join('\n'));
      async function* chunks() {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      }
      let joined = '';
      let count = 0;
      for await (const unit of ndjsonUnits(chunks())) {
        expect(unit.bytes).toBe(unit.body.length);
        joined += unit.body.toString();
        count += unit.lines;
      }
      expect(joined).toBe(bytes.toString());
      const text = bytes.toString();
      expect(count).toBe(text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0));
    }),
  );
});

test('a unit of more than 2 MiB ends at a line end, and a line of more than 16 MiB is refused', async () => {
  const line = `${'x'.repeat(1024 * 1024)}\n`;
  async function* stream(text: string, times: number) {
    for (let i = 0; i < times; i++) yield Buffer.from(text);
  }
  const counts = [];
  for await (const unit of ndjsonUnits(stream(line, 5))) counts.push(unit.lines);
  expect(counts).toEqual([2, 2, 1]);
  const endless = async () => {
    for await (const unit of ndjsonUnits(stream('x'.repeat(1024 * 1024), 20))) expect(unit).toBeUndefined();
  };
  await expect(endless()).rejects.toThrow(/16 MiB/);
});

describe('headers', () => {
  test('Prefer, Accept and ETags are read as FHIR says', () => {
    expect(parsePrefer('return=minimal; handling=strict, respond-async')).toEqual({
      return: 'minimal',
      handling: 'strict',
      respondAsync: true,
    });
    expect(mediaType('Application/FHIR+json; charset=UTF-8')).toBe('application/fhir+json');
    expect(accepts('text/html;q=0, x/y', (type) => type === 'text/html')).toBe(false);
    expect(() => requireJsonAnswer('application/fhir+xml', undefined)).toThrow(/JSON only/);
    expect(() => requireJsonAnswer('application/fhir+xml, */*;q=0.1', undefined)).not.toThrow();
    expect(versionOfIfMatch('W/"12"')).toBe(12);
    expect(() => versionOfIfMatch('W/"x"')).toThrow(/ETag/);
    expect(matchesVersion('W/"1", W/"2"', 2)).toBe(true);
    const at = Date.UTC(2026, 0, 1, 0, 0, 0, 500);
    expect(unmodifiedSince(httpDate(at), at)).toBe(true);
    expect(unmodifiedSince(httpDate(at - 1000), at)).toBe(false);
  });

  test('only a request id that can be no name goes into the log', () => {
    expect(requestIdOf('0b3c7e1e-0000-4000-8000-000000000001').internal).toBe('0b3c7e1e-0000-4000-8000-000000000001');
    const named = requestIdOf('CHAN-TAI-MAN');
    expect([named.echoed, named.internal === 'CHAN-TAI-MAN']).toEqual(['CHAN-TAI-MAN', false]);
    expect(requestIdOf('91234567-1234-5678').internal).not.toBe('91234567-1234-5678');
    expect(requestIdOf('bad id\u0000').echoed).not.toContain('bad');
  });
});

test('a caller may burst, then gets its rate, and others are not touched', () => {
  let now = 0;
  const limiter = new RateLimiter({ perSecond: 10, burst: 5 }, () => now, 100);
  const taken = Array.from({ length: 7 }, () => limiter.take('a'));
  expect(taken).toEqual([0, 0, 0, 0, 0, 1, 1]);
  expect(limiter.take('b')).toBe(0);
  now += 100;
  expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 1]);
  for (let i = 0; i < 1000; i++) limiter.take(`c${i}`);
  expect(limiter.take('c999')).toBe(0);
});

test('settings are read, and a wrong one is named without its value', () => {
  expect(readConfig({})).toMatchObject({ port: 8080, host: '127.0.0.1', origin: 'http://localhost:8080', demo: true });
  expect(readConfig({ MERIDIAN_PORT: '9', MERIDIAN_URL: 'https://a.example', MERIDIAN_DEMO: '0' })).toMatchObject({
    port: 9,
    origin: 'https://a.example',
    demo: false,
  });
  for (const [name, value] of [
    ['MERIDIAN_PORT', '70000'],
    ['MERIDIAN_DATABASE_URL', 'mysql://user:secret@host'],
    ['MERIDIAN_URL', 'https://a.example/path'],
    ['MERIDIAN_DEMO', 'yes'],
    ['MERIDIAN_LOG', 'loud'],
  ] as const) {
    const read = () => readConfig({ [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(new RegExp(name));
    expect(read).not.toThrow(/secret/);
  }
});
