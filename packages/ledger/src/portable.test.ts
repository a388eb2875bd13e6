import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toBase64 } from './bytes.ts';
import { commitment } from './leaf.ts';
import { ed25519Cosigner, ed25519NoteSigner, type KeySigner, mlDsa44Cosigner, noteVerifier } from './note-key.ts';
import { formatNote, parseNote, verifyNote } from './signed-note.ts';
import { entries, logOf, seed, signedCheckpoint } from './test-log.ts';

// What a browser does, done in a Node whose own cryptography is hidden: the same bytes must come out of it.
const BROWSER = `
  process.getBuiltinModule = undefined;
  const ledger = await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))});
  const input = JSON.parse(process.argv[1]);
  const seed = (n) => new Uint8Array(32).fill(n);
  const signers = [
    ledger.ed25519NoteSigner('log.example', seed(1)),
    ledger.ed25519Cosigner('w1.example', seed(2), () => 1800000000),
    ledger.mlDsa44Cosigner('w2.example', seed(3), () => 1800000000),
  ];
  const leaves = input.leaves.map((leaf) => new TextEncoder().encode(leaf));
  const { root, size } = ledger.appendToEdge(ledger.EMPTY_EDGE, leaves).append;
  const note = await ledger.signNote(ledger.formatCheckpoint({ origin: 'log.example', size, root }), signers);
  const theirs = ledger.parseNote(input.note);
  const broken = { ...theirs, signatures: theirs.signatures.map((s) => ({ ...s, signature: s.signature.with(9, s.signature[9] ^ 1) })) };
  const verifiers = signers.map(({ key }) => ledger.noteVerifier(key));
  const opening = { suite: 1, kind: 1, salt: seed(7), event: seed(8), sequence: 0, previous: undefined };
  console.log(JSON.stringify({
    native: ledger.nodeHasher() !== undefined,
    note: ledger.formatNote(note),
    verified: ledger.verifyNote(theirs, verifiers).size,
    refused: verifiers.filter((verifier, i) => !verifier.verify(theirs.text, broken.signatures[i].signature)).length,
    commitment: btoa(String.fromCharCode(...ledger.commitment(opening))),
  }));
`;

describe('without the cryptography of Node', () => {
  test('trees, signatures and commitments are the same', async () => {
    const leaves = entries(300);
    const { head } = await logOf(leaves);
    const now = () => 1_800_000_000;
    const signers: KeySigner[] = [
      ed25519NoteSigner('log.example', seed(1)),
      ed25519Cosigner('w1.example', seed(2), now),
      mlDsa44Cosigner('w2.example', seed(3), now),
    ];
    const note = await signedCheckpoint('log.example', head, signers);
    const input = { leaves: leaves.map((leaf) => new TextDecoder().decode(leaf)), note: formatNote(note) };
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', BROWSER, '--', JSON.stringify(input)],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    const output = JSON.parse(stdout);
    const opening = { suite: 1, kind: 1, salt: seed(7), event: seed(8), sequence: 0, previous: undefined };
    expect(output).toMatchObject({ native: false, verified: 3, refused: 3, commitment: toBase64(commitment(opening)) });
    const portable = parseNote(output.note);
    expect(portable.text).toBe(note.text);
    expect(portable.signatures.slice(0, 2)).toEqual(note.signatures.slice(0, 2));
    expect(
      verifyNote(
        portable,
        signers.map(({ key }) => noteVerifier(key)),
      ).size,
    ).toBe(3);
  });
});
