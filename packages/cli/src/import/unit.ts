import { isResourceType } from '@meridian/fhir';
import type { Source } from './source.ts';

/** What is sent to the server in one request: a Bundle, one resource, or lines with one resource each. */
export interface Batch {
  format: 'bundle' | 'ndjson';
  body: Buffer;
  /** The type of each resource in the order of the body, as we read it: the server's count is held against this one. */
  types: readonly string[];
}

/** A part of a file that is sent in one request. */
export interface Unit extends Batch {
  source: Source;
  /** Its place among the units of its source, from 0. */
  ordinal: number;
  /** Where each resource stands in its source: entries or lines, from 0. */
  indexes: readonly number[];
  /** How much of the source's size was read for this unit. */
  share: number;
}

/** Bytes of one request, the server's limit. */
export const LARGEST_UNIT = 64 * 1024 * 1024;

/** What stands in tables for what has no known resource type. Its own name may be anything, so it is not shown. */
export const NO_TYPE = '(no FHIR type)';

/** The name of a resource type as it may stand in a table. */
export function typeName(name: unknown): string {
  return typeof name === 'string' && isResourceType(name) ? name : NO_TYPE;
}

/** Whether parsed JSON is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
