import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatAnchorState, parseAnchorState } from './anchor-state.ts';
import { FileAnchorStore } from './file-anchor-store.ts';

describe('the state in a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'meridian-anchor-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const head = { size: 7, root: new Uint8Array(32).fill(9) };
  const hash = `0x${'ab'.repeat(32)}` as const;
  const sent = { ...head, hash, nonce: 3, maxFeePerGas: 10n ** 20n, maxPriorityFeePerGas: 0n, at: 17 };
  const anchored = {
    ...head,
    chainId: 2 ** 41,
    contract: '0x01',
    blockNumber: 1,
    blockHash: hash,
    transactionHash: hash,
  };

  test('comes back as it was, and leaves nothing else behind', async () => {
    const store = new FileAnchorStore(join(folder, 'anchor.json'));
    expect(await store.load()).toEqual({});
    for (const state of [{ signed: head, sent, anchored }, { signed: head }, {}]) {
      await store.save(state);
      expect(await new FileAnchorStore(join(folder, 'anchor.json')).load()).toEqual(state);
    }
    expect(await readdir(folder)).toEqual(['anchor.json']);
  });

  test('is refused when damaged, not forgotten', async () => {
    const path = join(folder, 'anchor.json');
    const text = formatAnchorState({ signed: head, sent, anchored });
    for (const damaged of [text.slice(0, -2), '', 'null', '{"signed":{}}', text.replace('"size":7', '"size":-7')]) {
      await writeFile(path, damaged);
      await expect(new FileAnchorStore(path).load()).rejects.toMatchObject({ code: 'bad-state' });
    }
    expect(parseAnchorState(text)).toEqual({ signed: head, sent, anchored });
  });
});
