import type { Readable } from 'node:stream';
import type { Issue, Resource, SearchQuery } from '@meridian/fhir';
import type { StoreEvent } from './events/record-events.ts';
import type { Context, ViewContext } from './view-context.ts';

export type { Context, ViewContext } from './view-context.ts';

/** One version of a resource as it was stored. */
export interface StoredVersion {
  type: string;
  id: string;
  /** 1, 2, 3 …: `meta.versionId`. */
  version: number;
  /** Epoch milliseconds: `meta.lastUpdated`. */
  lastUpdated: number;
  /** A deleted version has no `json`. */
  deleted: boolean;
  /** The whole resource as UTF-8 JSON, `id` and `meta` included: answers send these bytes as they are. */
  json: Buffer | undefined;
  /** How this version came to be (history entries show it). */
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
}

/** One write. `If-Match` and the conditional forms are decided inside the same transaction as the write. */
export type Write =
  | {
      op: 'create';
      resource: Resource;
      /** Chosen by the caller's own rules (transactions assign ids before they rewrite references). */
      id?: string;
      /** `If-None-Exist`. */
      ifNoneExist?: SearchQuery;
    }
  | {
      op: 'update';
      /** With `id`. Creates the resource where there is none. */
      resource: Resource;
      ifMatch?: number;
      /** `If-None-Match: *`: only if there is none yet. */
      onlyIfNew?: boolean;
      method?: 'PUT' | 'PATCH';
    }
  | { op: 'delete'; type: string; id: string; ifMatch?: number };

export interface WriteResult {
  /** `unchanged`: an update equal to what stands, or a conditional create that found its match. */
  outcome: 'created' | 'updated' | 'unchanged' | 'deleted' | 'absent';
  stored: StoredVersion;
  /** The event in the ledger's outbox that records this write. Absent where nothing changed. */
  event?: string;
}

export interface SearchPage {
  matches: readonly StoredVersion[];
  /** By `_include` and `_revinclude`; never repeats a match. */
  included: readonly StoredVersion[];
  /** Present when asked for. */
  total?: number;
  /** Opaque cursors of the pages around this one. */
  next?: string;
}

export interface HistoryPage {
  /** Newest first. */
  versions: readonly StoredVersion[];
  next?: string;
}

/** What the history is of: the whole system, one type, or one resource. */
export interface HistoryRequest {
  type?: string;
  id?: string;
  /** `_since`, epoch milliseconds, inclusive. */
  since?: number;
  /** `_at`, epoch milliseconds. */
  at?: number;
  count?: number;
  cursor?: string;
}

/** What a bulk export sends: whole types, one line of JSON for each resource, oldest change first. */
export interface ScanRequest {
  type: string;
  /** Only resources in the compartments of these Patients. */
  patients?: readonly string[];
  /** Epoch milliseconds, inclusive. */
  since?: number;
  /** Where an interrupted scan stopped: the `cursor` of the last batch that was kept. */
  cursor?: string;
}

/**
 * The record store. Every method commits its events before it answers; writes are durable when the promise resolves.
 * What the context's visibility hides is answered as what does not exist.
 *
 * Errors: `StoreError` (see errors.ts) with a FHIR issue code and the sentence for the caller; anything else is a bug.
 */
export interface RecordStore {
  /** The current version, deleted or not; undefined where there never was one. */
  read(type: string, id: string, context: ViewContext): Promise<StoredVersion | undefined>;
  /** Many at once, in the order asked (for transactions, `_include` of callers, group export). */
  readMany(
    references: readonly { type: string; id: string }[],
    context: ViewContext,
  ): Promise<(StoredVersion | undefined)[]>;
  vread(type: string, id: string, version: number, context: ViewContext): Promise<StoredVersion | undefined>;
  history(request: HistoryRequest, context: ViewContext): Promise<HistoryPage>;
  search(query: SearchQuery, context: ViewContext): Promise<SearchPage>;
  /** One write, committed together with whatever else is under way. */
  write(write: Write, context: ViewContext): Promise<WriteResult>;
  /** All or nothing, in the order of FHIR's transaction rules (DELETE, POST, PUT/PATCH). */
  writeAll(writes: readonly Write[], context: ViewContext): Promise<WriteResult[]>;
  /** Batches of stored versions, bounded in memory; used by export. */
  scan(request: ScanRequest, context: ViewContext): AsyncIterable<{ versions: StoredVersion[]; cursor: string }>;
  /** A new server-assigned id for a resource of this patient (`undefined`: of nobody). */
  newId(patientId: string | undefined): string;
  /** The number under which the record of the Patient with this id is kept: in rules, and in changes. */
  patientNumber(patientId: string): bigint;
  /** Whether the context may see this version (undefined: the current one), without a view of it on record. */
  sees(type: string, id: string, version: number | undefined, context: ViewContext): Promise<boolean>;
  /** For decisions about visibility itself: nobody sees what is found, so no view is recorded and no rule asked. */
  evidence: Evidence;
  /** Commits events that stand for themselves. Answers their numbers, 16 hexadecimal digits each, which lead to receipts. */
  record(events: readonly StoreEvent[]): Promise<string[]>;
  /** Told of committed views, of this process. Must not throw. Answers how to stop listening. */
  onSeen(listener: (seen: SeenEvent) => void): () => void;
  /** Told of committed writes (see `Change`). Answers how to stop listening. */
  onCommitted(listener: (change: Change) => void): () => void;
  blobs: BlobStore;
  close(): Promise<void>;
}

