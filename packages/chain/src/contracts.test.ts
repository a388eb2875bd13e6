import { readFileSync } from 'node:fs';
import { type TreeHead, verifyConsistency } from '@meridian/ledger';
import fc from 'fast-check';
import { type AbiItem, encodeFunctionData, type Hex, parseAbiItem, toFunctionSignature, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileContracts, formatArtifact } from '../tools/solidity.ts';
import { anchorAbi, registryAbi } from './abi.ts';
import { AnchorClient } from './anchor-client.ts';
import { type Contracts, deploy } from './deploy.ts';
import { headDigest } from './head-statement.ts';
import { hashOfText, logIdOf } from './log-id.ts';
import { anvil, startTestChain, type TestChain } from './testing/test-chain.ts';
import { testLog } from './testing/test-log.ts';

const artifact = (name: string) => readFileSync(new URL(`../generated/${name}.json`, import.meta.url), 'utf8');
const abiOf = (name: string) => (JSON.parse(artifact(name)) as { abi: AbiItem[] }).abi;

/** An item of an ABI without the names of its parameters, which do not matter on the wire. */
function wire(item: AbiItem): unknown {
  const types = (parameters: readonly unknown[] = []): unknown[] =>
    parameters.map((parameter) => {
      const { type, indexed, components } = parameter as { type: string; indexed?: boolean; components?: unknown[] };
      return [type, indexed ?? false, types(components)];
    });
  const { type, name, inputs, outputs, stateMutability } = item as {
    type: string;
    name?: string;
    inputs?: unknown[];
    outputs?: unknown[];
    stateMutability?: string;
  };
  return [type, name, types(inputs), types(outputs), stateMutability];
}

test('compiling the contracts again gives what is kept, to the byte', () => {
  for (const compiled of compileContracts()) {
    expect(formatArtifact(compiled) === artifact(compiled.contract), `run: npm run compile -w packages/chain`).toBe(
      true,
    );
  }
});

test.each([
  ['OrgRegistry', registryAbi],
  ['LogAnchor', anchorAbi],
] as const)('the client speaks of %s as it was compiled', (name, abi) => {
  const compiled = abiOf(name).map(wire);
  for (const item of abi) expect(compiled).toContainEqual(wire(item));
});

