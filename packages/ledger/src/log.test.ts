import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendLeaves, appendToEdge, EMPTY_EDGE, readEdge } from './append.ts';
import { type AuditFinding, auditLog } from './audit.ts';
import { equal } from './bytes.ts';
import { LedgerError } from './error.ts';
import { type FetchResource, httpSource, storageSource } from './log-source.ts';
import { rootOfLeafHashes } from './subtree.ts';
import { entries, flipped, logOf, readerOf } from './test-log.ts';
import { parseResourcePath, type ResourceId, resourcePath } from './tile.ts';
import { TileReader } from './tile-reader.ts';
import { treeHasher } from './tree-hash.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const plainRoot = (leaves: readonly Uint8Array[]): Uint8Array =>
  rootOfLeafHashes(leaves.map((leaf) => treeHasher.leaf(leaf)));

describe('appending', () => {
  test.each([1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792])(
    '%i leaves in tiles have the root of plain hashing',
    async (size) => {
      const leaves = entries(size);
      const { storage, head } = await logOf(leaves, 10_000);
      expect(head.root).toEqual(plainRoot(leaves));
      const reader = await readerOf(storage, head);
      for (const index of new Set([0, size >> 1, size - 1])) {
        const leafHash = treeHasher.leaf(leaves[index]!);
        expect(await reader.leafHash(index)).toEqual(leafHash);
        expect(verifyInclusion(index, leafHash, head, await reader.proveInclusion(index))).toBe(true);
      }
      for (const old of new Set([0, 1, size >> 1, size - 1, size])) {
        const older = { size: old, root: await reader.root(old) };
        expect(verifyConsistency(older, head, await reader.proveConsistency(old))).toBe(true);
      }
    },
  );

  test('how leaves are cut into batches makes no difference to what is stored', async () => {
    const leaves = entries(1100);
    const whole = await logOf(leaves, 1100);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 600 }), async (batch) => {
        const cut = await logOf(leaves, batch);
        expect(cut.head).toEqual(whole.head);
        expect(await readEdge(cut.storage)).toEqual(await readEdge(whole.storage));
        for (let index = 0; index < 5; index++) {
          expect(await cut.storage.tile(0, index)).toEqual(await whole.storage.tile(0, index));
          expect(await cut.storage.bundle(index)).toEqual(await whole.storage.bundle(index));
        }
        expect(await cut.storage.tile(1, 0)).toEqual(await whole.storage.tile(1, 0));
      }),
      { numRuns: 20 },
    );
  });

  test('the edge kept in memory is the edge read back', async () => {
    const { storage } = await logOf(entries(300));
    const { append, edge } = appendToEdge(await readEdge(storage), entries(300, 300));
    await storage.commit(append);
    expect(await readEdge(storage)).toEqual(edge);
  });

  test('appending nothing writes nothing and keeps the root', async () => {
    const { storage, head } = await logOf(entries(300));
    expect(await appendLeaves(storage, [])).toEqual({ oldSize: 300, size: 300, root: head.root, writes: [] });
    expect(appendToEdge(EMPTY_EDGE, []).append.size).toBe(0);
  });

  test('two appends to one size cannot both be stored', async () => {
    const { storage } = await logOf(entries(3));
    const first = await appendLeaves(storage, entries(1, 3));
    const second = await appendLeaves(storage, entries(1, 4));
    await storage.commit(first);
    await expect(storage.commit(second)).rejects.toMatchObject({ code: 'conflict' });
    expect(await storage.size()).toBe(4);
  });

  test('the cost of an append does not depend on the size of the log', async () => {
    const { storage } = await logOf(entries(70_000), 70_000);
    const { writes } = await appendLeaves(storage, entries(1));
    expect(writes.map(({ id }) => resourcePath(id))).toEqual(['tile/entries/273.p/113', 'tile/0/273.p/113'].reverse());
  });
});

