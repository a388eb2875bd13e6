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
import { type AnchorRecord, EVENT_KIND, type KnownHeads, type Ledger } from '@meridian/records';

export interface AnchoringOptions {
  dataFolder: string;
  /** `MERIDIAN_CHAIN_URL`. Without it, a chain of this machine if `local`, else none. */
  chainUrl: string | undefined;
  local: boolean;
  /** Told in a sentence what happens, for operators. */
  log: (sentence: string) => void;
}

/** Events that are anchored at once: it must soon be beyond doubt when a consent ended. */
const URGENT = [EVENT_KIND.consentWithdrawn];
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
  /** Connects to the chain; known once the ledger is started, for it names the log. Rejects where there is no chain. */
  readonly #opener = Promise.withResolvers<() => Promise<AnchorTarget>>();
  #opening: Promise<AnchorTarget> | undefined;
  #target: AnchorTarget | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: AnchoringOptions) {
    this.#options = options;
    // whoever asks the chain learns that there is none; if nobody asks, it is no fault
    this.#opener.promise.catch(() => undefined);
  }

  /** What the chain remembers of the log, for the ledger to compare itself with before it signs. */
  readonly known: KnownHeads = {
    name: 'the chain',
    latest: async () => {
      if (!this.#hasChain) return undefined;
      return (await (await this.#reach()).view()).head;
    },
  };

  /** Whether the chain holds an anchor, for verification; undefined where it cannot be asked, or cannot know. */
  readonly holds = async (anchor: AnchorRecord): Promise<boolean | undefined> => {
    if (!this.#hasChain) return undefined;
    const verdict = await (await this.#reach()).verify(anchor);
    if (verdict === 'elsewhere') return undefined;
    // a chain of this machine is begun anew when it grows too large, and then lacks its old anchors
    if (verdict === 'absent' && this.#options.chainUrl === undefined) return undefined;
    return verdict !== 'absent';
  };

  /** How far it has come; undefined where there is no chain to anchor in. */
  get status(): AnchorStatus | undefined {
    return this.#job?.status;
  }

  /** Starts in the background; does not wait for a chain. */
  start(ledger: Ledger): void {
    if (!this.#hasChain) return;
    const { log } = this.#options;
    this.#running = this.#run(ledger).catch((error: unknown) => {
      this.#opener.reject(error);
      log(error instanceof Error && error.name === 'ChainError' ? error.message : 'anchoring ended unexpectedly');
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#opener.reject(new Error('anchoring has ended'));
    await this.#running;
    await this.#chain?.stop();
  }

  get #hasChain(): boolean {
    return this.#options.chainUrl !== undefined || this.#options.local;
  }

  /** The chain as it was last reached, or else reached now. */
  async #reach(): Promise<AnchorTarget> {
    return this.#target ?? (await this.#open(await this.#opener.promise));
  }

  /** One connects at a time: the first to reach a new chain deploys contracts, and two would deploy two. */
  #open(openTarget: () => Promise<AnchorTarget>): Promise<AnchorTarget> {
    this.#opening ??= openTarget()
      .then((target) => {
        this.#target = target;
        return target;
      })
      .finally(() => {
        this.#opening = undefined;
      });
    return this.#opening;
  }

  async #run(ledger: Ledger): Promise<void> {
    const { dataFolder, log } = this.#options;
    const folder = join(dataFolder, 'chain');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const openTarget = await this.#chooseTarget(ledger);
    this.#opener.resolve(openTarget);
    this.#job = new AnchorJob({
      source: ledger,
      store: new FileAnchorStore(join(folder, 'anchoring.json')),
      openTarget: () => this.#open(openTarget),
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
    /** Leaves among which nothing urgent is left to be told. */
    let told = 0;
    let bounded = systemClock.now();
    while (!this.#stop.signal.aborted) {
      await systemClock.sleep(PACE, this.#stop.signal);
      const head = await ledger.head().catch(() => undefined);
      const { anchored } = job.status;
      const from = Math.max(told, anchored?.size ?? 0);
      if (head && head.size > from) {
        // where the database is away, the next turn looks at the same leaves
        await ledger.sizeWith(URGENT, from).then(
          (urgent) => {
            if (urgent !== undefined) job.grown(urgent, true);
            told = head.size;
          },
          () => undefined,
        );
      }
      if (head) job.grown(head.size);
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
