// The transparency log in memory: what appending, proving, verifying and auditing cost, on one core.
//
//   npm run bench -- ledger [-- --leaves 1000000]
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import {
  appendToEdge,
  auditLog,
  EMPTY_EDGE,
  ed25519Cosigner,
  ed25519NoteSigner,
  formatCheckpoint,
  formatLeaf,
  type KeySigner,
  LEAF_KIND,
  leafOf,
  MemoryStorage,
  mlDsa44Cosigner,
  noteVerifier,
  storageSource,
  TileReader,
  verifyConsistency,
  verifyInclusion,
} from '../packages/ledger/src/index.ts';

const { values } = parseArgs({ options: { leaves: { type: 'string', default: '1000000' } } });
const size = Number(values.leaves);

interface Start {
  readonly wall: number;
  readonly cpu: NodeJS.CpuUsage;
}

function start(): Start {
  return { wall: performance.now(), cpu: process.cpuUsage() };
}

/** Beside the clock the processor time: on a machine shared with others it is the figure to compare. */
function report(what: string, count: number, { wall, cpu }: Start): void {
  const seconds = (performance.now() - wall) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (spent: number): string =>
    Math.round(count / spent)
      .toLocaleString('en')
      .padStart(10);
  console.log(`${what.padEnd(60)} ${rate(seconds)}/s ${rate((user + system) / 1e6)}/s of processor`);
}

/** Repeatable numbers below `limit`, spread all over it. */
function spread(count: number, limit: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7_368_787) % limit);
}

const leaves = Array.from({ length: size }, (_, i) => {
  const leaf = new Uint8Array(35);
  leaf.set([1, 1, 1, i >>> 24, i >>> 16, i >>> 8, i]);
  return leaf;
});

async function build(batch: number): Promise<{ storage: MemoryStorage; head: { size: number; root: Uint8Array } }> {
  const storage = new MemoryStorage();
  let edge = EMPTY_EDGE;
  let root: Uint8Array = new Uint8Array(32);
  for (let at = 0; at < size; at += batch) {
    const step = appendToEdge(edge, leaves.slice(at, at + batch));
    await storage.commit(step.append);
    edge = step.edge;
    root = step.append.root;
  }
  return { storage, head: { size, root } };
}

async function benchAppend(): ReturnType<typeof build> {
  for (const batch of [100, 1000, 10_000]) {
    const started = start();
    await build(batch);
    report(`append leaves in batches of ${batch}`, size, started);
  }
  const started = start();
  const built = await build(100_000);
  report('append leaves in batches of 100,000', size, started);
  return built;
}

async function benchProofs({ storage, head }: Awaited<ReturnType<typeof build>>): Promise<void> {
  const cold = await TileReader.open(storageSource(storage), head);
  const few = spread(2000, size);
  let started = start();
  for (const index of few) await cold.proveInclusion(index);
  report('inclusion proofs, random leaves, tiles not in memory', few.length, started);

  const warm = await TileReader.open(storageSource(storage), head, { cachedTiles: 1 << 20 });
  const many = spread(200_000, size);
  for (let index = 0; index < size; index += 256) await warm.proveInclusion(index);
  started = start();
  for (const index of many) await warm.proveInclusion(index);
  report('inclusion proofs, random leaves, all tiles in memory', many.length, started);

  const proofs: [number, Uint8Array, Uint8Array[]][] = [];
  for (const index of many.slice(0, 50_000)) {
    proofs.push([index, await warm.leafHash(index), await warm.proveInclusion(index)]);
  }
  started = start();
  let held = 0;
  for (const [index, leafHash, proof] of proofs) if (verifyInclusion(index, leafHash, head, proof)) held++;
  report('inclusion proofs verified', held, started);

  const sizes = spread(20_000, size - 1).map((n) => n + 1);
  started = start();
  for (const old of sizes) await warm.proveConsistency(old);
  report('consistency proofs, random sizes, all tiles in memory', sizes.length, started);

  const older: { size: number; root: Uint8Array; proof: Uint8Array[] }[] = [];
  for (const old of sizes)
    older.push({ size: old, root: await warm.root(old), proof: await warm.proveConsistency(old) });
  started = start();
  held = 0;
  for (const tree of older) if (verifyConsistency(tree, head, tree.proof)) held++;
  report('consistency proofs verified', held, started);
}

async function benchSignatures({ head }: Awaited<ReturnType<typeof build>>): Promise<void> {
  const text = formatCheckpoint({ origin: 'bench.example/log', ...head });
  const now = () => 1_800_000_000;
  const signers: [string, KeySigner][] = [
    ['Ed25519', ed25519NoteSigner('bench.example/log', randomBytes(32))],
    ['Ed25519 cosignature', ed25519Cosigner('bench.example/w', randomBytes(32), now)],
    ['ML-DSA-44 cosignature', mlDsa44Cosigner('bench.example/w', randomBytes(32), now)],
  ];
  for (const [name, signer] of signers) {
    let started = start();
    for (let i = 0; i < 1000; i++) await signer.sign(text);
    report(`checkpoints signed, ${name}`, 1000, started);
    const verifier = noteVerifier(signer.key);
    const signature = await signer.sign(text);
    started = start();
    for (let i = 0; i < 1000; i++) verifier.verify(text, signature);
    report(`signatures of checkpoints verified, ${name}`, 1000, started);
  }
}

function benchLeaves(): void {
  const salt = randomBytes(32);
  const event = randomBytes(1500);
  const started = start();
  for (let sequence = 1; sequence <= 100_000; sequence++) {
    formatLeaf(leafOf({ suite: 1, kind: LEAF_KIND.event, salt, event, sequence, previous: salt }));
  }
  report('leaves committed to, from events of 1.5 KB', 100_000, started);
}

async function benchAudit({ storage, head }: Awaited<ReturnType<typeof build>>): Promise<void> {
  const started = start();
  const { ok } = await auditLog(storageSource(storage), head);
  report(`full audit, every entry and tile (${ok ? 'sound' : 'NOT SOUND'})`, size, started);
}

console.log(`Node ${process.versions.node}, ${size.toLocaleString('en')} leaves of 35 bytes\n`);
benchLeaves();
const built = await benchAppend();
await benchProofs(built);
await benchAudit(built);
await benchSignatures(built);
