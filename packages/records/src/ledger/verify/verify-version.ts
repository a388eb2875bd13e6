import { hash, type KeyObject } from 'node:crypto';
import { extract, parseJson, type Resource } from '@meridian/fhir';
import type { Ids } from '../../ids.ts';
import { NO_INDEX } from '../../prepare.ts';
import { decompress } from '../../sealing/compress.ts';
import { open, recordPlace } from '../../sealing/seal.ts';
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
  /** Arrays as PostgreSQL writes them. */
  tokens: string | null;
  keys: string | null;
  numbers: string | null;
}

export interface VersionParts {
  ids: Ids;
  names: TokenNames;
  baseUrl: string;
}

/** Nesting of a stored record: what the API accepts, and some. */
const DEPTH = 200;

/** What is wrong with a stored version, given the event that recorded it; undefined where all of it holds. */
export function faultOfVersion(
  row: VersionRow,
  key: KeyObject,
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
  return row.current ? faultOfIndex(row, json, method === 'DELETE', parts) : undefined;
}

/** The index must be the one that follows from the record: else searches would show something else than was logged. */
function faultOfIndex(row: VersionRow, json: Buffer, deleted: boolean, parts: VersionParts): string | undefined {
  const resource = parseJson(json.toString('utf8'), { depth: DEPTH }) as Resource;
  const expected = deleted
    ? NO_INDEX
    : tokenize(typeName(row.type), extract(resource, { baseUrl: parts.baseUrl }), parts.names);
  const { tokens, keys, numbers, dateLow, dateHigh, present } = expected;
  const same =
    sameText(row.tokens, tokens) &&
    sameText(row.keys, keys) &&
    sameNumbers(row.numbers, numbers) &&
    row.date_low === dateLow &&
    (row.date_high ?? undefined) === dateHigh &&
    row.present === present;
  return same ? undefined : 'The search index of the record does not follow from it.';
}

function sameText(stored: string | null, expected: Iterable<bigint>): boolean {
  return (stored ?? '{}') === `{${[...expected].join(',')}}`;
}

function sameNumbers(stored: string | null, expected: Iterable<number>): boolean {
  const text = (stored ?? '{}').slice(1, -1);
  const numbers = text === '' ? [] : text.split(',').map(Number);
  const wanted = [...expected];
  return numbers.length === wanted.length && numbers.every((number, i) => Object.is(number, wanted[i]));
}
