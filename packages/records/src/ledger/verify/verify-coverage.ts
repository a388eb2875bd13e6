import type { PoolClient } from 'pg';
import type { KeyRing } from '../../keys/key-ring.ts';
import { run } from '../../sql/run.ts';
import type { StoredEvent } from '../event-opening.ts';
import { keysOf, openSealed } from '../open-events.ts';
import { readEvent } from '../read-event.ts';
import { type Findings, rowOf } from './finding.ts';
import { checkSubject, checkVersions, type Subject } from './verify-events.ts';
import type { VersionParts } from './verify-version.ts';

/** Rows named for each rule at most. */
const MOST = 200;

/** Rules about rows that nothing leads to: each lists what breaks it. */
const RULES = [
  {
    where: 'resource',
    sentence: 'The store has this version of a record; the log does not.',
    sql: /* sql */ `
      SELECT v.patient, v.rid, v.version
        FROM (SELECT patient, rid, version FROM resource UNION ALL SELECT patient, rid, version FROM resource_history) v
       WHERE NOT EXISTS (SELECT FROM ledger_event e
                          WHERE e.patient = v.patient AND e.rid = v.rid AND e.version = v.version)
         AND NOT EXISTS (SELECT FROM ledger_outbox o
                          WHERE o.patient = v.patient AND o.rid = v.rid AND o.version = v.version)`,
  },
  {
    where: 'ledger_subject',
    sentence: 'The row is the end of a chain that has no events.',
    sql: /* sql */ `
      SELECT s.patient FROM ledger_subject s
       WHERE NOT EXISTS (SELECT FROM ledger_event e WHERE e.patient = s.patient)`,
  },
  {
    where: 'locator',
    sentence: 'The row leads to a record that is not there.',
    sql: /* sql */ `
      SELECT l.patient, l.rid FROM locator l
       WHERE NOT EXISTS (SELECT FROM resource r WHERE r.patient = l.patient AND r.rid = l.rid)`,
  },
] as const;

const EVENTS = 'SELECT count(*) AS events FROM ledger_event';
const MISSING = /* sql */ `
  SELECT leaf FROM generate_series(0::int8, $1::int8 - 1) AS leaf
   WHERE NOT EXISTS (SELECT FROM ledger_event e WHERE e.leaf = leaf.leaf) LIMIT ${MOST}`;
const OUTBOX = /* sql */ `
  SELECT seq, event, patient, rid, version, bucket, kind, sealed FROM ledger_outbox
   WHERE seq > $1 ORDER BY seq LIMIT 1000`;

/** Checks that nothing is there which no event leads to, and that each leaf has its event. */
export async function verifyCoverage(
  client: PoolClient,
  size: number,
  parts: VersionParts & { keys: KeyRing },
  findings: Findings,
): Promise<void> {
  for (const { where, sentence, sql } of RULES) {
    for (const row of await run<Record<string, bigint | number>>(client, { text: `${sql} LIMIT ${MOST}` }, [])) {
      findings.add('unknown', where, rowOf(row), sentence);
    }
  }
  const [counted] = await run<{ events: bigint }>(client, { text: EVENTS }, []);
  if (Number(counted?.events) !== size) {
    for (const { leaf } of await run<{ leaf: bigint }>(client, { text: MISSING }, [size])) {
      findings.add('missing', 'ledger_event', rowOf({ leaf }), 'The log has this leaf; its event was removed.');
    }
  }
  await verifyOutbox(client, parts, findings);
}

/** What waits for the log has no leaf yet, but its seal and its record can be checked. */
async function verifyOutbox(
  client: PoolClient,
  parts: VersionParts & { keys: KeyRing },
  findings: Findings,
): Promise<void> {
  for (let after = -1n; ; ) {
    const rows = await run<StoredEvent & { seq: bigint }>(client, { text: OUTBOX }, [after]);
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
    const ring = await keysOf(parts.keys, rows);
    const subjects: Subject[] = [];
    rows.forEach((row, i) => {
      const name = rowOf({ seq: row.seq });
      const plain = openSealed(row, ring[i]);
      const event = plain && readEvent(plain);
      if (!event)
        findings.add('altered', 'ledger_outbox', name, 'The event does not open: it, or its key, was changed.');
      else if (checkSubject('ledger_outbox', name, { row, event }, parts, findings)) subjects.push({ row, event });
    });
    await checkVersions(client, subjects, parts, findings);
  }
}