describe.skipIf(anvil === undefined)('the consistency proof on a real EVM', () => {
  let chain: TestChain;
  let contracts: Contracts;

  beforeAll(async () => {
    chain = await startTestChain();
    contracts = await deploy(chain.connection, await chain.account());
  });
  afterAll(() => chain?.stop());

  interface Claim {
    older: TreeHead;
    newer: TreeHead;
    proof: readonly Uint8Array[];
  }

  /** What the contract says of many claims, asked in one batch. */
  async function onChain(claims: readonly Claim[]): Promise<boolean[]> {
    const answers: boolean[] = [];
    for (let at = 0; at < claims.length; at += 500) {
      const calls = claims.slice(at, at + 500).map(({ older, newer, proof }, id) => {
        const args = [
          BigInt(older.size),
          toHex(older.root),
          BigInt(newer.size),
          toHex(newer.root),
          proof.map((hash) => toHex(hash)),
        ] as const;
        const data = encodeFunctionData({ abi: anchorAbi, functionName: 'isConsistent', args });
        return { jsonrpc: '2.0', id, method: 'eth_call', params: [{ to: contracts.anchor, data }, 'latest'] };
      });
      const response = await fetch(chain.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(calls),
      });
      const results = (await response.json()) as { id: number; result: Hex }[];
      answers.push(...results.sort((a, b) => a.id - b.id).map(({ result }) => BigInt(result) === 1n));
    }
    return answers;
  }

  const inLedger = ({ older, newer, proof }: Claim) => verifyConsistency(older, newer, proof);

  test('every pair of small trees is accepted', async () => {
    const log = testLog();
    const claims: Claim[] = [];
    for (let size = 0; size <= 40; size++) {
      for (let old = 0; old <= size; old++) {
        claims.push({ older: log.head(old), newer: log.head(size), proof: log.prove(old, size) });
      }
    }
    expect((await onChain(claims)).every(Boolean)).toBe(true);
  });

  test('no change of a proof, a root or a size is accepted that the ledger would refuse, nor the other way', async () => {
    const log = testLog();
    const size = fc.oneof(fc.nat(70), fc.nat(2 ** 20), fc.maxSafeNat());
    const claim = fc.tuple(size, size).map(([a, b]): Claim => {
      const [old, size] = [Math.min(a, b), Math.max(a, b)];
      return { older: log.head(old), newer: log.head(size), proof: log.prove(old, size) };
    });
    const mutated = fc
      .tuple(claim, fc.nat(8), fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([claim, how, at, mask]) => mutate(claim, how, at, mask));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(claim, mutated), { minLength: 400, maxLength: 400 }), async (claims) => {
        expect(await onChain(claims)).toEqual(claims.map(inLedger));
      }),
      { numRuns: 10 },
    );
  });

  test('every single change of every proof of small trees is refused', async () => {
    const log = testLog();
    const claims: Claim[] = [];
    for (let size = 2; size <= 16; size++) {
      for (let old = 1; old < size; old++) {
        const claim = { older: log.head(old), newer: log.head(size), proof: log.prove(old, size) };
        for (let at = 0; at < claim.proof.length; at++) {
          claims.push(mutate(claim, 0, at, 1), mutate(claim, 1, at, 1), mutate(claim, 2, at, 1));
        }
        claims.push(mutate(claim, 3, 0, 1), mutate(claim, 4, 7, 1), mutate(claim, 5, 31, 128));
      }
    }
    expect((await onChain(claims)).some(Boolean)).toBe(false);
  });

  function mutate({ older, newer, proof }: Claim, how: number, at: number, mask: number): Claim {
    const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === at % 32 ? byte ^ mask : byte));
    const where = proof.length === 0 ? 0 : at % proof.length;
    switch (how) {
      case 0:
        return { older, newer, proof: proof.map((hash, i) => (i === where ? flipped(hash) : hash)) };
      case 1:
        return { older, newer, proof: proof.toSpliced(where, 1) };
      case 2:
        return { older, newer, proof: proof.toSpliced(where, 0, proof[where] ?? newer.root) };
      case 3:
        return { older, newer, proof: [...proof, older.root] };
      case 4:
        return { older: { ...older, root: flipped(older.root) }, newer, proof };
      case 5:
        return { older, newer: { ...newer, root: flipped(newer.root) }, proof };
      case 6:
        return { older: { ...older, size: older.size + 1 }, newer, proof };
      case 7:
        return { older: { ...older, size: Math.max(0, older.size - 1) }, newer, proof };
      default:
        return { older: newer, newer: older, proof };
    }
  }

  test('the root of the empty tree is that of RFC 6962, and nothing else is', async () => {
    const log = testLog();
    const older = { size: 0, root: new Uint8Array(32) };
    expect(await onChain([{ older, newer: log.head(3), proof: [] }])).toEqual([false]);
    expect(await onChain([{ older: log.head(0), newer: log.head(3), proof: [] }])).toEqual([true]);
  });

  test('client and contract agree on identifiers and digests', async () => {
    const log = logIdOf(hashOfText('hospital.example'), 'log.hospital.example');
    const head = testLog().head(12_345);
    const { client } = chain.connection;
    const digest = await client.readContract({
      address: contracts.anchor,
      abi: anchorAbi,
      functionName: 'statementDigest',
      args: [log, BigInt(head.size), toHex(head.root)],
    });
    expect(headDigest(log, head)).toBe(digest);
    const item = parseAbiItem('function logIdOf(bytes32 organisation, bytes32 originHash) view returns (bytes32)');
    expect(toFunctionSignature(item)).toBe('logIdOf(bytes32,bytes32)');
    const args = [hashOfText('hospital.example'), hashOfText('log.hospital.example')] as const;
    const id = await client.readContract({ address: contracts.registry, abi: [item], functionName: 'logIdOf', args });
    expect(id).toBe(log);
  });

  test('a log that was never anchored has no head', async () => {
    const head = await new AnchorClient(chain.connection, contracts.anchor).latest(hashOfText('nothing'));
    expect(head).toMatchObject({ size: 0, blockNumber: 0, forked: false });
  });
});
