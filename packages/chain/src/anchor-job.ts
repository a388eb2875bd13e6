import { emptyRoot, type TreeHead, verifyConsistency } from '@meridian/ledger';
import type { AnchorState, AnchorStore, ConfirmedAnchor } from './anchor-state.ts';
import type { AnchorStatus } from './anchor-status.ts';
import type { AnchorTarget, ChainView } from './anchor-target.ts';
import { ChainError } from './chain-error.ts';

/** The log to be anchored. */
export interface AnchorSource {
  /** Newest head that the log has signed and made durable; undefined where it has signed none. */
  head(): Promise<TreeHead | undefined>;
  /** RFC 6962 consistency proof between two sizes up to that of the head. */
  proveConsistency(oldSize: number, newSize: number): Promise<readonly Uint8Array[]>;
}

/** Time as the job sees it. */
export interface Clock {
  /** POSIX milliseconds. */
  now(): number;
  /** Comes back after `milliseconds`, or as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface AnchorJobOptions {
  readonly source: AnchorSource;
  readonly store: AnchorStore;
  /** Called for every new connection, so also while there is no chain. */
  readonly openTarget: () => Promise<AnchorTarget>;
  readonly clock: Clock;
  /** From 0 up to 1, for the spread of retries. */
  readonly random: () => number;
  /** Anchor what is new after this long. Milliseconds; default ten minutes. */
  readonly interval?: number;
  /** Anchor as soon as so many leaves are new. Default 10,000. */
  readonly maxLeaves?: number;
  /** Blocks that must be there from the anchor's on, itself counted. Default 1, right for QBFT, whose blocks are final. */
  readonly confirmations?: number;
  /** Pay more for a transaction that no block has taken for so long. Milliseconds; default two minutes. */
  readonly patience?: number;
  /** Between looks at the chain: while something is on its way, and otherwise. Milliseconds; default 1,000 and 60,000. */
  readonly pace?: { readonly sent: number; readonly idle: number };
  /** First and longest wait after a failure. Milliseconds; default 1,000 and 60,000. */
  readonly backoff?: { readonly first: number; readonly longest: number };
}

/**
 * Anchors the heads of one log: those of a log that grew, every ten minutes or 10,000 leaves, and at once where an event is
 * urgent. One job for a log and for its sender, in one process.
 *
 * Crash safety. Each step looks at the log and the chain anew, so it does not matter where the last one ended. What is
 * written before what:
 *   1. `signed`, then the signature: else a job that forgot could sign what contradicts it, which marks the log as forked.
 *   2. `sent` with the hash of the transaction, then the sending: else a transaction could be on its way that nobody
 *      waits for, and its nonce would be taken. The other way round is harmless: a hash that no node knows is sent anew.
 * A head that is anchored twice cannot be: the contract refuses a size that has not grown.
 *
 * Reorganisations and wiped chains. An anchor is believed for as long as its block is on the chain. One that is gone is
 * made good with the newest head, which stands for every leaf before it.
 */
