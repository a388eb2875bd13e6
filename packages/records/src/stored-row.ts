import type { KeyObject } from 'node:crypto';
import type { KeyRing } from './keys/key-ring.ts';
import { decompress } from './sealing/compress.ts';
import { open, recordPlace, SealBroken } from './sealing/seal.ts';
import { METHOD_OF_LETTER } from './sql/write-versions.ts';
import type { StoredVersion } from './store.ts';
import { typeName } from './types.ts';

/** The columns from which a version is opened, the same in `resource` and `resource_history`. */
export interface StoredRow {
  patient: bigint;
  rid: bigint;
  updated: bigint;
  version: number;
  bucket: number;
  type: number;
  method: string;
  body: Buffer;
}

/** To be put after SELECT; `alias` is that of the table. */
export function storedColumns(alias: string): string {
  return ['patient', 'rid', 'updated', 'version', 'bucket', 'type', 'method', 'body']
    .map((column) => `${alias}.${column}`)
    .join(', ');
}

/** A row as visibility is decided on it. */
export interface LabelledRow extends StoredRow {
  /** Labels of the current version, also where the row is a superseded one (see labels.ts). */
  labels: number;
}

/** `storedColumns` of the table `resource`, with the labels. */
export function labelledColumns(alias: string): string {
  return `${storedColumns(alias)}, ${alias}.labels`;
}

/** `storedColumns` of the table `resource_history`, with the labels of the version that stands now. */
export function labelledHistoryColumns(alias: string): string {
  const current = `SELECT c.labels FROM resource c WHERE c.patient = ${alias}.patient AND c.rid = ${alias}.rid`;
  return `${storedColumns(alias)}, COALESCE((${current}), 0) AS labels`;
}

/** An opened version and whose it is. */
export interface OpenedVersion {
  patient: bigint;
  rid: bigint;
  labels: number;
  stored: StoredVersion;
}

/**
 * Opens rows; a row whose key was destroyed is left out as if it were not there, one that does not open with its key
 * throws `SealBroken`: a damaged record is refused, never shown.
 */
export async function openRows(keys: KeyRing, rows: readonly LabelledRow[]): Promise<OpenedVersion[]> {
  const cached = rows.map((row) => keys.cached(row));
  const ring = cached.includes(undefined) ? await keys.existingKeys(rows) : cached;
  const opened: OpenedVersion[] = [];
  rows.forEach((row, i) => {
    const key = ring[i];
    if (key) opened.push({ patient: row.patient, rid: row.rid, labels: row.labels, stored: openRow(row, key) });
  });
  return opened;
}

function openRow(row: StoredRow, key: KeyObject): StoredVersion {
  const type = typeName(row.type);
  const json = decompress(open(key, row.body, recordPlace(row.type, row.rid, row.version, row.bucket, row.patient)));
  const method = METHOD_OF_LETTER[row.method];
  if (!method) throw new SealBroken();
  const deleted = method === 'DELETE';
  return {
    type,
    id: idIn(type, json),
    version: row.version,
    lastUpdated: Number(row.updated),
    deleted,
    json: deleted ? undefined : json,
    method,
  };
}

/** Stored JSON always begins with type and id (see `storedJson`), so the id is read without parsing the rest. */
function idIn(type: string, json: Buffer): string {
  const start = `{"resourceType":"${type}","id":"`.length;
  const end = json.indexOf('"', start);
  if (end < 0) throw new SealBroken();
  return json.toString('latin1', start, end);
}
