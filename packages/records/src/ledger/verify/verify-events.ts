import { formatLeaf, type Leaf, leafOf, treeHasher } from '@meridian/ledger';
import type { PoolClient } from 'pg';
import type { KeyRing } from '../../keys/key-ring.ts';
import { int4Array, int8Array } from '../../sql/binary-array.ts';
import { prepared, run } from '../../sql/run.ts';
import { storedColumns } from '../../stored-row.ts';
import { type EventOpening, openingOfEvent, openingOfSealed, type StoredEvent } from '../event-opening.ts';
import { keysOf, openSealed } from '../open-events.ts';
import { type ReadEvent, readEvent } from '../read-event.ts';
import { Findings, rowOf } from './finding.ts';
import { digestColumn, faultOfVersion, type VersionParts, type VersionRow } from './verify-version.ts';

/** Patients with numbers from `from` to `to`, both included. */
export interface PatientRange {
  from: bigint;
  to: bigint;
}

export interface EventParts extends VersionParts {
  keys: KeyRing;
  /** Told after each batch how many events it had. */
  onProgress: (events: number) => void;
}

interface EventRow extends StoredEvent {
  sequence: bigint;
  leaf: bigint;
  replaced: boolean;
  /** What the log has at that place, with its length in front; null where the log has no such place. */
  entry: Buffer | null;
}

/** An event that was opened, and the row that names the version it is about. */
export interface Subject {
  row: StoredEvent;
  event: ReadEvent;
}

/** Where the walk along a patient's chain is. */
interface ChainEnd {
  patient: bigint;
  events: number;
  leaf: bigint;
  /** Leaf hash of what the log has for the last event. */
  last: Uint8Array | undefined;
}

/** Of an event that came damaged from the outbox. Where its key is gone nobody can tell, and nothing is said. */
const LOST = 'The event was changed before it was logged: what it said is lost.';

const BATCH = 1000;
/** Length of a leaf and of the length before it. */
const ENTRY = 37;

const EVENTS = prepared(/* sql */ `
  SELECT e.patient, e.sequence, e.leaf, e.event, e.rid, e.version, e.bucket, e.kind, e.replaced, e.sealed,
         substr(t.content, (e.leaf % 256)::int4 * ${ENTRY} + 1, ${ENTRY}) AS entry
    FROM ledger_event e LEFT JOIN ledger_tile t ON t.level = 0 AND t.idx = e.leaf / 256
   WHERE (e.patient, e.sequence) > ($1, $2) AND e.patient <= $3
   ORDER BY e.patient, e.sequence LIMIT ${BATCH}`);

const SUBJECTS = prepared('SELECT patient, events, last FROM ledger_subject WHERE patient = ANY ($1::int8[])');

const VERSIONS = prepared(/* sql */ `
  WITH i AS (SELECT * FROM unnest($1::int8[], $2::int8[], $3::int4[]) AS i(patient, rid, version))
  SELECT ${storedColumns('r')}, true AS current, r.date_low, r.date_high, r.present, r.labels,
         b.body AS before, b.bucket AS before_bucket,
         ${['r.tokens', 'r.keys', 'r.numbers'].map(digestColumn).join(', ')},
         EXISTS (SELECT FROM locator l WHERE l.rid = r.rid AND l.patient = r.patient) AS located
    FROM i JOIN resource r USING (patient, rid, version)
    LEFT JOIN resource_history b
      ON r.method = 'D' AND b.patient = r.patient AND b.rid = r.rid AND b.version = r.version - 1
  UNION ALL
  SELECT ${storedColumns('h')}, false, null, null, null, null, null, null, null, null, null, true
    FROM i JOIN resource_history h USING (patient, rid, version)`);

/**
 * Checks every event of these patients against its leaf, every chain for gaps, and every record version against the event
 * that recorded it. Reads in one snapshot: `client` is inside a transaction.
 */
export async function verifyEvents(client: PoolClient, range: PatientRange, parts: EventParts): Promise<Findings> {
  const findings = new Findings();
  let end: ChainEnd | undefined;
  let [patient, sequence] = [range.from, -1n];
  for (;;) {
    const rows = await run<EventRow>(client, EVENTS, [patient, sequence, range.to]);
    const last = rows.at(-1);
    const ended: ChainEnd[] = [];
    const ring = await keysOf(parts.keys, rows);
    const subjects: Subject[] = [];
    for (const [i, row] of rows.entries()) {
      if (end && end.patient !== row.patient) {
        ended.push(end);
        end = undefined;
      }
      end = followChain(row, end, findings);
      const plain = openSealed(row, ring[i]);
      const opening = row.replaced ? openingOfSealed(row) : plain && openingOfEvent(plain);
      if (!opening) reportUnopened(row, ring[i] !== undefined, findings);
      else checkLeaf(row, opening, end, findings);
      if (row.replaced && ring[i] && !plain) findings.add('altered', 'ledger_event', nameOf(row), LOST);
      const event = plain && readEvent(plain);
      if (event && checkSubject('ledger_event', nameOf(row), { row, event }, parts, findings))
        subjects.push({ row, event });
      end.last = row.entry === null ? undefined : treeHasher.leaf(row.entry.subarray(2));
    }
    if (end && !last) ended.push(end);
    await checkEnds(client, ended, findings);
    await checkVersions(client, subjects, parts, findings);
    if (!last) return findings;
    parts.onProgress(rows.length);
    ({ patient, sequence } = last);
  }
}

