import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { ConversionError } from '../evidence/converter.ts';
import { STANDARD_DELIMITERS } from './delimiters.ts';
import { escapeText, unescapeText } from './escapes.ts';
import { fieldOf, segmentOf, textAt } from './message.ts';
import { parseMessage, splitMessages } from './parse.ts';
import { components, writeMessage } from './write.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const MSH = 'MSH|^~\\&|LAB|HOSP|EMR|HOSP|20260101120000||ORU^R01^ORU_R01|42|P|2.5.1';
const SAMPLES = join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data', 'samples', 'hl7v2');

describe('parsing', () => {
  test.each(['\r', '\n', '\r\n'])('segments end with %j', (end) => {
    const message = parseMessage(bytes([MSH, 'PID|1||A&B^^^HK~C||陳^大文', 'ZZZ|own'].join(end)));
    expect(message.segments.map(({ name }) => name)).toEqual(['MSH', 'PID', 'ZZZ']);
    const pid = segmentOf(message, 'PID');
    expect(fieldOf(pid, 3)).toEqual([[['A', 'B'], [''], [''], ['HK']], [['C']]]);
    expect(textAt(pid, 5)).toBe('陳');
    expect(textAt(segmentOf(message, 'MSH'), 10)).toBe('42');
  });

  test('escapes mean what the standard says, and unknown ones stay', () => {
    const read = (text: string): string => unescapeText(text, STANDARD_DELIMITERS);
    expect(read('a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\')).toBe('a|b^c&d~e\\');
    expect(read('\\H\\loud\\N\\ \\.br\\next\\.sp2\\')).toBe('loud \nnext\n\n');
    expect(read('\\X0D0A\\')).toBe('\r\n');
    expect(read('\\XE99988\\')).toBe('陈');
    expect(read('\\Zown\\ \\M1234\\')).toBe('\\Zown\\ \\M1234\\');
    expect(read('C:\\folder\\file')).toBe('C:\\folder\\file');
  });

  test.each([
    ['GB 18030-2000', 'gb18030'],
    ['BIG-5', 'big5hkscs'],
    ['8859/1', 'iso-8859-1'],
    ['UNICODE UTF-8', 'utf8'],
  ])('MSH-18 %s', (name, encoding) => {
    const family = encoding === 'iso-8859-1' ? 'Müller' : '陳大文';
    const source = iconv.encode(`${MSH}||||||${name}\rPID|1||||${family}`, encoding);
    expect(textAt(segmentOf(parseMessage(source), 'PID'), 5)).toBe(family);
  });

  test.each([
    ['', /begin with MSH/],
    ['PID|1', /begin with MSH/],
    ['MSHABCDEFGH', /punctuation/],
    ['MSH|^^~\\&|x', /punctuation/],
    [`${MSH}\rpid|1`, /three-character/],
    [`${MSH}||||||KLINGON\rPID|1`, /character set/],
  ])('%j is refused with a sentence', (text, sentence) => {
    expect(() => parseMessage(bytes(text))).toThrow(sentence);
  });

  test('bytes of any kind are parsed or refused, never worse', () => {
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(noise, (tail) => {
        try {
          parseMessage(Buffer.concat([bytes(MSH), tail]));
        } catch (error) {
          expect(error).toBeInstanceOf(ConversionError);
        }
      }),
    );
  });

  test('a batch file is split at each MSH', () => {
    const file = ['FHS|^~\\&|x', 'BHS|^~\\&|x', MSH, 'PID|1', MSH, 'PID|2', 'BTS|2', 'FTS|1'].join('\n');
    expect(splitMessages(file)).toEqual([`${MSH}\rPID|1`, `${MSH}\rPID|2`]);
  });
});

describe('writing', () => {
  test('what is escaped is read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(unescapeText(escapeText(text, STANDARD_DELIMITERS), STANDARD_DELIMITERS)).toBe(text);
      }),
    );
  });

  test('a written message is parsed to the same fields', () => {
    const text = fc.string({ minLength: 1, maxLength: 20 }).map((value) => `x${value}`);
    const field = fc.array(fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (fields) => {
        const written = writeMessage([
          { name: 'MSH', fields: [components('LAB'), ...Array(14).fill([]), components('UNICODE UTF-8')] },
          { name: 'PID', fields },
        ]);
        expect(segmentOf(parseMessage(bytes(written)), 'PID')?.fields.slice(1)).toEqual(fields);
      }),
    );
  });
});

describe.skipIf(!existsSync(SAMPLES))('samples', () => {
  test('every sample is parsed, and no character of any segment is lost', () => {
    const files = readdirSync(SAMPLES).filter((name) => name.endsWith('.hl7'));
    expect(files.length).toBeGreaterThan(20);
    for (const name of files) {
      const source = readFileSync(join(SAMPLES, name));
      for (const text of splitMessages(source.toString('utf8'))) {
        const message = parseMessage(bytes(text));
        expect(message.segments.map((segment) => segment.text).join('\r'), name).toBe(text);
      }
    }
  });
});
