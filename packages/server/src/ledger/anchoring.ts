import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AnchorJob,
  type AnchorStatus,
  type AnchorTarget,
  type ConfirmedAnchor,
  FileAnchorStore,
  type LocalChain,
  openDevelopmentTarget,
  openSharedTarget,
  startLocalChain,
  systemClock,
} from '@meridian/chain';
import type { KnownHeads, Ledger } from '@meridian/records';

export interface AnchoringOptions {
  dataFolder: string;
  /** `MERIDIAN_CHAIN_URL`. Without it, a chain of this machine if `local`, else none. */
  chainUrl: string | undefined;
  local: boolean;
  /** Told in a sentence what happens, for operators. */
  log: (sentence: string) => void;
}

/** How often the job hears of growth, and the ledger of anchors. Milliseconds. */
const PACE = 1000;
/** How often the local chain is kept within its bounds. Milliseconds. */
const HOUR = 3_600_000;

/**
 * Anchors the ledger's heads in a chain, for as long as the server runs. Whatever the chain does, records are written and
 * read: anchoring is behind, and says so.
 */
export class Anchoring {
  readonly #options: AnchoringOptions;
  readonly #stop = new AbortController();
  #job: AnchorJob | undefined;
  #chain: LocalChain | undefined;
  #target: AnchorTarget | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: AnchoringOptions) {
    this.#options = options;
  }

  /** What the chain remembers of the log, for the ledger to compare itself with before it signs. */
  readonly known: KnownHeads = {
    name: 'the chain',
    latest: async () => {
      if (!this.#target) throw new Error('the chain was not reached yet');
      return (await this.#target.view()).head;
    },
  };

  /** How far it has come; undefined where there is no chain to anchor in. */
  get status(): AnchorStatus | undefined {
    return this.#job?.status;
  }

  /** Starts in the background; does not wait for a chain. */
  start(ledger: Ledger): void {
    const { chainUrl, local, log } = this.#options;
    if (chainUrl === undefined && !local) return;
    this.#running = this.#run(ledger).catch((error: unknown) => {
      log(error instanceof Error && error.name === 'ChainError' ? error.message : 'anchoring ended unexpectedly');
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#chain?.stop();
  }

  async #run(ledger: Ledger): Promise<void> {
    const { dataFolder, log } = this.#options;
    const folder = join(dataFolder, 'chain');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const openTarget = await this.#chooseTarget(ledger);
    this.#job = new AnchorJob({
      source: ledger,
      store: new FileAnchorStore(join(folder, 'anchoring.json')),
      openTarget: async () => {
        this.#target = await openTarget();
        return this.#target;
      },
      clock: systemClock,
      random: Math.random,
    });
    log('anchoring the ledger');
    await Promise.all([this.#job.run(this.#stop.signal), this.#follow(this.#job, ledger)]);
  }

  async #chooseTarget(ledger: Ledger): Promise<() => Promise<AnchorTarget>> {
    const { chainUrl, dataFolder } = this.#options;
    const own = { origin: ledger.origin, verifierKey: ledger.keys[0] ?? '' };
    if (chainUrl !== undefined) return () => openSharedTarget({ url: chainUrl, dataFolder, log: own });
    const chain = await startLocalChain({ dataFolder });
    this.#chain = chain;
    return () => openDevelopmentTarget(chain, own);
  }

  /** Carries news both ways: growth of the log to the job, confirmed anchors to the ledger. */
  async #follow(job: AnchorJob, ledger: Ledger): Promise<void> {
    let recorded: ConfirmedAnchor | undefined;
    let bounded = systemClock.now();
    while (!this.#stop.signal.aborted) {
      await systemClock.sleep(PACE, this.#stop.signal);
      const head = await ledger.head().catch(() => undefined);
      if (head) job.grown(head.size);
      const { anchored } = job.status;
      if (anchored && anchored.blockHash !== recorded?.blockHash) {
        const { size, root, chainId, contract, blockNumber, transactionHash } = anchored;
        await ledger
          .recordAnchor({ size, root, chainId, contract, blockNumber, transactionHash })
          .then(() => {
            recorded = anchored;
          })
          .catch(() => undefined);
      }
      if (systemClock.now() - bounded > HOUR) {
        bounded = systemClock.now();
        await this.#chain?.keepBounded().catch(() => undefined);
      }
    }
  }
}
