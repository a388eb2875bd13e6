import { hash } from 'node:crypto';
import { extract, patientIdOf, type Resource, stringifyJson } from '@meridian/fhir';
import { type Ids, NOBODY } from './ids.ts';
import { type LabelRules, labelsOf } from './labels.ts';
import { bucketOf } from './sealing/bucket.ts';
import { compress } from './sealing/compress.ts';
import type { StoredVersion } from './store.ts';
import { type IndexColumns, NO_CODE, NO_DATE } from './tokens/columns.ts';
import type { TokenNames } from './tokens/token-names.ts';
import { tokenize } from './tokens/tokenize.ts';
import { typeNumber } from './types.ts';

/** A record version ready to be sealed and written. Made without input or output, so workers can make it. */
export interface PreparedVersion {
  patient: bigint;
  rid: bigint;
  type: number;
  bucket: number;
  stored: StoredVersion;
  /** Compressed JSON, not yet sealed. */
  packed: Buffer;
  /** SHA-256 of the JSON. */
  digest: Buffer;
  columns: IndexColumns;
  /** See labels.ts. */
  labels: number;
  /** Where the id by itself points to, if that is not where the record is, so that the locator must tell. */
  hint: bigint | undefined;
}

/** What preparing needs to know of the installation. */
export interface Preparer {
  ids: Ids;
  names: TokenNames;
  /** Base URL below which absolute references count as our own. */
  baseUrl: string;
  labels: LabelRules;
}

/** The index of a deleted resource. */
export const NO_INDEX: IndexColumns = {
  tokens: BigInt64Array.of(NO_CODE),
  keys: new BigInt64Array(),
  numbers: new Float64Array(),
  dateLow: NO_DATE,
  dateHigh: undefined,
  present: 0n,
  coded: [],
};

/** Makes the stored form of one version: bytes with `id` and `meta` in front, digest, index columns, bucket. */
export function prepareVersion(
  preparer: Preparer,
  resource: Resource,
  version: { id: string; number: number; at: number; method: StoredVersion['method'] },
): PreparedVersion {
  const { resourceType } = resource;
  const json = storedJson(resource, version.id, version.number, version.at);
  const values = extract(resource, { baseUrl: preparer.baseUrl });
  return {
    ...place(preparer, resource, version.id, version.at),
    stored: {
      type: resourceType,
      id: version.id,
      version: version.number,
      lastUpdated: version.at,
      deleted: false,
      json,
      method: version.method,
    },
    packed: compress(json),
    digest: hash('sha256', json, 'buffer'),
    columns: tokenize(resourceType, values, preparer.names),
    labels: labelsOf(resource, preparer.labels),
  };
}

/** The version that stands for a deletion: nothing but type and id, no index. */
export function prepareDeletion(
  current: { patient: bigint; rid: bigint; labels: number; stored: StoredVersion },
  at: number,
): PreparedVersion {
  const { type, id, version } = current.stored;
  const json = Buffer.from(JSON.stringify({ resourceType: type, id }));
  return {
    patient: current.patient,
    rid: current.rid,
    type: typeNumber(type),
    bucket: bucketOf(type, current.patient !== NOBODY, at),
    stored: { type, id, version: version + 1, lastUpdated: at, deleted: true, json: undefined, method: 'DELETE' },
    packed: compress(json),
    digest: hash('sha256', json, 'buffer'),
    columns: NO_INDEX,
    // what was deleted stays as closed as it was
    labels: current.labels,
    hint: undefined,
  };
}

function place(
  { ids, baseUrl }: Preparer,
  resource: Resource,
  id: string,
  at: number,
): Pick<PreparedVersion, 'patient' | 'rid' | 'type' | 'bucket' | 'hint'> {
  const type = resource.resourceType;
  const rid = ids.rid(type, id);
  const patient = type === 'Patient' ? rid : ids.patient(patientIdOf(resource, baseUrl));
  const hint = ids.hint(type, id);
  return {
    patient,
    rid,
    type: typeNumber(type),
    bucket: bucketOf(type, patient !== NOBODY, at),
    hint: hint === patient ? undefined : hint,
  };
}

/**
 * The JSON that is stored and answered: `resourceType`, `id` and `meta` first, then the rest in the caller's order, with
 * decimals as they were written.
 */
export function storedJson(resource: Resource, id: string, version: number, at: number): Buffer {
  const { resourceType, id: ownId, meta } = resource;
  const stamped = { ...meta, versionId: String(version), lastUpdated: new Date(at).toISOString() };
  const head = `{"resourceType":"${resourceType}","id":"${id}","meta":${JSON.stringify(stamped)}`;
  // stringify leaves undefined members out; the object itself is kept, for it carries the digits of its decimals
  const members: Record<string, unknown> = resource;
  members.resourceType = members.id = members.meta = undefined;
  const rest = stringifyJson(resource);
  members.resourceType = resourceType;
  members.id = ownId;
  members.meta = meta;
  return Buffer.from(rest === '{}' ? `${head}}` : `${head},${rest.slice(1)}`);
}
