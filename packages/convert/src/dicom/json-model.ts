import type { DataElement, DataSet } from './data-set.ts';

/** An attribute in the DICOM JSON model (PS3.18 §F.2). */
export interface JsonAttribute {
  vr: string;
  Value?: JsonValue[];
  BulkDataURI?: string;
  InlineBinary?: string;
}

export type JsonValue = string | number | null | JsonPersonName | JsonDataSet;

/** The groups of a person's name (PS3.5 §6.2.1.1): Latin, characters, and how these are spoken. */
export interface JsonPersonName {
  Alphabetic?: string;
  Ideographic?: string;
  Phonetic?: string;
}

/** Attributes by tag. */
export type JsonDataSet = { [tag: string]: JsonAttribute };

const BINARY_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);

/**
 * A data set in the DICOM JSON model. Group lengths are left out (PS3.18 §F.2.2 wants them so).
 *
 * @param bulkUri the URI of a large value, by its path: tags and item numbers, such as `54000100/1/54001010`
 */
export function toDicomJson(dataSet: DataSet, bulkUri: (path: string) => string, path = ''): JsonDataSet {
  const json: JsonDataSet = {};
  for (const element of [...dataSet.elements.values()].sort((a, b) => (a.tag < b.tag ? -1 : 1))) {
    if (element.tag.endsWith('0000')) continue;
    json[element.tag] = attribute(dataSet, element, bulkUri, `${path}${element.tag}`);
  }
  return json;
}

function attribute(
  dataSet: DataSet,
  { vr, value }: DataElement,
  bulkUri: (path: string) => string,
  path: string,
): JsonAttribute {
  switch (value.kind) {
    case 'items':
      return withValues(
        'SQ',
        value.items.map((item, at) => toDicomJson(item, bulkUri, `${path}/${at + 1}/`)),
      );
    case 'bytes':
      if (BINARY_VRS.has(vr)) {
        return value.bytes.length === 0 ? { vr } : { vr, InlineBinary: littleEndian(dataSet, vr, value.bytes) };
      }
      return withValues(vr, valuesOf(dataSet, vr, value.bytes));
    default:
      return { vr, BulkDataURI: bulkUri(path) };
  }
}

function withValues(vr: string, values: JsonValue[]): JsonAttribute {
  return values.length === 0 ? { vr } : { vr, Value: values };
}

function valuesOf(dataSet: DataSet, vr: string, bytes: Buffer): JsonValue[] {
  if (bytes.length === 0) return [];
  const read = NUMBERS[vr];
  if (read) {
    const count = Math.floor(bytes.length / read.size);
    return Array.from({ length: count }, (_, at) => read.at(bytes, at * read.size, dataSet.bigEndian));
  }
  const texts = dataSet.textsOf(vr, bytes);
  if (texts.every((text) => text === '')) return [];
  return texts.map((text) => {
    if (text === '') return null;
    if (vr === 'PN') return personName(text);
    if (vr === 'IS' || vr === 'DS') return numberOrText(text);
    return text;
  });
}

/** `Wang^XiaoDong=王^小東`: three groups at most, empty ones left out. */
export function personName(text: string): JsonPersonName {
  const [alphabetic, ideographic, phonetic] = text.split('=').map((group) => group.replace(/[\^ ]+$/, ''));
  return {
    ...(alphabetic && { Alphabetic: alphabetic }),
    ...(ideographic && { Ideographic: ideographic }),
    ...(phonetic && { Phonetic: phonetic }),
  };
}

/** Numbers that JSON cannot hold with all their digits stay text (PS3.18 table F.2.3-1). */
function numberOrText(text: string): number | string {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) && text.length <= 16 ? value : text;
}

interface NumberReader {
  size: number;
  at(bytes: Buffer, at: number, big: boolean): number | string;
}

const NUMBERS: Readonly<Record<string, NumberReader>> = {
  US: { size: 2, at: (bytes, at, big) => (big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at)) },
  SS: { size: 2, at: (bytes, at, big) => (big ? bytes.readInt16BE(at) : bytes.readInt16LE(at)) },
  UL: { size: 4, at: (bytes, at, big) => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) },
  SL: { size: 4, at: (bytes, at, big) => (big ? bytes.readInt32BE(at) : bytes.readInt32LE(at)) },
  FL: { size: 4, at: (bytes, at, big) => finite(big ? bytes.readFloatBE(at) : bytes.readFloatLE(at)) },
  FD: { size: 8, at: (bytes, at, big) => finite(big ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at)) },
  UV: { size: 8, at: (bytes, at, big) => String(big ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at)) },
  SV: { size: 8, at: (bytes, at, big) => String(big ? bytes.readBigInt64BE(at) : bytes.readBigInt64LE(at)) },
  AT: { size: 4, at: (bytes, at, big) => tagText(bytes, at, big) },
};

function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function tagText(bytes: Buffer, at: number, big: boolean): string {
  const [group, element] = big
    ? [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)]
    : [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
  return ((group * 0x10000 + element) >>> 0).toString(16).toUpperCase().padStart(8, '0');
}

/** Bytes of each word of a binary VR: inline values are little endian (PS3.18 §F.2.7). */
const WORDS: Readonly<Record<string, number>> = { OW: 2, OF: 4, OL: 4, OD: 8, OV: 8 };

function littleEndian({ bigEndian }: DataSet, vr: string, bytes: Buffer): string {
  const word = WORDS[vr] ?? 1;
  if (!bigEndian || word === 1 || bytes.length % word !== 0) return bytes.toString('base64');
  const swapped = Buffer.from(bytes);
  if (word === 2) swapped.swap16();
  else if (word === 4) swapped.swap32();
  else swapped.swap64();
  return swapped.toString('base64');
}

/** The first value as text; undefined where there is none, or it is no text or number. */
export function jsonText(json: JsonDataSet, tag: string): string | undefined {
  const value = json[tag]?.Value?.[0];
  if (typeof value === 'string') return value || undefined;
  return typeof value === 'number' ? String(value) : undefined;
}

export function jsonNumber(json: JsonDataSet, tag: string): number | undefined {
  const text = jsonText(json, tag);
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

export function jsonTexts(json: JsonDataSet, tag: string): string[] {
  return (json[tag]?.Value ?? []).filter((value): value is string => typeof value === 'string');
}

/** The items of a sequence. */
export function jsonItems(json: JsonDataSet, tag: string): JsonDataSet[] {
  const attribute = json[tag];
  if (attribute?.vr !== 'SQ') return [];
  return (attribute.Value ?? []).filter((value): value is JsonDataSet => typeof value === 'object' && value !== null);
}

/** A person's name with its groups; undefined where there is none. */
export function jsonName(json: JsonDataSet, tag: string): JsonPersonName | undefined {
  const attribute = json[tag];
  const value = attribute?.vr === 'PN' ? attribute.Value?.[0] : undefined;
  return typeof value === 'object' && value !== null ? (value as JsonPersonName) : undefined;
}
