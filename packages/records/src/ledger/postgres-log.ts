import { HASH_SIZE, LedgerError, type LogAppend, type LogStorage, parseBundle, treeHasher } from '@meridian/ledger';
import { byteaArray, int2Array, int8Array } from '../sql/binary-array.ts';
import { type Database, prepared, run } from '../sql/run.ts';

const SIZE = prepared('SELECT size FROM ledger_state');
const CONTENT = prepared('SELECT content FROM ledger_tile WHERE level = $1::int2 AND idx = $2');

/** Compare and swap of the size, and the rows only with it: atomic even outside a transaction. */
const COMMIT = prepared(/* sql */ `
  WITH moved AS (UPDATE ledger_state SET size = $2 WHERE size = $1 RETURNING size),
  stored AS (
    INSERT INTO ledger_tile (level, idx, content)
    SELECT i.level, i.idx, i.content
      FROM unnest($3::int2[], $4::int8[], $5::bytea[]) AS i(level, idx, content), moved
    ON CONFLICT (level, idx) DO UPDATE SET content = excluded.content
  )
  SELECT size FROM moved`);

/** An entry bundle never has more entries; a stored one that claims more is damaged. */
const ENTRY_HEADER = 2;

/** The log in PostgreSQL. Give it a client inside a transaction to commit an append together with other rows. */
export class PostgresLog implements LogStorage {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async size(): Promise<number> {
    const [row] = await run<{ size: bigint }>(this.#database, SIZE, []);
    if (!row) throw new LedgerError('not-found', 'The row that says how large the log is has gone; run verify.');
    return Number(row.size);
  }

  /** Tiles of level 0 are worked out from the entries. */
  async tile(level: number, index: number): Promise<Uint8Array | undefined> {
    const content = await this.#content(level, index);
    return content !== undefined && level === 0 ? hashesOf(content) : content;
  }

  bundle(index: number): Promise<Uint8Array | undefined> {
    return this.#content(0, index);
  }

  async commit(append: LogAppend): Promise<void> {
    const rows = append.writes.filter(({ id }) => id.kind === 'entries' || id.level > 0);
    const moved = await run(this.#database, COMMIT, [
      append.oldSize,
      append.size,
      int2Array(rows.map(({ id }) => (id.kind === 'tile' ? id.level : 0))),
      int8Array(rows.map(({ id }) => BigInt(id.index))),
      byteaArray(rows.map(({ bytes }) => bytes)),
    ]);
    if (moved.length === 0) {
      throw new LedgerError('conflict', `The log no longer has ${append.oldSize} leaves; read its edge again.`);
    }
  }

  async #content(level: number, index: number): Promise<Uint8Array | undefined> {
    const [row] = await run<{ content: Buffer }>(this.#database, CONTENT, [level, index]);
    return row?.content;
  }
}

/** The hashes of the tile of level 0 that belongs to a bundle. Throws `bad-bundle` for bytes that are none. */
function hashesOf(bundle: Uint8Array): Uint8Array {
  const entries = parseBundle(bundle, countOf(bundle));
  const hashes = new Uint8Array(entries.length * HASH_SIZE);
  entries.forEach((entry, i) => {
    treeHasher.leafInto(entry, hashes, i * HASH_SIZE);
  });
  return hashes;
}

function countOf(bundle: Uint8Array): number {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.length);
  let count = 0;
  for (let at = 0; at + ENTRY_HEADER <= bundle.length; count++) at += ENTRY_HEADER + view.getUint16(at);
  return count;
}
