import type { Anchor } from '@meridian/ledger';
import { encodeFunctionData, toHex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anchorAbi } from './abi.ts';
import { AnchorClient, type ForkEvidence } from './anchor-client.ts';
import { connectChain } from './connection.ts';
import { type Contracts, checkContracts, deploy } from './deploy.ts';
import { type AnchoringKey, signerOf, signHead } from './head-statement.ts';
import { type Bytes32, hashOfText, logIdOf } from './log-id.ts';
import { RegistryClient } from './registry-client.ts';
import { anvil, startTestChain, type TestChain } from './testing/test-chain.ts';
import { testLog } from './testing/test-log.ts';
import type { Sender } from './transaction.ts';

describe.skipIf(anvil === undefined)('contracts and client', () => {
  let chain: TestChain;
  let admin: Sender;
  let controller: Sender;
  let payer: Sender;
  let contracts: Contracts;
  let registry: RegistryClient;
  let client: AnchorClient;
  let organisation: Bytes32;
  let key: AnchoringKey;
  let log: Bytes32;
  let tests = 0;

  const newKey = (): AnchoringKey => privateKeyToAccount(generatePrivateKey());
  const registration = (origin: string, anchoringKey: AnchoringKey) => ({
    organisation,
    origin,
    verifierKey: `${origin}+00000000+AQ==`,
    anchoringKey: anchoringKey.address,
  });

  beforeAll(async () => {
    chain = await startTestChain();
    admin = await chain.account();
    controller = await chain.account();
    payer = await chain.account();
    contracts = await deploy(chain.connection, admin);
    registry = new RegistryClient(chain.connection, contracts.registry);
    client = new AnchorClient(chain.connection, contracts.anchor);
  });
  afterAll(() => chain?.stop());

  beforeEach(async () => {
    organisation = hashOfText(`hospital-${tests++}.example`);
    key = newKey();
    await registry.registerOrganisation(admin, organisation, controller.address);
    log = await registry.registerLog(controller, registration('log.example', key));
  });

  const history = testLog();
  const anchorTo = async (size: number, from = 0, signer = key) =>
    client.anchor(payer, await signHead(signer, log, history.head(size)), history.prove(from, size));
  const refused = (reason: string) => expect.objectContaining({ code: 'refused', reason });

  /** The anchor of `size` as it would stand in a receipt. */
  async function anchorInReceipt(size: number): Promise<Anchor> {
    for await (const { root, blockNumber, transactionHash, ...event } of client.historyOf(log)) {
      if (event.size !== size) continue;
      const { chainId } = chain.connection;
      const contract = contracts.anchor.toLowerCase();
      return { chainId, contract, size, root, blockNumber, transactionHash, consistency: [] };
    }
    throw new Error(`no anchor of size ${size}`);
  }

  test('the two contracts belong together', async () => {
    await checkContracts(chain.connection, contracts);
    const other = await deploy(chain.connection, admin);
    const mixed = { registry: contracts.registry, anchor: other.anchor };
    await expect(checkContracts(chain.connection, mixed)).rejects.toMatchObject({ code: 'no-contract' });
    const none = { registry: contracts.registry, anchor: payer.address };
    await expect(checkContracts(chain.connection, none)).rejects.toMatchObject({ code: 'no-contract' });
  });

  test('a node of another chain, and none at all, are told apart', async () => {
    await expect(connectChain(chain.url, { chainId: 1 })).rejects.toMatchObject({ code: 'wrong-chain' });
    await expect(connectChain('http://secret@127.0.0.1:1')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.not.stringContaining('secret'),
    });
  });

  test('anchors follow each other, and the history has them all', async () => {
    const sizes = [1, 2, 7, 64, 1_000_000];
    for (const [i, size] of sizes.entries()) await anchorTo(size, sizes[i - 1] ?? 0);
    expect(await client.latest(log)).toMatchObject({ ...history.head(1_000_000), forked: false });
    const found = [];
    for await (const event of client.historyOf(log)) found.push({ size: event.size, root: event.root });
    expect(found).toEqual(sizes.toReversed().map((size) => history.head(size)));
  });

  test('several anchors in one block stay apart in the history, and a rival among them has no effect', async () => {
    await anchorTo(1);
    await chain.control.setAutomine(false);
    // two senders, both sure to follow size 1; the third follows what the first will have anchored
    const proofs: [Sender, number, number][] = [
      [payer, 1, 2],
      [controller, 1, 3],
      [admin, 2, 4],
    ];
    for (const [i, [account, from, size]] of proofs.entries()) {
      const { signature, root } = await signHead(key, log, history.head(size));
      const args = [
        log,
        { size: BigInt(size), root: toHex(root), signature },
        history.prove(from, size).map((hash) => toHex(hash)),
      ] as const;
      const data = encodeFunctionData({ abi: anchorAbi, functionName: 'anchor', args });
      const fees = { maxPriorityFeePerGas: 10n ** 9n * BigInt(9 - i), maxFeePerGas: 10n ** 11n };
      await chain.control.sendTransaction({ account, to: contracts.anchor, data, gas: 300_000n, chain: null, ...fees });
    }
    await chain.control.mine({ blocks: 1 });
    await chain.control.setAutomine(true);
    const found = [];
    for await (const { size, blockNumber } of client.historyOf(log)) found.push({ size, blockNumber });
    expect(found.map(({ size }) => size)).toEqual([4, 2, 1]);
    expect(found[0]?.blockNumber).toBe(found[1]?.blockNumber);
    expect(await client.verifyAnchor(log, await anchorInReceipt(2))).toBe('held');
  });

  test('a head that does not grow is refused', async () => {
    await anchorTo(8);
    await expect(anchorTo(8, 8)).rejects.toEqual(refused('SizeNotGrown'));
    await expect(anchorTo(5, 5)).rejects.toEqual(refused('SizeNotGrown'));
    await expect(anchorTo(0)).rejects.toEqual(refused('SizeNotGrown'));
  });

  test('a head of another history is refused', async () => {
    await anchorTo(8);
    const other = testLog('other');
    const statement = await signHead(key, log, other.head(9));
    await expect(client.anchor(payer, statement, other.prove(8, 9))).rejects.toEqual(refused('NotConsistent'));
    await expect(client.anchor(payer, statement, history.prove(8, 9))).rejects.toEqual(refused('NotConsistent'));
    await expect(client.anchor(payer, statement, [])).rejects.toEqual(refused('NotConsistent'));
  });

  test('only the present key of the log can anchor, whoever pays', async () => {
    await expect(anchorTo(3, 0, newKey())).rejects.toEqual(refused('WrongSigner'));
    const statement = await signHead(key, logIdOf(organisation, 'another.example'), history.head(3));
    await expect(client.anchor(payer, { ...statement, log }, [])).rejects.toEqual(refused('WrongSigner'));
    await expect(client.anchor(payer, statement, [])).rejects.toEqual(refused('LogNotActive'));
    const short = { ...(await signHead(key, log, history.head(3))), signature: '0x00' as const };
    await expect(client.anchor(payer, short, [])).rejects.toEqual(refused('ECDSAInvalidSignatureLength'));

    const next = newKey();
    await registry.changeLogKeys(controller, log, 'log.example+11111111+AQ==', next.address);
    await expect(anchorTo(3)).rejects.toEqual(refused('WrongSigner'));
    await anchorTo(3, 0, next);
    expect(await registry.log(log)).toMatchObject({ organisation, anchoringKey: next.address });
  });

  test('a suspended organisation can do nothing until it is let in again', async () => {
    await anchorTo(3);
    await expect(registry.setSuspended(controller, organisation, true)).rejects.toEqual(
      refused('AccessControlUnauthorizedAccount'),
    );
    await registry.setSuspended(admin, organisation, true);
    await expect(anchorTo(4, 3)).rejects.toEqual(refused('LogNotActive'));
    await expect(registry.registerLog(controller, registration('b.example', key))).rejects.toEqual(
      refused('NotController'),
    );
    expect(await client.latest(log)).toMatchObject(history.head(3));
    await registry.setSuspended(admin, organisation, false);
    await anchorTo(4, 3);
  });

  test('each right is needed for what it is for', async () => {
    const stranger = await chain.account();
    const id = hashOfText('stranger.example');
    await expect(registry.registerOrganisation(stranger, id, stranger.address)).rejects.toEqual(
      refused('AccessControlUnauthorizedAccount'),
    );
    // a registrar admits organisations, but does not act for them
    for (const sender of [stranger, admin]) {
      await expect(registry.registerLog(sender, registration('c.example', key))).rejects.toEqual(
        refused('NotController'),
      );
      await expect(registry.registerWitness(sender, organisation, 'w+1+A')).rejects.toEqual(refused('NotController'));
      await expect(registry.changeLogKeys(sender, log, 'k+1+A', sender.address)).rejects.toEqual(
        refused('NotController'),
      );
      await expect(registry.proposeController(sender, organisation, sender.address)).rejects.toEqual(
        refused('NotController'),
      );
    }
    await expect(registry.acceptController(stranger, organisation)).rejects.toEqual(refused('NotNextController'));
    await registry.registerWitness(controller, organisation, 'w+1+A');
    await expect(registry.registerWitness(controller, organisation, 'w+1+A')).rejects.toEqual(refused('WitnessExists'));
    await expect(registry.registerLog(controller, registration('log.example', key))).rejects.toEqual(
      refused('LogExists'),
    );
    await expect(registry.registerOrganisation(admin, organisation, admin.address)).rejects.toEqual(
      refused('OrganisationExists'),
    );
    await expect(registry.changeLogKeys(controller, hashOfText('no log'), 'k', key.address)).rejects.toEqual(
      refused('UnknownLog'),
    );
  });

  test('a controller hands over in two steps', async () => {
    const next = await chain.account();
    await registry.proposeController(controller, organisation, next.address);
    await registry.registerLog(controller, registration('d.example', key));
    await registry.acceptController(next, organisation);
    expect(await registry.organisation(organisation)).toEqual({ controller: next.address, suspended: false });
    await expect(registry.registerLog(controller, registration('e.example', key))).rejects.toEqual(
      refused('NotController'),
    );
    await expect(registry.acceptController(next, organisation)).rejects.toEqual(refused('NotNextController'));
  });

  describe('forks', () => {
    const other = testLog('other');

    async function evidence(parts: Partial<ForkEvidence> = {}): Promise<ForkEvidence> {
      const earlier = await signHead(key, log, other.head(9));
      const later = await signHead(key, log, history.head(9));
      return { earlier, later, rootOfEarlier: later.root, proof: [], ...parts };
    }

    test('two roots for one size, shown by a stranger, end the log', async () => {
      await anchorTo(3);
      await client.reportFork(await chain.account(), await evidence());
      expect(await client.latest(log)).toMatchObject({ ...history.head(3), forked: true });
      await expect(anchorTo(4, 3)).rejects.toEqual(refused('LogHasForked'));
      await expect(client.reportFork(payer, await evidence())).rejects.toEqual(refused('LogHasForked'));
      expect(await client.verifyAnchor(log, await anchorInReceipt(3))).toBe('forked');
    });

    test('a head that is no part of a later one is a fork as well', async () => {
      for (const size of [1, 4, 5, 8]) {
        organisation = hashOfText(`forked-${size}.example`);
        await registry.registerOrganisation(admin, organisation, controller.address);
        log = await registry.registerLog(controller, registration('log.example', key));
        const earlier = await signHead(key, log, other.head(size));
        const rootOfEarlier = history.head(size).root;
        const proof = history.prove(size, 9);
        await client.reportFork(payer, await evidence({ earlier, rootOfEarlier, proof }));
        expect((await client.latest(log)).forked).toBe(true);
      }
    });

    test('a key that was given up still answers for what it signed', async () => {
      const old = await evidence();
      await registry.changeLogKeys(controller, log, 'k+1+A', newKey().address);
      await client.reportFork(payer, old);
      expect((await client.latest(log)).forked).toBe(true);
    });

    test('an innocent log cannot be marked', async () => {
      const { earlier, later } = await evidence();
      const forged = await signHead(newKey(), log, other.head(9));
      await expect(client.reportFork(payer, await evidence({ earlier: forged }))).rejects.toEqual(
        refused('WrongSigner'),
      );
      await expect(client.reportFork(payer, await evidence({ later: forged }))).rejects.toEqual(refused('WrongSigner'));
      // the same head twice, and two heads of one history
      await expect(client.reportFork(payer, await evidence({ earlier: later }))).rejects.toEqual(
        refused('NoContradiction'),
      );
      const five = await signHead(key, log, history.head(5));
      const grown = { earlier: five, rootOfEarlier: five.root, proof: history.prove(5, 9) };
      await expect(client.reportFork(payer, await evidence(grown))).rejects.toEqual(refused('NoContradiction'));
      const invented = { earlier: five, rootOfEarlier: other.head(5).root, proof: history.prove(5, 9) };
      await expect(client.reportFork(payer, await evidence(invented))).rejects.toEqual(refused('NotConsistent'));
      // the larger may not come first
      const swapped = { earlier, later: five, rootOfEarlier: five.root };
      await expect(client.reportFork(payer, await evidence(swapped))).rejects.toEqual(refused('NotConsistent'));
      expect((await client.latest(log)).forked).toBe(false);
    });

    test('statements of two logs are no fork', async () => {
      const elsewhere = await signHead(key, logIdOf(organisation, 'f.example'), other.head(9));
      await expect(client.reportFork(payer, await evidence({ earlier: elsewhere }))).rejects.toMatchObject({
        code: 'bad-argument',
      });
    });
  });

  test('a statement names its signer until it is changed', async () => {
    const statement = await signHead(key, log, history.head(5));
    expect(await signerOf(statement)).toBe(key.address);
    expect(await signerOf({ ...statement, size: 6 })).not.toBe(key.address);
    await expect(signHead(key, log, { size: 2 ** 53, root: statement.root })).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });

  test('the anchor in a receipt is held, young, absent or of elsewhere', async () => {
    await anchorTo(4);
    await anchorTo(9, 4);
    const anchor = await anchorInReceipt(4);
    expect(await client.verifyAnchor(log, anchor)).toBe('held');
    expect(await client.verifyAnchor(log, anchor, 3)).toBe('unconfirmed');
    await chain.control.mine({ blocks: 1 });
    expect(await client.verifyAnchor(log, anchor, 3)).toBe('held');
    const transactionHash = hashOfText('x');
    const absent: Partial<Anchor>[] = [
      { size: 5 },
      { root: history.head(5).root },
      { blockNumber: anchor.blockNumber - 1 },
      { blockNumber: anchor.blockNumber + 1_000_000 },
      { transactionHash },
    ];
    for (const change of absent) expect(await client.verifyAnchor(log, { ...anchor, ...change })).toBe('absent');
    expect(await client.verifyAnchor(hashOfText('another log'), anchor)).toBe('absent');
    expect(await client.verifyAnchor(log, { ...anchor, chainId: 1 })).toBe('elsewhere');
    expect(await client.verifyAnchor(log, { ...anchor, contract: payer.address })).toBe('elsewhere');
  });

  test('on a chain that charges nothing, as QBFT networks do, nobody needs money', async () => {
    const free = await startTestChain('--base-fee', '0', '--gas-price', '0', '--disable-min-priority-fee');
    try {
      const poor = privateKeyToAccount(generatePrivateKey());
      expect(await free.control.getBalance({ address: poor.address })).toBe(0n);
      const deployed = await deploy(free.connection, poor);
      const owner = new RegistryClient(free.connection, deployed.registry);
      await owner.registerOrganisation(poor, organisation, poor.address);
      log = await owner.registerLog(poor, registration('log.example', key));
      const anchors = new AnchorClient(free.connection, deployed.anchor);
      await anchors.anchor(poor, await signHead(key, log, history.head(9)), []);
      expect(await anchors.latest(log)).toMatchObject(history.head(9));
    } finally {
      await free.stop();
    }
  });
});
