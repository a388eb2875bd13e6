import { expect, test } from 'vitest';
import { toUtf8 } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { parseBundle } from './entry-bundle.ts';
import { parsePolicy } from './policy.ts';
import { parseReceipt } from './receipt-json.ts';
import { parseNote } from './signed-note.ts';
import { readsOrRefuses } from './test-log.ts';
import { parseResourcePath } from './tile.ts';
import { parseTlogProof } from './tlog-proof.ts';
import { parseVerifierKey } from './vkey.ts';
import { parseAddCheckpoint } from './witness.ts';

const MEGABYTE = 1 << 20;

// Each takes milliseconds. Time quadratic in the length would be hours, and the limit of the test runner would tell.
test.each<[string, () => unknown]>([
  ['a note of newlines', () => parseNote('\n'.repeat(MEGABYTE))],
  ['a note of signatures', () => parseNote(`a\n\n${'\u2014 a AAAAAAA=\n'.repeat(70_000)}`)],
  ['a signature line of spaces', () => parseNote(`a\n\n${' '.repeat(MEGABYTE - 100)}\n`)],
  ['a checkpoint of lines', () => parseCheckpoint('a\n'.repeat(MEGABYTE / 2))],
  ['a policy of spaces', () => parsePolicy(' '.repeat(MEGABYTE))],
  ['a policy of newlines', () => parsePolicy('\n'.repeat(MEGABYTE))],
  ['a group of a million members', () => parsePolicy(`group a any ${'a '.repeat(MEGABYTE / 2 - 100)}`)],
  ['a verifier key of plus signs', () => parseVerifierKey('+'.repeat(MEGABYTE))],
  ['a proof of lines', () => parseTlogProof(`c2sp.org/tlog-proof@v1\nindex 1\n${'A\n'.repeat(MEGABYTE / 2)}\n\na\n`)],
  [
    'a proof of extra data',
    () => parseTlogProof(`c2sp.org/tlog-proof@v1\nextra ${'A'.repeat(MEGABYTE)}\nindex 1\n\na\n`),
  ],
  ['a request of hashes', () => parseAddCheckpoint(toUtf8(`old 0\n${'A\n'.repeat(MEGABYTE / 2)}\n`))],
  ['a receipt of brackets', () => parseReceipt('['.repeat(8 * MEGABYTE))],
  ['a receipt of one long salt', () => parseReceipt(JSON.stringify({ salt: 'A'.repeat(7 * MEGABYTE) }))],
  ['a bundle of empty entries', () => parseBundle(new Uint8Array(16 * MEGABYTE), 256)],
  ['a path of slashes', () => parseResourcePath('x/'.repeat(MEGABYTE))],
])('%s is refused without delay', (_what, read) => {
  expect(readsOrRefuses(read)).toBeUndefined();
});
