import { createPublicClient, http, type PublicClient, webSocket } from 'viem';
import { asking, ChainError } from './chain-error.ts';

/** A node that answers JSON-RPC, and the chain it speaks for. */
export interface ChainConnection {
  readonly client: PublicClient;
  /** EIP-155 chain id. */
  readonly chainId: number;
}

export interface ConnectOptions {
  /** Longest wait for an answer, milliseconds. Default 10,000. */
  readonly timeout?: number;
  /** Refuse any other chain. */
  readonly chainId?: number;
}

const MAX_RESPONSE_BYTES = 4 * 2 ** 20;

/**
 * Connects to the node at `url` (`http:`, `https:`, `ws:` or `wss:`). Every question is asked once: whoever asks knows
 * whether to ask again. Throws `unreachable`, `wrong-chain`.
 */
export async function connectChain(url: string, options: ConnectOptions = {}): Promise<ChainConnection> {
  const { timeout = 10_000 } = options;
  const transport = /^wss?:/.test(url)
    ? webSocket(url, { timeout, retryCount: 0, reconnect: false })
    : http(url, { timeout, retryCount: 0, maxResponseBodySize: MAX_RESPONSE_BYTES });
  const client = createPublicClient({ transport, pollingInterval: 200, cacheTime: 0 });
  const chainId = await asking(() => client.getChainId());
  if (options.chainId !== undefined && options.chainId !== chainId) {
    throw new ChainError('wrong-chain', `The node is of chain ${chainId}, not ${options.chainId}; check the address.`);
  }
  return { client, chainId };
}