/** Somebody saw something of one patient's record, and it is on record. */
export interface SeenEvent {
  /** Number of the event: 16 hexadecimal digits. */
  event: string;
  context: Context;
  /** By what it was allowed. */
  basis?: string;
  /** One of the versions that were seen. */
  sample: StoredVersion;
}

/** What decisions about visibility are made from. */
export interface Evidence {
  read(type: string, id: string): Promise<StoredVersion | undefined>;
  /** @param patient only in the record of the patient with this number */
  search(query: SearchQuery, patient?: bigint): Promise<SearchPage>;
  /** The different patients among the matches, at most `limit`; nothing is opened. */
  patients(query: SearchQuery, limit: number): Promise<bigint[]>;
}

/**
 * A committed write. Of those of this process listeners hear before the write is answered. Of other processes they hear
 * soon after, without the id, and only of the types in `WATCHED` (changes/watched.ts). While other processes cannot be
 * heard, nothing that depends on them may be believed for long: when they can be heard again, listeners are told of every
 * watched type, without id and patient.
 */
export interface Change {
  type: string;
  id: string | undefined;
  patient: bigint | undefined;
}

/** Where a blob belongs: its keys and its deduplication are the patient's own. */
export interface BlobOwner {
  /** Logical id of the Patient, or undefined for what belongs to nobody. */
  patientId?: string;
}

export interface BlobInfo {
  /** Hex SHA-256 of the plain content. Known to the API; on disk only a keyed name appears. */
  digest: string;
  /** Bytes. */
  size: number;
}

/** Content-addressed, encrypted, chunked; constant memory at any size. */
export interface BlobStore {
  /** Reads the stream to its end. Rejects with `too-long` above `limit` bytes and leaves nothing behind. */
  put(owner: BlobOwner, content: Readable, limit: number): Promise<BlobInfo>;
  /** `range` is [start, end) in bytes of the plain content; undefined where there is no such blob. */
  get(
    owner: BlobOwner,
    digest: string,
    range?: { start: number; end: number },
  ): Promise<{ info: BlobInfo; content: Readable } | undefined>;
  stat(owner: BlobOwner, digest: string): Promise<BlobInfo | undefined>;
  /** Forgets the owner's hold on a blob; its chunks go when nobody holds them. */
  release(owner: BlobOwner, digest: string): Promise<void>;
}

/** A unit of a bulk import: one Bundle, or lines of JSON with one resource each. */
export interface ImportUnit {
  format: 'bundle' | 'ndjson';
  /** UTF-8, at most 64 MB. */
  body: Uint8Array;
}

/** What became of the resources of one type, or of all. `read` is the sum of the others. */
export interface ImportCounts {
  read: number;
  created: number;
  updated: number;
  /** Already stored with the same content: importing again changes nothing. */
  unchanged: number;
  rejected: number;
}

export interface ImportReport {
  total: ImportCounts;
  byType: Record<string, ImportCounts>;
  /** The first 1,000 refused resources, each with why. `index` counts entries or lines from 0. */
  rejected: { index: number; type?: string; id?: string; issues: Issue[] }[];
}

/** Takes in whole archives: resources keep their ids, so that sending a unit again stores nothing twice. */
export interface BulkImport {
  run(unit: ImportUnit, context: Context): Promise<ImportReport>;
  close(): Promise<void>;
}
