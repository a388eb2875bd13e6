import { ConversionError } from '../evidence/converter.ts';
import { decodeMessage } from './character-set.ts';
import type { Delimiters } from './delimiters.ts';
import { unescapeText } from './escapes.ts';
import type { Component, Field, Message, Repetition, Segment } from './message.ts';

/** Bounds of one message. What is larger is refused, never cut. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_SEGMENTS = 100_000;
const MOST_FIELDS = 1000;
const MOST_REPETITIONS = 10_000;

/**
 * Parses one message (HL7 v2.1 to 2.9, vertical bar encoding). Segments end with CR as the standard has it, or with LF or
 * CR LF as files have it. Throws ConversionError with the place.
 */
export function parseMessage(bytes: Uint8Array): Message {
  if (bytes.length > MOST_BYTES) throw new ConversionError('The message is larger than 64 MB; send its parts.');
  const { text, characterSet } = decodeMessage(bytes);
  return parseText(text, characterSet);
}

/** The same for a text that is decoded already. */
export function parseText(text: string, characterSet: string): Message {
  const start = text.search(/\S/);
  const body = start < 0 ? '' : text.slice(text.charCodeAt(start) === 0xfeff ? start + 1 : start);
  if (!body.startsWith('MSH') || body.length < 8) {
    throw new ConversionError('This is no HL7 v2 message: it must begin with MSH and its delimiters.', 'byte 0');
  }
  const delimiters = delimitersOf(body);
  const lines = body.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  if (lines.length > MOST_SEGMENTS) throw new ConversionError(`The message has more than ${MOST_SEGMENTS} segments.`);
  return { delimiters, characterSet, segments: lines.map((line, index) => parseSegment(line, index, delimiters)) };
}

/** MSH-1 and MSH-2 (§2.14.9.1 and .2). */
function delimitersOf(text: string): Delimiters {
  const field = text.charAt(3);
  const rest = text.slice(4).split(/[\r\n]/, 1)[0] ?? '';
  const encoding = rest.slice(0, rest.indexOf(field) < 0 ? rest.length : rest.indexOf(field));
  const [component = '', repetition = '', mark = '', subcomponent = '', truncation] = encoding;
  const all = [field, ...encoding];
  const bad = all.some((character) => /[A-Za-z0-9\s]/.test(character)) || new Set(all).size !== all.length;
  if (bad || component === '' || encoding.length > 5) {
    throw new ConversionError(
      'MSH-1 and MSH-2 must be different punctuation characters, such as |^~\\&.',
      'segment 1 (MSH), field 2',
    );
  }
  return { field, component, repetition, escape: mark, subcomponent, truncation };
}

function parseSegment(text: string, index: number, delimiters: Delimiters): Segment {
  const name = text.slice(0, 3);
  const isHeader = name === 'MSH' || name === 'FHS' || name === 'BHS';
  if (!/^[A-Z][A-Z0-9]{2}$/.test(name) || (text.length > 3 && text.charAt(3) !== delimiters.field)) {
    throw new ConversionError(
      'A segment must begin with its three-character name and the field separator.',
      placeOf(index),
    );
  }
  const parts = text.split(delimiters.field);
  if (parts.length > MOST_FIELDS)
    throw new ConversionError(`A segment may have ${MOST_FIELDS} fields.`, placeOf(index));
  const read = (part: string, number: number): Field => parseField(part, delimiters, index, number);
  if (!isHeader) return { name, index, text, fields: [[], ...parts.slice(1).map((part, i) => read(part, i + 1))] };
  const encoding = parts[1] ?? '';
  const fields = [
    [],
    literal(delimiters.field),
    literal(encoding),
    ...parts.slice(2).map((part, i) => read(part, i + 3)),
  ];
  return { name, index, text, fields };
}

/** Where an error is: built only for an error, for a message has thousands of places. */
function placeOf(segment: number): string {
  return `segment ${segment + 1}`;
}

function literal(text: string): Field {
  return [[[text]]];
}

function parseField(text: string, delimiters: Delimiters, segment: number, number: number): Field {
  if (text === '') return [];
  const { repetition } = delimiters;
  const parts = repetition === '' || !text.includes(repetition) ? [text] : text.split(repetition);
  if (parts.length > MOST_REPETITIONS)
    throw new ConversionError(
      `A field may have ${MOST_REPETITIONS} repetitions.`,
      `${placeOf(segment)}, field ${number}`,
    );
  return parts.map((part) => parseRepetition(part, delimiters));
}

function parseRepetition(text: string, delimiters: Delimiters): Repetition {
  const { component } = delimiters;
  const parts = text.includes(component) ? text.split(component) : [text];
  return parts.map((part) => parseComponent(part, delimiters));
}

function parseComponent(text: string, delimiters: Delimiters): Component {
  const { subcomponent } = delimiters;
  const parts = subcomponent !== '' && text.includes(subcomponent) ? text.split(subcomponent) : [text];
  return parts.map((part) => unescapeText(part, delimiters));
}

/** A byte order mark, and the characters around a message in MLLP (start and end of block). */
const FRAMING = /^[\ufeff\v]+|\p{Cc}$/gu;

/**
 * The messages of a file: one, several one after another, or a batch (FHS, BHS … BTS, FTS; §2.10.3). A message begins at
 * each MSH.
 */
export function splitMessages(text: string): string[] {
  const messages: string[] = [];
  let current: string[] | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const bare = line.replaceAll(FRAMING, '');
    if (bare.startsWith('MSH')) {
      if (current) messages.push(current.join('\r'));
      current = [bare];
    } else if (/^(?:FHS|BHS|BTS|FTS)/.test(bare)) {
      if (current) messages.push(current.join('\r'));
      current = undefined;
    } else if (current && bare !== '') current.push(bare);
  }
  if (current) messages.push(current.join('\r'));
  return messages;
}
