import {
  appendLeaves,
  ed25519NoteSigner,
  formatCheckpoint,
  formatLeaf,
  formatReceipt,
  formatVerifierKey,
  LEAF_KIND,
  leafOf,
  MemoryStorage,
  type Opening,
  sha256,
  signNote,
  storageSource,
  TileReader,
} from '@meridian/ledger';
import { encode } from 'cborg';
import { expect, test } from 'vitest';
import { checkReceipt } from './proof.ts';

const SUBJECT = 'Observation/o1/_history/2';
const bytes = new TextEncoder().encode('{"resourceType":"Observation","id":"o1"}');
const signer = ed25519NoteSigner('log.example', new Uint8Array(32).fill(7));
const policy = `log ${formatVerifierKey(signer.key)}\nquorum none\n`;
const clock = (): number => 0;

/** The receipt of an event among others in a log of its own. */
async function receiptOf(subjects: readonly string[], digest: Uint8Array, encoding = 2): Promise<string> {
  const [head, salt] = [[encoding, 2, 1_700_000_000_000, 'Practitioner/d', 'TREAT'], new Uint8Array(16)];
  const context = encoding === 1 ? ['r'] : ['western-practitioner', null, 'patient in care', 'r'];
  const event = encode([...head, ...context, subjects, digest, salt]);
  const opening: Opening = {
    suite: 1,
    kind: LEAF_KIND.event,
    salt: new Uint8Array(32).fill(9),
    event,
    sequence: 0,
    previous: undefined,
  };
  const storage = new MemoryStorage();
  const others = [1, 2, 3].map((byte) => new Uint8Array(35).fill(byte));
  const append = await appendLeaves(storage, [...others, formatLeaf(leafOf(opening))]);
  await storage.commit(append);
  const reader = await TileReader.open(storageSource(storage), append);
  const note = await signNote(formatCheckpoint({ origin: 'log.example', ...append }), [signer]);
  return formatReceipt({ proof: { index: 3, hashes: await reader.proveInclusion(3), note }, opening, anchors: [] });
}

test('a record that is what was sealed is proven, step by step', async () => {
  const receipt = await receiptOf([SUBJECT], sha256(bytes));
  const proof = checkReceipt({ receipt, policy, bytes, subject: SUBJECT, clock });
  expect(proof).toMatchObject({ outcome: 'proved', state: 'logged', index: 3, size: 4, at: 1_700_000_000_000 });
  expect(proof.steps.filter(({ result }) => result === 'passed').map(({ name }) => name)).toEqual([
    'content',
    'opening',
    'inclusion',
    'log-signature',
  ]);
});

test('one character more than was sealed is refused', async () => {
  const receipt = await receiptOf([SUBJECT], sha256(bytes));
  const changed = new TextEncoder().encode('{"resourceType":"Observation","id":"o2"}');
  const proof = checkReceipt({ receipt, policy, bytes: changed, subject: SUBJECT, clock });
  expect(proof).toMatchObject({ outcome: 'refused', state: undefined });
  expect(proof.steps[0]).toEqual({ name: 'content', result: 'failed' });
});

test('a receipt of another record, or of an event without content, is refused', async () => {
  const other = await receiptOf(['Observation/o9/_history/1'], sha256(bytes));
  const empty = await receiptOf([SUBJECT], new Uint8Array(0));
  for (const receipt of [other, empty]) {
    expect(checkReceipt({ receipt, policy, bytes, subject: SUBJECT, clock }).outcome).toBe('refused');
  }
});

test('a log that the policy does not name is refused', async () => {
  const receipt = await receiptOf([SUBJECT], sha256(bytes));
  const stranger = ed25519NoteSigner('log.example', new Uint8Array(32).fill(8));
  const others = `log ${formatVerifierKey(stranger.key)}\nquorum none\n`;
  const proof = checkReceipt({ receipt, policy: others, bytes, subject: SUBJECT, clock });
  expect(proof.steps.find(({ name }) => name === 'log-signature')?.result).toBe('failed');
});

test('an altered receipt is refused or unreadable', async () => {
  const receipt = await receiptOf([SUBJECT], sha256(bytes));
  const altered = receipt.replace('"sequence": "0"', '"sequence": "1"');
  expect(checkReceipt({ receipt: altered, policy, bytes, subject: SUBJECT, clock }).outcome).toBe('refused');
  expect(() => checkReceipt({ receipt: receipt.slice(0, -20), policy, bytes, subject: SUBJECT, clock })).toThrow(
    'not JSON',
  );
});

test('events of the first form still prove, those of a later one are not called broken', async () => {
  const first = await receiptOf([SUBJECT], sha256(bytes), 1);
  expect(checkReceipt({ receipt: first, policy, bytes, subject: SUBJECT, clock }).outcome).toBe('proved');
  const later = await receiptOf([SUBJECT], sha256(bytes), 9);
  expect(() => checkReceipt({ receipt: later, policy, bytes, subject: SUBJECT, clock })).toThrow('after this page');
});
