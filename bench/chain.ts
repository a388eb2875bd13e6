/**
 * What integrity on a chain costs in gas and bytes: one anchor for many records, as Meridian does, against one transaction
 * for each record.
 *
 *     node bench/chain.ts
 *
 * On anvil, so the gas is that of the EVM and the same on every chain with its newest rules; the time is not, because a
 * chain of many validators takes seconds for a block. No time is measured for that reason, but for the work of the client.
 */
import { randomBytes } from 'node:crypto';
import { type Hex, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { AnchorClient, deploy, hashOfText, RegistryClient, signHead } from '../packages/chain/src/index.ts';
import { startTestChain } from '../packages/chain/src/testing/test-chain.ts';
import { testLog } from '../packages/chain/src/testing/test-log.ts';

const RECORD_BYTES = 1_500;
/** Deploys `sstore(calldataload(0), 1)`: the least that keeps a hash where contracts can read it. */
const STORE_ONE: Hex = '0x666001600035550060005260076019f3';
const chain = await startTestChain();
const { connection } = chain;
const sender = await chain.account();

interface Cost {
  gas: number;
  /** Size of the signed transaction, as it is kept in the block. */
  bytes: number;
}

async function costOf(hash: Hex): Promise<Cost> {
  const [{ gasUsed }, raw] = await Promise.all([
    connection.client.waitForTransactionReceipt({ hash }),
    connection.client.request<{ Method: string; Parameters: string[]; ReturnType: Hex }>({
      method: 'eth_getRawTransactionByHash',
      params: [hash],
    }),
  ]);
  return { gas: Number(gasUsed), bytes: raw.length / 2 - 1 };
}

async function costOfSending(to: Hex, data: Hex): Promise<Cost> {
  return costOf(await chain.control.sendTransaction({ account: sender, to, data, chain: null }));
}

const number = (value: number, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

function row(what: string, { gas, bytes }: Cost, records = 1): void {
  const columns = [
    number(gas),
    number(gas / records, gas / records < 100 ? 2 : 0),
    number(bytes / records, records > 1 ? 3 : 0),
  ];
  console.log(`${what.padEnd(58)}${columns.map((column) => column.padStart(13)).join('')}`);
}

try {
  const contracts = await deploy(connection, sender);
  const registry = new RegistryClient(connection, contracts.registry);
  const client = new AnchorClient(connection, contracts.anchor);
  const key = privateKeyToAccount(toHex(randomBytes(32)));
  const organisation = hashOfText('hospital.example');
  await registry.registerOrganisation(sender, organisation, sender.address);
  const history = testLog();
  let logs = 0;

  /** Anchors `from` leaves, then `to`, and gives the cost of the second. */
  const anchor = async (from: number, to: number): Promise<Cost> => {
    const origin = `log-${logs++}.example`;
    const registration = { organisation, origin, verifierKey: origin, anchoringKey: key.address };
    const log = await registry.registerLog(sender, registration);
    await client.anchor(sender, await signHead(key, log, history.head(from)), []);
    return costOf(await client.anchor(sender, await signHead(key, log, history.head(to)), history.prove(from, to)));
  };

  const heading = [`${'gas'.padStart(13)}`, 'gas/record'.padStart(13), 'bytes/record'.padStart(13)].join('');
  console.log(`${''.padEnd(58)}${heading}`);
  // sizes with no pattern in their bits, as real ones have none: a power of two has shorter proofs
  for (const size of [1_037, 1_000_547, 1_000_000_579, 1_000_000_000_633]) {
    for (const records of [1, 1_000, 10_000]) {
      row(
        `anchor: ${number(records)} records on a log of ${number(size)}`,
        await anchor(size, size + records),
        records,
      );
    }
  }

  const deployment = await chain.control.sendTransaction({ account: sender, data: STORE_ONE, chain: null });
  const { contractAddress } = await connection.client.waitForTransactionReceipt({ hash: deployment });
  const record = toHex(randomBytes(RECORD_BYTES));
  row('a transaction a record: hash in calldata only', await costOfSending(sender.address, toHex(randomBytes(32))));
  row(
    'a transaction a record: hash in contract storage',
    await costOfSending(contractAddress!, toHex(randomBytes(32))),
  );
  row(
    `a transaction a record: all ${number(RECORD_BYTES)} bytes in calldata`,
    await costOfSending(sender.address, record),
  );

  const tip = await connection.client.getBlock();
  console.log(`\nOne block of ${number(Number(tip.gasLimit))} gas on this chain.`);
  console.log(
    `Code: registry ${number(await codeSize(contracts.registry))}, anchor ${number(await codeSize(contracts.anchor))} bytes.`,
  );

  const rounds = 200;
  const start = performance.now();
  for (let i = 0; i < rounds; i++) await signHead(key, organisation, history.head(i + 1));
  console.log(`Client: ${((performance.now() - start) / rounds).toFixed(2)} ms to sign a head.`);
} finally {
  await chain.stop();
}

async function codeSize(address: Hex): Promise<number> {
  return ((await connection.client.getCode({ address })) ?? '0x').length / 2 - 1;
}