export class AnchorJob {
  readonly #options: AnchorJobOptions;
  #target: AnchorTarget | undefined;
  #state: AnchorState | undefined;
  #status: AnchorStatus = {
    progress: 'pending',
    anchored: undefined,
    waiting: 0,
    problem: undefined,
    failures: 0,
  };
  /** Sizes at or above which to anchor at once: what was urgent before a crash is anchored with the first look. */
  #urgentSize = 1;
  #lastSigned = Number.NEGATIVE_INFINITY;
  #wake: AbortController | undefined;

  constructor(options: AnchorJobOptions) {
    this.#options = options;
  }

  get status(): AnchorStatus {
    return this.#status;
  }

  /**
   * Tells the job that the log has grown to `size`, so that it need not wait for its next look. Cheap, never fails.
   *
   * @param urgent anchor at once: a purge, a withdrawn consent
   */
  grown(size: number, urgent = false): void {
    if (urgent) this.#urgentSize = Math.min(this.#urgentSize, size);
    const anchored = this.#status.anchored?.size ?? 0;
    const due = size > anchored && this.#due(size, anchored);
    // While the chain fails the retries keep their pace, whatever happens in the log.
    if ((urgent || due) && this.#status.failures === 0) this.#wake?.abort();
  }

  /** Works until the signal is aborted. Never rejects: whatever fails is in `status` and is tried again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const pause = await this.tick();
      await this.#options.clock.sleep(pause, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** One step, with its failure caught; gives the milliseconds to wait before the next. */
  async tick(): Promise<number> {
    try {
      const status = await this.step();
      return this.#pause(status);
    } catch (error) {
      const known = error instanceof ChainError;
      // Another node may answer next time, and a contradiction may have been the node's.
      this.#target = undefined;
      this.#status = {
        ...this.#status,
        progress: known && error.code === 'contradiction' ? 'halted' : 'pending',
        problem: known
          ? { code: error.code, sentence: error.message }
          : {
              code: 'unavailable',
              sentence: 'The log or the state of anchoring cannot be read; look at the database.',
            },
        failures: this.#status.failures + 1,
      };
      return this.#backoff();
    }
  }

  /**
   * Looks at log and chain, and does what is to be done next: nothing, wait, or anchor. Throws `ChainError`
   * `contradiction` where the log is behind or beside what was signed or anchored, and whatever chain, log and store throw.
   */
  async step(): Promise<AnchorStatus> {
    this.#state ??= await this.#options.store.load();
    // Before the chain is asked: what waits is known, and an old backup is noticed, also where no chain answers.
    const { size } = await this.#head();
    this.#status = { ...this.#status, waiting: Math.max(0, size - (this.#state.anchored?.size ?? 0)) };
    this.#target ??= await this.#options.openTarget();
    const view = await this.#target.view();
    // After the chain: the job of another process may have anchored what was new between the two looks.
    const head = await this.#head();
    if (view.forked) {
      throw new ChainError(
        'contradiction',
        'The chain has seen this log sign two histories; find out who holds its key.',
      );
    }
    if (view.head) await this.#mustContinue(view.head, head, 'the chain holds');
    await this.#settle(this.#target, view);
    const anchoring = head.size > (view.head?.size ?? 0) && (await this.#anchor(this.#target, view, head));
    return this.#report(head, view, anchoring);
  }

  /** Head of the log, found to continue what was signed. */
  async #head(): Promise<TreeHead> {
    const head = (await this.#options.source.head()) ?? { size: 0, root: emptyRoot() };
    if (this.#state?.signed) await this.#mustContinue(this.#state.signed, head, 'the anchoring key signed');
    return head;
  }

  async #mustContinue(older: TreeHead, head: TreeHead, who: string): Promise<void> {
    const proof = older.size < head.size ? await this.#options.source.proveConsistency(older.size, head.size) : [];
    if (verifyConsistency(older, head, proof)) return;
    const how = older.size > head.size ? `has ${head.size} leaves, but ${who} ${older.size}` : `is not what ${who}`;
    throw new ChainError(
      'contradiction',
      `The log ${how}: it was restored from an old backup or altered. Stop writing to it and restore what is missing, ` +
        'or start a new log that commits to this one.',
    );
  }

  /** Brings the state in line with what the chain says. */
  async #settle(target: AnchorTarget, { tip, head }: ChainView): Promise<void> {
    const { confirmations = 1 } = this.#options;
    const state = this.#state!;
    let { anchored, sent } = state;
    if (anchored && !(await this.#holds(target, anchored, head?.size ?? 0))) {
      anchored = undefined;
      // What the log had on this chain is gone: do not let it wait ten minutes for the next turn.
      this.#urgentSize = 1;
    }
    if (head && tip - head.blockNumber + 1 >= confirmations && anchored?.blockHash !== head.blockHash) {
      const { previousBlock: _, ...event } = head;
      anchored = { ...event, chainId: target.chainId, contract: target.contract };
    }
    if (sent && head && head.size >= sent.size) sent = undefined;
    if (anchored === state.anchored && sent === state.sent) return;
    await this.#save({
      ...(state.signed && { signed: state.signed }),
      ...(sent && { sent }),
      ...(anchored && { anchored }),
    });
  }

  async #holds(target: AnchorTarget, anchored: ConfirmedAnchor, anchoredSize: number): Promise<boolean> {
    if (anchored.chainId !== target.chainId || anchored.contract !== target.contract) return false;
    if (anchored.size > anchoredSize) return false;
    return (await target.blockHash(anchored.blockNumber)) === anchored.blockHash;
  }

  /** Anchors the head if it is time; says whether a transaction is on its way. */
  async #anchor(target: AnchorTarget, { head: anchoredHead }: ChainView, head: TreeHead): Promise<boolean> {
    const { clock, source, patience = 120_000 } = this.#options;
    const { sent, anchored } = this.#state!;
    const known = sent !== undefined && (await target.knows(sent.hash));
    const waited = sent === undefined ? 0 : clock.now() - sent.at;
    // A clock that was set back gives a negative wait; then it is better to pay twice than to wait for years.
    if (known && waited >= 0 && waited < patience) return true;
    if (sent === undefined && !this.#due(head.size, anchoredHead?.size ?? 0)) return false;

    const proof = await source.proveConsistency(anchoredHead?.size ?? 0, head.size);
    const kept = { signed: head, ...(anchored && { anchored }) };
    await this.#save({ ...kept, ...(sent && { sent }) });
    const { serialized, ...transaction } = await target.sign(head, proof, known ? sent : undefined);
    const at = clock.now();
    await this.#save({ ...kept, sent: { ...head, ...transaction, at } });
    await target.send({ serialized, ...transaction });
    this.#lastSigned = at;
    this.#urgencyMet(head.size);
    return true;
  }

  #due(size: number, anchoredSize: number): boolean {
    const { clock, interval = 600_000, maxLeaves = 10_000 } = this.#options;
    const since = clock.now() - this.#lastSigned;
    return size >= this.#urgentSize || size - anchoredSize >= maxLeaves || since >= interval || since < 0;
  }

  /** Urgency that came meanwhile, for leaves beyond `size`, stays. */
  #urgencyMet(size: number): void {
    if (size >= this.#urgentSize) this.#urgentSize = Number.POSITIVE_INFINITY;
  }

  async #save(state: AnchorState): Promise<void> {
    await this.#options.store.save(state);
    this.#state = state;
  }

  #report(head: TreeHead, view: ChainView, anchoring: boolean): AnchorStatus {
    const { anchored } = this.#state!;
    const waiting = head.size - (anchored?.size ?? 0);
    const young = (view.head?.size ?? 0) > (anchored?.size ?? 0);
    if (waiting === 0) this.#urgencyMet(head.size);
    const progress = waiting === 0 ? 'anchored' : anchoring || young ? 'sent' : 'pending';
    this.#status = { progress, anchored, waiting, problem: undefined, failures: 0 };
    return this.#status;
  }

  #pause({ progress }: AnchorStatus): number {
    const { clock, interval = 600_000, pace = { sent: 1_000, idle: 60_000 } } = this.#options;
    if (progress === 'sent') return pace.sent;
    if (progress !== 'pending') return pace.idle;
    if (Number.isFinite(this.#urgentSize)) return pace.sent;
    const untilDue = this.#lastSigned + interval - clock.now();
    return Math.max(0, Math.min(pace.idle, untilDue));
  }

  /** Twice as long after each failure; spread, so that many servers do not come back at one moment. */
  #backoff(): number {
    const { backoff: { first, longest } = { first: 1_000, longest: 60_000 }, random } = this.#options;
    const longestNow = Math.min(longest, first * 2 ** Math.min(30, this.#status.failures - 1));
    return longestNow * (0.5 + random() / 2);
  }
}
