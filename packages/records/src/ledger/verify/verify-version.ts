import { hash, type KeyObject } from 'node:crypto';
import { extract, parseJson, type Resource } from '@meridian/fhir';
import type { Ids } from '../../ids.ts';
import { type LabelRules, labelsOf } from '../../labels.ts';
import { NO_INDEX } from '../../prepare.ts';
import { decompress } from '../../sealing/compress.ts';
import { open, recordPlace } from '../../sealing/seal.ts';
import { float8Array, int8Array } from '../../sql/binary-array.ts';
import { METHOD_OF_LETTER } from '../../sql/write-versions.ts';
import type { StoredRow } from '../../stored-row.ts';
import type { TokenNames } from '../../tokens/token-names.ts';
import { tokenize } from '../../tokens/tokenize.ts';
import { typeName } from '../../types.ts';
import type { ReadEvent } from '../read-event.ts';

/** A stored version with its index, which superseded versions do not have. */
export interface VersionRow extends StoredRow {
  current: boolean;
  /** Whether `locator` leads to it. */
  located: boolean;
  date_low: bigint | null;
  date_high: bigint | null;
  present: bigint | null;
  labels: number | null;
  /** The sealed version before it, where this one stands for a deletion. */
  before: Buffer | null;
  before_bucket: number | null;
  /** SHA-256 of the arrays in PostgreSQL's binary form, in hexadecimal; null for an array without elements. */
  tokens: string | null;
  keys: string | null;
  numbers: string | null;
}

export interface VersionParts {
  ids: Ids;
  names: TokenNames;
  baseUrl: string;
  /** Which codes label a record, as when it was written. */
  labels: LabelRules;
}

/** Nesting of a stored record: what the API accepts, and some. */
const DEPTH = 200;

/** What is wrong with a stored version, given the event that recorded it; undefined where all of it holds. */
export function faultOfVersion(
  row: VersionRow,
  key: KeyObject,
  beforeKey: KeyObject | undefined,
  event: ReadEvent,
  parts: VersionParts,
): string | undefined {
  let json: Buffer;
  try {
    json = decompress(open(key, row.body, recordPlace(row.type, row.rid, row.version, row.bucket, row.patient)));
  } catch {
    return 'The sealed record does not open: it was changed, moved or damaged.';
  }
  if (!event.digest || !hash('sha256', json, 'buffer').equals(event.digest)) {
    return 'The record is not the one that was logged.';
  }
  if (Number(row.updated) !== event.at) return 'The time of the last change is not the one that was logged.';
  const method = METHOD_OF_LETTER[row.method];
  if (method === undefined) return 'The kind of write is none.';
  if (!row.current) return undefined;
  const resource = parse(json);
  const labelled = method === 'DELETE' ? deletedFrom(row, beforeKey) : resource;
  if (labelled && row.labels !== labelsOf(labelled, parts.labels))
    return 'The labels of the record do not follow from it.';
  return faultOfIndex(row, method === 'DELETE' ? undefined : resource, parts);
}

/** The record that was deleted: its labels stay. Undefined where it does not open, which is a finding of its own. */
function deletedFrom(row: VersionRow, key: KeyObject | undefined): Resource | undefined {
  if (!row.before || row.before_bucket === null || !key) return undefined;
  try {
    const place = recordPlace(row.type, row.rid, row.version - 1, row.before_bucket, row.patient);
    return parse(decompress(open(key, row.before, place)));
  } catch {
    return undefined;
  }
}

function parse(json: Buffer): Resource {
  return parseJson(json.toString('utf8'), { depth: DEPTH }) as Resource;
}

/** The index must be the one that follows from the record, none for a deleted one: else searches would show something else than was logged. */
function faultOfIndex(row: VersionRow, resource: Resource | undefined, parts: VersionParts): string | undefined {
  const expected = resource
    ? tokenize(typeName(row.type), extract(resource, { baseUrl: parts.baseUrl }), parts.names)
    : NO_INDEX;
  const { tokens, keys, numbers, dateLow, dateHigh, present } = expected;
  const same =
    row.tokens === digestOf(int8Array(tokens), tokens.length) &&
    row.keys === digestOf(int8Array(keys), keys.length) &&
    row.numbers === digestOf(float8Array(numbers), numbers.length) &&
    row.date_low === dateLow &&
    (row.date_high ?? undefined) === dateHigh &&
    row.present === present;
  return same ? undefined : 'The search index of the record does not follow from it.';
}

/** Selects the digest of an array: comparing it takes less than having the array written out as text and read back. */
export function digestColumn(column: string): string {
  return `encode(sha256(array_send(nullif(${column}, '{}'))), 'hex') AS ${column.slice(column.indexOf('.') + 1)}`;
}

function digestOf(array: Buffer, length: number): string | null {
  if (length === 0) return null;
  // the flag for nulls: PostgreSQL writes 0 where there are none
  array.writeInt32BE(0, 4);
  return hash('sha256', array);
}
