import type { Deliver, Notice, Preferences } from '@meridian/viewing';
import type { SendMail } from './mail.ts';
import type { WebhookSender } from './webhook.ts';

export interface DeliveryParts {
  /** Undefined: this server sends no mail. */
  mail: SendMail | undefined;
  webhooks: WebhookSender;
  onFault(error: unknown): void;
}

/** Waiting notices; beyond this the newest are shown in the app only. */
const MOST_WAITING = 1000;
const PAUSES = [1000, 10_000, 60_000];

/** Sends notices outside of the app, in the background: what they tell of never waits for a mail server. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #stopped = new AbortController();
  #waiting = 0;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  readonly deliver: Deliver = (notice, preferences) => {
    for (const send of this.#ways(notice, preferences)) {
      if (this.#waiting >= MOST_WAITING) return;
      this.#waiting++;
      void this.#retry(send).finally(() => {
        this.#waiting--;
      });
    }
  };

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#parts.webhooks.close();
  }

  #ways(notice: Notice, { email, webhook }: Preferences): (() => Promise<void>)[] {
    const { mail, webhooks } = this.#parts;
    return [
      ...(email !== undefined && mail ? [() => mail(email, notice)] : []),
      ...(webhook !== undefined ? [() => webhooks.send(webhook, notice)] : []),
    ];
  }

  async #retry(send: () => Promise<void>): Promise<void> {
    for (const pause of [...PAUSES, undefined]) {
      try {
        return await send();
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        // the address must not get into the log with the error
        if (pause === undefined)
          return this.#parts.onFault(new Error('a notice could not be delivered', { cause: codeOf(error) }));
      }
      await this.#wait(pause);
    }
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#stopped;
      const timer = setTimeout(resolve, milliseconds);
      timer.unref();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
