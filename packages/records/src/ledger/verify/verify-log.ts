import {
  auditLog,
  type FetchResource,
  type KeySigner,
  LedgerError,
  noteVerifier,
  type Policy,
  resourcePath,
  storageSource,
  TILE_WIDTH,
  TileReader,
  tileHashes,
} from '@meridian/ledger';
import type { PoolClient } from 'pg';
import { run } from '../../sql/run.ts';
import { type AnchorRecord, allAnchors } from '../anchors.ts';
import { type CheckpointSlot, readCheckpoint, type StoredCheckpoint } from '../checkpoints.ts';
import { compareHead, type KnownHeads } from '../known-heads.ts';
import { PostgresLog } from '../postgres-log.ts';
import { type Findings, rowOf } from './finding.ts';

export interface LogParts {
  origin: string;
  signers: readonly KeySigner[];
  policy: Policy;
  /** Others who may know more of the log than this database. */
  known: readonly KnownHeads[];
  /** Key of the anchors. */
  anchorKey: Buffer;
  /** Whether the chain holds an anchor; undefined: it cannot be asked now. */
  onChain?: (anchor: AnchorRecord) => Promise<boolean | undefined>;
  /** Told how many leaves of how many were audited. */
  onProgress: (leaves: number) => void;
}

/**
 * Checks the log by itself: size, checkpoints and their signatures, every entry and tile, the anchors, and what others know
 * of it. Gives the number of leaves that the signed checkpoint vouches for.
 */
export async function verifyLog(client: PoolClient, parts: LogParts, findings: Findings): Promise<number> {
  const signed = await verifyCheckpoint(client, 'signed', parts, findings);
  if (!signed) {
    findings.add('missing', 'ledger_checkpoint', 'signed', 'There is no newest checkpoint that can be believed.');
    return 0;
  }
  const { checkpoint } = signed;
  const log = new PostgresLog(client);
  const size = await log.size().catch(() => undefined);
  if (size !== checkpoint.size) {
    findings.add('altered', 'ledger_state', 'size', 'The size of the log is not the one of its newest checkpoint.');
  }
  await verifyTiles(client, tolerant(storageSource(log)), checkpoint, parts, findings);
  const reader = await TileReader.open(tolerant(storageSource(log)), checkpoint).catch(() => undefined);
  // without a sound right edge there is nothing to compare with; the audit has said so
  if (!reader) return checkpoint.size;
  const witnessed = await verifyCheckpoint(client, 'witnessed', parts, findings);
  if (witnessed) await compare('ledger_checkpoint', 'witnessed', witnessed.checkpoint, reader, findings);
  let { onChain } = parts;
  // a chain that is away is not waited for once for each anchor
  const silence = (): undefined => {
    onChain = undefined;
  };
  for (const { anchor, intact } of await allAnchors(client, parts.anchorKey)) {
    const row = rowOf({ size: anchor.size });
    if (!intact) findings.add('altered', 'ledger_anchor', row, 'The row is not the one that was recorded.');
    else if ((await onChain?.(anchor).catch(silence)) === false) {
      findings.add('missing', 'ledger_anchor', row, 'The chain does not hold this anchor.');
    }
    await compare('ledger_anchor', row, anchor, reader, findings);
  }
  for (const memory of parts.known) {
    const head = await memory.latest(parts.origin).catch(() => undefined);
    if (head) await compare(memory.name, rowOf({ size: head.size }), head, reader, findings);
  }
  return checkpoint.size;
}

async function compare(
  where: string,
  row: string,
  head: { size: number; root: Uint8Array },
  reader: TileReader,
  findings: Findings,
): Promise<void> {
  const { outcome } = await compareHead(head, reader);
  if (outcome === 'ahead') {
    findings.add('forked', where, row, 'It has seen more entries than the log has: the newest ones are gone.');
  } else if (outcome === 'contradicts') {
    findings.add('forked', where, row, 'It has seen another history than the log has.');
  }
}

