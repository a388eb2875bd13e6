import type { Vault } from '@meridian/records';

const EVERY = 60_000;
const PORTION = 1000;

/** Deletes what has expired in the vault, every minute and a portion at a time. */
export class VaultSweep {
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> = Promise.resolve();

  constructor(vault: Pick<Vault, 'sweep'>, onFault: (error: unknown) => void) {
    this.#timer = setInterval(() => {
      this.#running = sweep(vault).catch(onFault);
    }, EVERY).unref();
  }

  /** Resolves when a sweep that runs has ended. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}

async function sweep(vault: Pick<Vault, 'sweep'>): Promise<void> {
  while ((await vault.sweep(PORTION)) === PORTION);
}
