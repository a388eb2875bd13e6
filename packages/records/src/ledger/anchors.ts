import type { Anchor } from '@meridian/ledger';
import { type Database, prepared, run } from '../sql/run.ts';

/** A head of the log that a chain holds. */
export type AnchorRecord = Omit<Anchor, 'consistency'>;

interface AnchorRow {
  size: bigint;
  chain_id: bigint;
  block: bigint;
  root: Buffer;
  contract: Buffer;
  transaction: Buffer;
}

const WRITE = prepared(/* sql */ `
  INSERT INTO ledger_anchor (size, chain_id, block, root, contract, transaction) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (size) DO UPDATE
    SET (chain_id, block, root, contract, transaction) =
        (excluded.chain_id, excluded.block, excluded.root, excluded.contract, excluded.transaction)`);
const OLDEST_AFTER = prepared('SELECT * FROM ledger_anchor WHERE size > $1 ORDER BY size LIMIT 1');
const LARGEST = prepared('SELECT * FROM ledger_anchor ORDER BY size DESC LIMIT 1');
const ALL = prepared('SELECT * FROM ledger_anchor ORDER BY size');

/** Keeps where a head was anchored; a head that had to be anchored again takes the place of the first time. */
export async function recordAnchor(database: Database, anchor: AnchorRecord): Promise<void> {
  await run(database, WRITE, [
    anchor.size,
    anchor.chainId,
    anchor.blockNumber,
    Buffer.from(anchor.root),
    Buffer.from(anchor.contract.slice(2), 'hex'),
    Buffer.from(anchor.transactionHash.slice(2), 'hex'),
  ]);
}

/** The first anchor that contains leaf `leaf`. */
export async function anchorOf(database: Database, leaf: number): Promise<AnchorRecord | undefined> {
  const [row] = await run<AnchorRow>(database, OLDEST_AFTER, [leaf]);
  return row && anchorOfRow(row);
}

export async function largestAnchor(database: Database): Promise<AnchorRecord | undefined> {
  const [row] = await run<AnchorRow>(database, LARGEST, []);
  return row && anchorOfRow(row);
}

export async function allAnchors(database: Database): Promise<AnchorRecord[]> {
  return (await run<AnchorRow>(database, ALL, [])).map(anchorOfRow);
}

function anchorOfRow(row: AnchorRow): AnchorRecord {
  return {
    size: Number(row.size),
    root: row.root,
    chainId: Number(row.chain_id),
    contract: `0x${row.contract.toString('hex')}`,
    blockNumber: Number(row.block),
    transactionHash: `0x${row.transaction.toString('hex')}`,
  };
}
