import { tmpdir } from 'node:os';
import { createTestClient, http, parseEther, publicActions, walletActions } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { findAnvil, freePort, startAnvil, stopProcess } from '../anvil-process.ts';
import { type ChainConnection, connectChain } from '../connection.ts';
import type { Sender } from '../transaction.ts';

/** Helpers for the tests and benchmarks of this package; not part of its public face. */

/** Whether this machine can run a chain; tests that need one are skipped otherwise. */
export const anvil = findAnvil();

/** Speaks to anvil's own methods: balances, mining, reorganisations. */
export type TestClient = ReturnType<typeof testClientOf>;

function testClientOf(url: string) {
  return createTestClient({ mode: 'anvil', transport: http(url, { retryCount: 0 }), cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions);
}

/** A chain in memory that mines each transaction at once. */
export interface TestChain {
  readonly url: string;
  readonly connection: ChainConnection;
  readonly control: TestClient;
  /** A method of anvil's own that viem does not have, or not so. */
  call(method: string, ...parameters: readonly unknown[]): Promise<void>;
  /** A new account with money. */
  account(): Promise<Sender>;
  /** As a crash would: nothing is written. */
  stop(): Promise<void>;
}

export async function startTestChain(...flags: string[]): Promise<TestChain> {
  if (anvil === undefined) throw new Error('There is no anvil for this platform.');
  const { url, pid } = await startAnvil(anvil, await freePort(), flags, tmpdir());
  const control = testClientOf(url);
  const connection = await connectChain(url);
  return {
    url,
    connection,
    control,
    account: async () => {
      const account = privateKeyToAccount(generatePrivateKey());
      await control.setBalance({ address: account.address, value: parseEther('1000') });
      return account;
    },
    call: async (method, ...params) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const answer = (await response.json()) as { error?: { message: string } };
      if (answer.error) throw new Error(answer.error.message);
    },
    stop: () => stopProcess(pid),
  };
}
