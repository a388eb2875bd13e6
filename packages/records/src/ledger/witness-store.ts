import type { TreeHead, WitnessRecord, WitnessStore } from '@meridian/ledger';
import type { Pool } from 'pg';
import { prepared, run } from '../sql/run.ts';

const READ = prepared('SELECT size, root, note FROM witness_record WHERE origin = $1');
const INSERT = prepared(/* sql */ `
  INSERT INTO witness_record (origin, size, root, note) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING RETURNING origin`);
const REPLACE = prepared(/* sql */ `
  UPDATE witness_record SET size = $2, root = $3, note = $4
   WHERE origin = $1 AND size = $5 AND root = $6 RETURNING origin`);

/** What this installation cosigned for other logs. Check and write are one statement, so it serves several processes. */
export class PostgresWitnessStore implements WitnessStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async latest(origin: string): Promise<WitnessRecord | undefined> {
    const [row] = await run<{ size: bigint; root: Buffer; note: string }>(this.#pool, READ, [origin]);
    return row && { size: Number(row.size), root: row.root, note: row.note };
  }

  async replace(origin: string, previous: TreeHead | undefined, next: WitnessRecord): Promise<boolean> {
    const values = [origin, next.size, Buffer.from(next.root), next.note];
    const rows = previous
      ? await run(this.#pool, REPLACE, [...values, previous.size, Buffer.from(previous.root)])
      : await run(this.#pool, INSERT, values);
    return rows.length === 1;
  }
}
