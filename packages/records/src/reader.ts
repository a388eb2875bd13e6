import type { Pool } from 'pg';
import { Group } from './group.ts';
import type { Ids } from './ids.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { int8Array } from './sql/binary-array.ts';
import { type Database, prepared, run, unplanned } from './sql/run.ts';
import {
  type LabelledRow,
  labelledColumns,
  labelledHistoryColumns,
  type OpenedVersion,
  openRows,
} from './stored-row.ts';

/** What a read asks for. */
export interface ResourceName {
  type: string;
  id: string;
}

const CURRENT = prepared(/* sql */ `
  SELECT i.n::int4 AS n, ${labelledColumns('r')}
    FROM unnest(${unplanned(1, 'int8[]')}, ${unplanned(2, 'int8[]')}) WITH ORDINALITY AS i(hint, rid, n)
    JOIN LATERAL (
      SELECT * FROM resource
       WHERE resource.patient = COALESCE((SELECT l.patient FROM locator l WHERE l.rid = i.rid), i.hint)
         AND resource.rid = i.rid
    ) r ON true`);

const VERSION = prepared(/* sql */ `
  WITH owner AS (SELECT COALESCE((SELECT l.patient FROM locator l WHERE l.rid = $2), $1::int8) AS patient)
  SELECT ${labelledColumns('r')} FROM resource r
   WHERE r.patient = (SELECT patient FROM owner) AND r.rid = $2 AND r.version = $3
  UNION ALL
  SELECT ${labelledHistoryColumns('h')} FROM resource_history h
   WHERE h.patient = (SELECT patient FROM owner) AND h.rid = $2 AND h.version = $3`);

/** Reads by id. What many requests want at the same time is fetched by one statement. */
export class Reader {
  readonly #pool: Pool;
  readonly #ids: Ids;
  readonly #keys: KeyRing;
  readonly #group: Group<ResourceName, OpenedVersion | undefined>;

  constructor(pool: Pool, ids: Ids, keys: KeyRing) {
    this.#pool = pool;
    this.#ids = ids;
    this.#keys = keys;
    // one at a time: a second statement under way would take requests from the first and cost as much again
    this.#group = new Group((names) => this.currentOf(pool, names), { most: 64, parallel: 1, queue: 10_000 });
  }

  /** The current version, deleted ones included; together with other reads under way. */
  current(name: ResourceName): Promise<OpenedVersion | undefined> {
    return this.#group.submit(name);
  }

  /** The current versions of many, in the order asked. */
  async currentOf(database: Database, names: readonly ResourceName[]): Promise<(OpenedVersion | undefined)[]> {
    const rows = await run<LabelledRow & { n: number }>(database, CURRENT, [
      int8Array(names.map((name) => this.#ids.hint(name.type, name.id))),
      int8Array(names.map((name) => this.#ids.rid(name.type, name.id))),
    ]);
    const opened = await openRows(this.#keys, rows);
    const byRid = new Map(opened.map((version) => [version.rid, version]));
    return names.map((name) => {
      const found = byRid.get(this.#ids.rid(name.type, name.id));
      return found && isNamed(found, name) ? found : undefined;
    });
  }

  /** One version, current or superseded. */
  async version(name: ResourceName, version: number): Promise<OpenedVersion | undefined> {
    const rows = await run<LabelledRow>(this.#pool, VERSION, [
      this.#ids.hint(name.type, name.id),
      this.#ids.rid(name.type, name.id),
      version,
    ]);
    const [found] = await openRows(this.#keys, rows);
    return found && isNamed(found, name) ? found : undefined;
  }

  get backlog(): number {
    return this.#group.backlog;
  }
}

/** Guards against the one-in-2^64 chance that two names share a token. */
function isNamed(version: OpenedVersion, name: ResourceName): boolean {
  return version.stored.id === name.id && version.stored.type === name.type;
}
