import { anvil, startTestChain, type TestChain } from '@meridian/chain/testing';
import { parsePolicy, parseReceipt, verifyReceipt } from '@meridian/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestServer, testServer } from '../testing/server.ts';

/** A real chain for the server, in the memory of a process of this machine. */
let chain: TestChain;
let server: TestServer;

beforeAll(async () => {
  if (anvil === undefined) return;
  // as on the chain of an alliance, transactions cost nothing
  chain = await startTestChain('--base-fee', '0', '--gas-price', '0', '--disable-min-priority-fee');
  server = await testServer({ MERIDIAN_CHAIN_URL: chain.url, MERIDIAN_DEMO: '0' });
});

afterAll(async () => {
  await server?.close();
  await chain?.stop();
});

const CONSENT = (status: string) => ({
  resourceType: 'Consent',
  id: 'c',
  status,
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  policyRule: { text: 'as agreed' },
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('what the test waits for did not come');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs a verification to its end. */
async function verified(): Promise<{ ok: boolean; findings: { where: string; sentence: string }[] }> {
  const { id } = (await server.raw('POST', '/ledger/$verify')).json;
  let report: unknown;
  await until(async () => {
    ({ report } = (await server.raw('GET', `/ledger/$verify/${id}`)).json);
    return report !== undefined;
  });
  return report as Awaited<ReturnType<typeof verified>>;
}

describe.skipIf(anvil === undefined)('a server with a chain', () => {
  it('anchors what is written, and a receipt shows it', async () => {
    const created = await server.call('POST', 'Patient', { resourceType: 'Patient' }, { prefer: 'wait=anchored' });
    expect(created.headers['preference-applied']).toBe('wait=anchored');
    const answer = await server.raw('GET', `/ledger/receipt/Patient/${created.json.id}/_history/1`);
    expect(answer.headers['ledger-state']).toBe('anchored');
    const policy = parsePolicy((await server.raw('GET', '/ledger/policy')).text);
    expect(verifyReceipt(parseReceipt(answer.text), policy)).toMatchObject({ outcome: 'proved' });
    expect((await server.raw('GET', '/ledger/status')).json).toMatchObject({ state: 'leading', anchored: 1 });
    expect(await verified()).toMatchObject({ ok: true, findings: [] });
  });

  it('anchors at once that a consent was withdrawn', async () => {
    const anchored = async (): Promise<number> => Number((await server.raw('GET', '/ledger/status')).json.anchored);
    const before = await anchored();
    const write = (status: string) => server.call('PUT', 'Consent/c', CONSENT(status), { prefer: 'wait=logged' });
    expect((await write('active')).status).toBe(201);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    // nothing urgent: it waits for its turn
    expect(await anchored()).toBe(before);
    expect((await write('inactive')).status).toBe(200);
    await until(async () => (await anchored()) > before + 1);
  });

  it('finds that the chain lacks an anchor that was recorded', async () => {
    // a reorganisation that drops the block of the anchor
    await chain.call('anvil_rollback', 1);
    const { findings } = await verified();
    expect(findings).toMatchObject([{ where: 'ledger_anchor', sentence: 'The chain does not hold this anchor.' }]);
  });
});
