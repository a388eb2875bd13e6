import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { auditLog } from './audit.ts';
import { PolicyEvaluator } from './evaluate-policy.ts';
import { type FetchResource, storageSource } from './log-source.ts';
import { ed25519Cosigner, ed25519NoteSigner, mlDsa44Cosigner } from './note-key.ts';
import { parsePolicy } from './policy.ts';
import { formatNote, parseNote } from './signed-note.ts';
import { entries, logOf, readerOf, seed, signedCheckpoint } from './test-log.ts';
import { type ResourceId, resourcePath, tileWidth } from './tile.ts';
import { TileReader } from './tile-reader.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts';
import { treeHasher } from './tree-hash.ts';
import { formatVerifierKey } from './vkey.ts';

// The log format against the Go implementations of others: golang.org/x/mod/sumdb and transparency-dev/formats.

const folder = mkdtempSync(join(tmpdir(), 'ledger-interop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const binary = join(folder, 'interop');
// No network from a test: the modules are there from an earlier `go mod download`, or the tests are skipped.
const build = spawnSync('go', ['build', '-o', binary, '.'], {
  cwd: join(import.meta.dirname, '..', 'interop'),
  env: { ...process.env, GOPROXY: 'off', GOFLAGS: '-mod=readonly' },
});
const built = build.status === 0;
const skipped = built ? '' : ' (skipped: needs go, and `go mod download` run once in packages/ledger/interop)';

function interop(command: 'read' | 'write', directory: string): void {
  const { status, stderr } = spawnSync(binary, [command, directory], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

function save(directory: string, path: string, data: string | Uint8Array): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), data);
}

describe.skipIf(!built)(`Go implementations${skipped}`, () => {
  test.each([1, 255, 256, 257, 1000])('read and verify all of a log of %i leaves of ours', async (size) => {
    const directory = join(folder, `ours-${size}`);
    const { storage, head } = await logOf(entries(size));
    const ids: ResourceId[] = [];
    for (let level = 0; tileWidth(level, 0, size) > 0; level++) {
      for (let index = 0; tileWidth(level, index, size) > 0; index++) {
        const width = tileWidth(level, index, size);
        ids.push({ kind: 'tile', level, index, width });
        if (level === 0) ids.push({ kind: 'entries', index, width });
      }
    }
    for (const id of ids) save(directory, resourcePath(id), (await storageSource(storage)(id))!);

    const signers = [
      ed25519NoteSigner('ours.example/log', seed(1)),
      ed25519Cosigner('ours.example/w1', seed(2), () => 1_800_000_000),
      mlDsa44Cosigner('ours.example/w2', seed(3), () => 1_800_000_000),
    ];
    const [log, w1, w2] = signers.map(({ key }) => formatVerifierKey(key));
    const note = await signedCheckpoint('ours.example/log', head, signers);
    const hashes = await (await readerOf(storage, head)).proveInclusion(size - 1);
    save(directory, 'log.vkey', log!);
    save(directory, 'w1.vkey', w1!);
    save(directory, 'w2.vkey', w2!);
    save(directory, 'checkpoint', formatNote(note));
    save(
      directory,
      'policy',
      `log ${log}\nwitness one ${w1} https://w1.example\nwitness two ${w2} https://w2.example\ngroup both all one two\nquorum both\n`,
    );
    save(directory, 'tlog-proof', formatTlogProof({ index: size - 1, hashes, note, extra: new Uint8Array([1, 2, 3]) }));
    interop('read', directory);
  });

  test('write a log of 70,000 leaves that we read, prove and audit', async () => {
    const directory = join(folder, 'theirs');
    interop('write', directory);
    const evaluator = new PolicyEvaluator(parsePolicy(readFileSync(join(directory, 'policy'))));
    const verdict = evaluator.evaluate(parseNote(readFileSync(join(directory, 'checkpoint'))));
    expect(verdict).toMatchObject({ valid: true, badSignatures: [] });
    expect(verdict.witnesses).toHaveLength(2);
    expect(verdict.checkpoint).toMatchObject({ origin: 'go.example/log', size: 70_000 });

    const source: FetchResource = async (id) => new Uint8Array(readFileSync(join(directory, resourcePath(id))));
    expect(await auditLog(source, verdict.checkpoint)).toMatchObject({ ok: true, findings: [] });

    const text = readFileSync(join(directory, 'tlog-proof'), 'utf8');
    const proof = parseTlogProof(text);
    expect(verifyTlogProof(proof, treeHasher.leaf(new TextEncoder().encode('go entry 12345')))).toBe(true);
    expect(formatTlogProof(proof)).toBe(text);
    const reader = await TileReader.open(source, verdict.checkpoint);
    expect(await reader.proveInclusion(12_345)).toEqual(proof.hashes);
  });
});