async function verifyCheckpoint(
  client: PoolClient,
  slot: CheckpointSlot,
  parts: LogParts,
  findings: Findings,
): Promise<StoredCheckpoint | undefined> {
  let stored: StoredCheckpoint | undefined;
  try {
    stored = await readCheckpoint(client, slot);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    findings.add('altered', 'ledger_checkpoint', slot, 'The checkpoint cannot be read.');
  }
  if (!stored) return undefined;
  const fault = faultOfSignatures(stored, slot, parts);
  if (fault === undefined) return stored;
  findings.add('altered', 'ledger_checkpoint', slot, fault);
  return undefined;
}

/** Every signature must be of a known key and hold: one more would be a row that nobody vouches for. */
function faultOfSignatures({ note, checkpoint }: StoredCheckpoint, slot: CheckpointSlot, parts: LogParts) {
  if (checkpoint.origin !== parts.origin) return 'The checkpoint is of another log.';
  const own = parts.signers.map(({ key }) => noteVerifier(key));
  const witnesses = slot === 'signed' ? [] : parts.policy.witnesses.map(({ key }) => noteVerifier(key));
  const seen = new Set<unknown>();
  for (const { name, keyId, signature } of note.signatures) {
    const verifier = [...own, ...witnesses].find((known) => known.name === name && known.keyId === keyId);
    if (!verifier) return 'The checkpoint bears a signature of a key that neither the log nor its policy names.';
    if (!verifier.verify(note.text, signature)) return 'A signature of the checkpoint does not hold.';
    seen.add(verifier);
  }
  return own.every((verifier) => seen.has(verifier)) ? undefined : 'A signature of the log is missing.';
}

async function verifyTiles(
  client: PoolClient,
  fetch: FetchResource,
  head: { size: number; root: Uint8Array },
  parts: LogParts,
  findings: Findings,
): Promise<void> {
  const report = await auditLog(fetch, head, { onProgress: (leaves) => parts.onProgress(leaves) });
  for (const { problem, path, sentence } of report.findings) {
    findings.add(problem === 'missing' ? 'missing' : 'altered', 'ledger_tile', path ?? 'all', sentence);
  }
  for (let level = 0; level === 0 || tileHashes(level, head.size) > 0; level++) {
    const rows = await run<{ idx: bigint }>(client, { text: MISSHAPEN }, [
      level,
      tileHashes(level, head.size),
      level === 0 ? 37 : 32,
    ]);
    for (const { idx } of rows) {
      const row = resourcePath({ kind: 'tile', level, index: Math.max(0, Number(idx)), width: TILE_WIDTH });
      findings.add('unknown', 'ledger_tile', row, 'The row holds more, or less, than the log has there.');
    }
  }
  const levels = await run<{ level: number }>(
    client,
    {
      text: 'SELECT DISTINCT level FROM ledger_tile WHERE level < 0 OR $1::numeric < 256::numeric ^ greatest(0, level)',
    },
    [Math.max(1, head.size)],
  );
  for (const { level } of levels) {
    findings.add('unknown', 'ledger_tile', rowOf({ level }), 'The log has no such level.');
  }
}

/** Rows of a level that have not just the entries or hashes that a log of this size has there. */
const MISSHAPEN = /* sql */ `
  SELECT idx FROM ledger_tile
   WHERE level = $1 AND octet_length(content) <> greatest(0, least(256, $2::numeric - idx * 256::numeric)) * $3::int4
      OR level = $1 AND (idx < 0 OR idx > $2::int8 / 256)
   LIMIT 100`;

/**
 * Reads one row after the other, for a snapshot is one connection. A row that cannot be read is as good as missing; the
 * audit names it and goes on.
 */
function tolerant(fetch: FetchResource): FetchResource {
  let turn: Promise<unknown> = Promise.resolve();
  return (id) => {
    const read = turn.then(async () => {
      try {
        return await fetch(id);
      } catch (error) {
        if (error instanceof LedgerError) return undefined;
        throw error;
      }
    });
    // whoever comes next waits for this one, and does not inherit its failure
    turn = read.catch(() => undefined);
    return read;
  };
}