describe('reading tiles', () => {
  test('every proof of every size below 600 that a reader of the newest tree gives holds', async () => {
    const leaves = entries(600);
    const { storage, head } = await logOf(leaves);
    const reader = await readerOf(storage, head);
    for (let size = 1; size <= 600; size += 37) {
      const root = await reader.root(size);
      expect(root).toEqual(plainRoot(leaves.slice(0, size)));
      for (let index = 0; index < size; index += 29) {
        const proof = await reader.proveInclusion(index, size);
        expect(verifyInclusion(index, treeHasher.leaf(leaves[index]!), { size, root }, proof)).toBe(true);
      }
    }
  });

  test('older checkpoints are read from partial tiles cut out of wider ones', async () => {
    const leaves = entries(600);
    const { storage } = await logOf(leaves);
    for (const size of [1, 100, 256, 300, 599]) {
      const head = { size, root: plainRoot(leaves.slice(0, size)) };
      const reader = await readerOf(storage, head);
      expect(await reader.entries(Math.floor((size - 1) / 256))).toEqual(
        leaves.slice(Math.floor((size - 1) / 256) * 256, size),
      );
    }
  });

  test('every change of a single byte of any tile or bundle is refused', async () => {
    const { storage, head } = await logOf(entries(520));
    const source = storageSource(storage);
    const ids = [
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/8',
      'tile/1/000.p/2',
      'tile/entries/001',
      'tile/entries/002.p/8',
    ];
    const readAll: (fetch: FetchResource) => Promise<void> = async (fetch) => {
      const reader = await TileReader.open(fetch, head);
      for (let index = 0; index < 3; index++) await reader.entries(index);
    };
    await readAll(source);
    for (const path of ids) {
      const length = (await source(parseResourcePath(path)))!.length;
      for (let at = 0; at < length; at += length > 1000 ? 97 : 1) {
        const tampered: FetchResource = async (id) => {
          const bytes = await source(id);
          return bytes !== undefined && resourcePath(id) === path ? flipped(bytes, at, 1 << (at % 8)) : bytes;
        };
        await expect(readAll(tampered)).rejects.toBeInstanceOf(LedgerError);
      }
    }
  });

  test('a reader keeps no more tiles than it was told to, and still proves', async () => {
    const leaves = entries(5000);
    const { storage, head } = await logOf(leaves);
    let fetched = 0;
    const counted: FetchResource = (id) => {
      fetched++;
      return storageSource(storage)(id);
    };
    const reader = await TileReader.open(counted, head, { cachedTiles: 2 });
    for (const index of [0, 300, 600, 0, 300, 600]) {
      expect(verifyInclusion(index, treeHasher.leaf(leaves[index]!), head, await reader.proveInclusion(index))).toBe(
        true,
      );
    }
    expect(fetched).toBe(2 + 6);
    await Promise.all([reader.proveInclusion(1000), reader.proveInclusion(1001), reader.leafHash(1002)]);
    expect(fetched).toBe(2 + 7);
  });

  test('missing tiles and leaves beyond the tree are named', async () => {
    const { storage, head } = await logOf(entries(300));
    await expect(TileReader.open(async () => undefined, head)).rejects.toMatchObject({ code: 'not-found' });
    await expect(TileReader.open(async () => new Uint8Array(5), head)).rejects.toMatchObject({ code: 'bad-tile' });
    const reader = await readerOf(storage, head);
    for (const bad of [
      reader.proveInclusion(300),
      reader.leafHash(300),
      reader.leafHash(-1),
      reader.root(301),
      reader.entries(2),
    ]) {
      await expect(bad).rejects.toMatchObject({ code: 'out-of-range' });
    }
  });

  test('over HTTP a partial tile that is gone is cut out of the full one', async () => {
    const leaves = entries(600);
    const { storage } = await logOf(leaves);
    const asked: string[] = [];
    const fetch = async (url: string): Promise<Response> => {
      asked.push(url);
      const id = parseResourcePath(url.replace('https://log.example/', ''));
      const bytes = id.width === 256 ? await storageSource(storage)(id) : undefined;
      return bytes === undefined ? new Response('gone', { status: 404 }) : new Response(new Uint8Array(bytes));
    };
    const source = httpSource('https://log.example', fetch);
    const tile: ResourceId = { kind: 'tile', level: 0, index: 1, width: 44 };
    expect(await source(tile)).toEqual(await storageSource(storage)(tile));
    const bundle: ResourceId = { kind: 'entries', index: 1, width: 44 };
    expect(await source(bundle)).toEqual(await storageSource(storage)(bundle));
    expect(await source({ kind: 'tile', level: 0, index: 2, width: 88 })).toBeUndefined();
    expect(asked.slice(0, 2)).toEqual(['https://log.example/tile/0/001.p/44', 'https://log.example/tile/0/001']);
    const busy = httpSource('https://log.example', async () => new Response('', { status: 503 }));
    await expect(busy(tile)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('auditing', () => {
  const audit = async (size: number, damage?: { path: string; at: number } | { missing: string }) => {
    const { storage, head } = await logOf(entries(size));
    const source: FetchResource = async (id) => {
      const bytes = await storageSource(storage)(id);
      if (damage === undefined || bytes === undefined) return bytes;
      if ('missing' in damage) return resourcePath(id) === damage.missing ? undefined : bytes;
      return resourcePath(id) === damage.path ? flipped(bytes, damage.at) : bytes;
    };
    return auditLog(source, head);
  };
  const where = ({ problem, path, firstLeaf, leaves }: AuditFinding) => ({ problem, path, firstLeaf, leaves });

  test.each([0, 1, 255, 256, 257, 600, 66_000])('a sound log of %i leaves has no findings', async (size) => {
    expect(await audit(size)).toEqual({ ok: true, leaves: size, findings: [], truncated: false });
  });

  test('an altered entry is named, and nothing else', async () => {
    const report = await audit(600, { path: 'tile/entries/001', at: 2 });
    expect(report.findings.map(where)).toEqual([
      { problem: 'altered', path: 'tile/entries/001', firstLeaf: 256, leaves: 1 },
    ]);
    const atEdge = await audit(600, { path: 'tile/entries/002.p/88', at: 2 });
    expect(atEdge.findings.map(where)).toEqual([
      { problem: 'altered', path: 'tile/entries/002.p/88', firstLeaf: 512, leaves: 1 },
    ]);
  });

  test.each(['tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2'])(
    'an altered %s is named, and nothing else',
    async (path) => {
      const { findings } = await audit(600, { path, at: 0 });
      expect(findings.map((finding) => [finding.problem, finding.path])).toEqual([['altered', path]]);
    },
  );

  test.each(['tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2', 'tile/entries/000', 'tile/entries/002.p/88'])(
    'a missing %s is named, and nothing else',
    async (missing) => {
      const { findings } = await audit(600, { missing });
      expect(findings.map((finding) => [finding.problem, finding.path])).toEqual([['missing', missing]]);
    },
  );

  test('every byte of a small log that is changed is found', async () => {
    const { storage, head } = await logOf(entries(300));
    const source = storageSource(storage);
    for (const path of [
      'tile/0/000',
      'tile/0/001.p/44',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/001.p/44',
    ]) {
      const length = (await source(parseResourcePath(path)))!.length;
      for (let at = 0; at < length; at += length > 1000 ? 61 : 1) {
        const report = await auditLog(async (id) => {
          const bytes = (await source(id))!;
          return resourcePath(id) === path ? flipped(bytes, at) : bytes;
        }, head);
        expect(report.findings.map((finding) => finding.path)).toContain(path);
      }
    }
  });

  test('a head that the log does not have is found', async () => {
    const { storage, head } = await logOf(entries(300));
    const report = await auditLog(storageSource(storage), { size: 300, root: flipped(head.root, 31) });
    expect(report.findings.map(({ problem }) => problem)).toEqual(['wrong-root']);
  });

  test('entries are shown in order, progress is told, findings are bounded', async () => {
    const { storage, head } = await logOf(entries(5000));
    const seen: number[] = [];
    const progress: number[] = [];
    const report = await auditLog(storageSource(storage), head, {
      onEntries: (firstLeaf, list) => {
        list.forEach((entry, i) => {
          if (equal(entry, entries(1, firstLeaf + i)[0]!)) seen.push(firstLeaf + i);
        });
      },
      onProgress: (leaves) => progress.push(leaves),
    });
    expect(report.ok).toBe(true);
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    expect(progress.at(-1)).toBe(5000);
    const broken = await auditLog(async () => undefined, head, { maxFindings: 3 });
    expect(broken).toMatchObject({ ok: false, truncated: true });
    expect(broken.findings).toHaveLength(3);
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(auditLog(storageSource(storage), head, { signal: stopped })).rejects.toThrow('enough');
  });
});