function nameOf(row: { patient: bigint; sequence: bigint; leaf: bigint }): string {
  return rowOf({ patient: row.patient, sequence: row.sequence, leaf: row.leaf });
}

function followChain(row: EventRow, before: ChainEnd | undefined, findings: Findings): ChainEnd {
  const expected = before?.events ?? 0;
  if (Number(row.sequence) !== expected) {
    const gap = rowOf({ patient: row.patient, sequence: expected });
    findings.add('missing', 'ledger_event', gap, 'The chain of the patient has a gap: an event was removed.');
  }
  if (before && row.leaf <= before.leaf) {
    findings.add('altered', 'ledger_event', nameOf(row), 'The event stands before the one it follows.');
  }
  return { patient: row.patient, events: Number(row.sequence) + 1, leaf: row.leaf, last: before?.last };
}

function reportUnopened(row: EventRow, hasKey: boolean, findings: Findings): void {
  if (hasKey) findings.add('altered', 'ledger_event', nameOf(row), 'The sealed event does not open: it was changed.');
  else findings.add('no-key', 'ledger_event', nameOf(row), 'The key that seals the event is missing or damaged.');
}

function checkLeaf(row: EventRow, opening: EventOpening, chain: ChainEnd, findings: Findings): void {
  const sequence = Number(row.sequence);
  const previous = sequence === 0 ? undefined : chain.last;
  let leaf: Leaf | undefined;
  try {
    leaf = leafOf({ ...opening, sequence, previous });
  } catch {
    // a sequence that no chain can have, or a chain that begins in its middle: it fits no leaf
  }
  const fits = leaf && row.entry?.subarray(2).equals(formatLeaf(leaf));
  if (!fits) findings.add('altered', 'ledger_event', nameOf(row), 'The event does not fit its leaf in the log.');
}

/** Whether the event is about one version, and the row names that one; a row that names another is a finding. */
export function checkSubject(
  where: string,
  name: string,
  { row, event }: Subject,
  { ids }: VersionParts,
  findings: Findings,
): boolean {
  const { type, id, version } = subjectOf(event);
  // of all kinds, just those that record one version have its digest
  const named = event.digest
    ? row.rid === ids.rid(type, id) && row.version === version && event.subjects.length === 1
    : row.rid === null && row.version === null;
  if (named && event.kind === row.kind) return row.rid !== null;
  findings.add('altered', where, name, 'The row names another resource than its event.');
  return false;
}

function subjectOf(event: ReadEvent): { type: string; id: string; version: number } {
  const [, type = '', id = '', version] = /^([^/]+)\/([^/]+)\/_history\/(\d+)$/.exec(event.subjects[0] ?? '') ?? [];
  return { type, id, version: Number(version) };
}

async function checkEnds(client: PoolClient, ends: readonly ChainEnd[], findings: Findings): Promise<void> {
  if (ends.length === 0) return;
  const rows = await run<{ patient: bigint; events: bigint; last: Buffer }>(client, SUBJECTS, [
    int8Array(ends.map(({ patient }) => patient)),
  ]);
  const stored = new Map(rows.map((row) => [row.patient, row]));
  for (const { patient, events, last } of ends) {
    const row = stored.get(patient);
    const name = rowOf({ patient });
    if (!row) findings.add('missing', 'ledger_subject', name, 'The end of the chain of the patient is not kept.');
    else if (Number(row.events) !== events || !last || !row.last.equals(last)) {
      findings.add('altered', 'ledger_subject', name, 'The kept end of the chain is not its last event.');
    }
  }
}

/** Checks the versions that events are about: there, sealed, as they were logged, indexed and found by their ids. */
export async function checkVersions(
  client: PoolClient,
  subjects: readonly Subject[],
  parts: VersionParts & { keys: KeyRing },
  findings: Findings,
): Promise<void> {
  if (subjects.length === 0) return;
  const rows = await run<VersionRow>(client, VERSIONS, [
    int8Array(subjects.map(({ row }) => row.patient)),
    int8Array(subjects.map(({ row }) => row.rid ?? undefined)),
    int4Array(subjects.map(({ row }) => row.version ?? undefined)),
  ]);
  const ring = await keysOf(parts.keys, rows);
  const before = await keysOf(
    parts.keys,
    rows.map(({ patient, bucket, before_bucket }) => ({ patient, bucket: before_bucket ?? bucket })),
  );
  const events = new Map(subjects.map(({ row, event }) => [`${row.patient}/${row.rid}/${row.version}`, event]));
  rows.forEach((row, i) => {
    const name = `${row.patient}/${row.rid}/${row.version}`;
    const event = events.get(name);
    events.delete(name);
    if (!event) return;
    const key = ring[i];
    const table = row.current ? 'resource' : 'resource_history';
    const place = rowOf({ patient: row.patient, rid: row.rid, version: row.version });
    if (!key) findings.add('no-key', table, place, 'The key that seals the record is missing or damaged.');
    else {
      const fault = faultOfVersion(row, key, before[i], event, parts);
      if (fault !== undefined) findings.add('altered', table, place, fault);
    }
    const { type, id } = subjectOf(event);
    if (!row.located && parts.ids.hint(type, id) !== row.patient) {
      findings.add('missing', 'locator', rowOf({ rid: row.rid }), 'The record cannot be found by its id any more.');
    }
  });
  for (const name of events.keys()) {
    const [patient, rid, version] = name.split('/');
    const place = `patient ${patient} rid ${rid} version ${version}`;
    findings.add('missing', 'resource', place, 'The log has this version of a record; the store does not.');
  }
}
