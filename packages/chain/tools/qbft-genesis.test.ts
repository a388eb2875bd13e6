import { fromRlp } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { expect, test } from 'vitest';
import { enodeOf, qbftExtraData, qbftGenesis } from './qbft-genesis.ts';

const validators = [1, 2, 3, 4].map((n) => privateKeyToAccount(`0x${`${n}`.padStart(64, '0')}`));
const addresses = validators.map(({ address }) => address);

test('the extra data names the validators and nothing else', () => {
  const [vanity, named, vote, round, seals, ...rest] = fromRlp(qbftExtraData(addresses), 'hex');
  expect(vanity).toBe(`0x${'00'.repeat(32)}`);
  expect(named).toEqual(addresses.map((address) => address.toLowerCase()));
  expect([vote, round, seals, rest]).toEqual([[], '0x', [], []]);
  // as in the examples of the documentation: vote c0, round 80, seals c0 at the end
  expect(qbftExtraData(addresses).endsWith('c080c0')).toBe(true);
});

test('the genesis is of a chain that charges nothing', () => {
  expect(qbftGenesis(77, addresses)).toMatchObject({
    config: { chainId: 77, zeroBaseFee: true, shanghaiTime: 0 },
    extraData: qbftExtraData(addresses),
    alloc: {},
  });
});

test('a node is addressed by its bare public key', () => {
  expect(enodeOf(validators[0]!.publicKey, '10.0.0.1')).toMatch(/^enode:\/\/79be667e[0-9a-f]{120}@10\.0\.0\.1:30303$/);
});
