import { toHex } from 'viem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AnchorClient } from './anchor-client.ts';
import { MemoryAnchorStore } from './anchor-state.ts';
import type { AnchorTarget } from './anchor-target.ts';
import { type DevelopmentChain, developmentAddresses, openDevelopmentTarget } from './development.ts';
import { anvil, startTestChain, type TestChain } from './testing/test-chain.ts';
import { TestSource, testJob } from './testing/test-job.ts';
import { testLog } from './testing/test-log.ts';

const LOG = { origin: 'log.example', verifierKey: 'log.example+00000000+AQ==' };

describe.skipIf(anvil === undefined)('the anchoring job after a crash', () => {
  const history = testLog();
  let chain: TestChain;
  let development: DevelopmentChain;
  let source: TestSource;

  beforeEach(async () => {
    chain = await startTestChain();
    const [senderKey, anchoringKey] = [toHex(1, { size: 32 }), toHex(2, { size: 32 })];
    development = { url: chain.url, chainId: chain.connection.chainId, senderKey, anchoringKey };
    source = new TestSource(history, 5);
  });
  afterEach(() => chain?.stop());

  const openTarget = () => openDevelopmentTarget(development, LOG);

  async function anchors(): Promise<number[]> {
    const { anchor, log } = developmentAddresses(development, LOG);
    const sizes = [];
    for await (const { size } of new AnchorClient(chain.connection, anchor).historyOf(log)) sizes.push(size);
    return sizes.reverse();
  }

  /** The steps at which a crash is tried: before and after each thing that the job writes or sends. */
  const FAULTS = ['save 1', 'saved 1', 'sign', 'signed', 'save 2', 'saved 2', 'send', 'sent', 'save 3', 'saved 3'];

  test.each(FAULTS)('at "%s" the next process anchors the log, once', async (fault) => {
    class Crash extends Error {}
    const at = (name: string) => {
      if (name === fault) throw new Crash();
    };
    const store = new MemoryAnchorStore();
    let saves = 0;
    const dying = {
      load: () => store.load(),
      save: async (state: Parameters<typeof store.save>[0]) => {
        saves++;
        at(`save ${saves}`);
        await store.save(state);
        at(`saved ${saves}`);
      },
    };
    const dyingTarget = async (): Promise<AnchorTarget> => {
      const target = await openTarget();
      return {
        chainId: target.chainId,
        contract: target.contract,
        view: () => target.view(),
        blockHash: (number) => target.blockHash(number),
        knows: (hash) => target.knows(hash),
        verify: (anchor) => target.verify(anchor),
        sign: async (...parameters) => {
          at('sign');
          const signed = await target.sign(...parameters);
          at('signed');
          return signed;
        },
        send: async (transaction) => {
          at('send');
          await target.send(transaction);
          at('sent');
        },
      };
    };
    const { job } = testJob({ source, openTarget: dyingTarget, store: dying });
    const crashes = async () => {
      for (let i = 0; i < 3; i++) await job.step();
    };
    await expect(crashes()).rejects.toBeInstanceOf(Crash);

    source.size = 7;
    const { job: next } = testJob({ source, openTarget, store });
    for (let i = 0; i < 3; i++) await next.step();
    expect(next.status).toMatchObject({ progress: 'anchored', anchored: history.head(7), waiting: 0 });
    // what the first process had sent stays; nothing is anchored twice
    expect([[7], [5, 7]]).toContainEqual(await anchors());
  });
});
