import { createHmac } from 'node:crypto';
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
  mac: Buffer;
}

const WRITE = prepared(/* sql */ `
  INSERT INTO ledger_anchor (size, chain_id, block, root, contract, transaction, mac)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (size) DO UPDATE
    SET (chain_id, block, root, contract, transaction, mac) =
        (excluded.chain_id, excluded.block, excluded.root, excluded.contract, excluded.transaction, excluded.mac)`);
const OLDEST_AFTER = prepared('SELECT * FROM ledger_anchor WHERE size > $1 ORDER BY size LIMIT 1');
const LARGEST = prepared('SELECT * FROM ledger_anchor ORDER BY size DESC LIMIT 1');
const ALL = prepared('SELECT * FROM ledger_anchor ORDER BY size');

/**
 * Keeps where a head was anchored; a head that had to be anchored again takes the place of the first time.
 *
 * @param key of the installation (`ANCHOR_SECRET`)
 */
export async function recordAnchor(database: Database, anchor: AnchorRecord, key: Buffer): Promise<void> {
  await run(database, WRITE, [
    anchor.size,
    anchor.chainId,
    anchor.blockNumber,
    Buffer.from(anchor.root),
    Buffer.from(anchor.contract.slice(2), 'hex'),
    Buffer.from(anchor.transactionHash.slice(2), 'hex'),
    macOf(anchor, key),
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

/** All anchors, oldest first, and whether each is as it was recorded. */
export async function allAnchors(
  database: Database,
  key: Buffer,
): Promise<{ anchor: AnchorRecord; intact: boolean }[]> {
  const rows = await run<AnchorRow>(database, ALL, []);
  return rows.map((row) => {
    const anchor = anchorOfRow(row);
    return { anchor, intact: macOf(anchor, key).equals(row.mac) };
  });
}

/** Name of the secret that authenticates anchors. */
export const ANCHOR_SECRET = 'anchor';

function macOf(anchor: AnchorRecord, key: Buffer): Buffer {
  const { size, root, chainId, contract, blockNumber, transactionHash } = anchor;
  const fields = [size, Buffer.from(root).toString('hex'), chainId, contract, blockNumber, transactionHash];
  return createHmac('sha256', key).update(JSON.stringify(fields)).digest().subarray(0, 16);
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
