import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64, toUtf8 } from './bytes.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { ed25519CosignedMessage, mlDsa44CosignedMessage } from './cosignature.ts';
import { ed25519Signer, ed25519Verifier } from './ed25519.ts';
import { LedgerError } from './error.ts';
import { ed25519Cosigner, ed25519NoteSigner, mlDsa44Cosigner, noteVerifier, signatureTime } from './note-key.ts';
import { formatNote, MAX_NOTE_SIGNATURES, parseNote, signNote, verifyNote } from './signed-note.ts';
import { flipped, readsOrRefuses, seed, signedCheckpoint } from './test-log.ts';
import { treeHasher } from './tree-hash.ts';
import { formatVerifierKey, parseVerifierKey, SIGNATURE_TYPE, verifierKey } from './vkey.ts';

const ORIGIN = 'example.com/behind-the-sofa';
const TIME = 1_679_315_147;
const head = { size: 20_852_163, root: fromBase64('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=') };

// The example in the documentation of the Go package golang.org/x/mod/sumdb/note, where the format was born.
const EXAMPLE_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const EXAMPLE_NOTE = [
  'If you think cryptography is the answer to your problem,',
  "then you don't know what your problem is.",
  '',
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
  '',
].join('\n');

describe('signed notes', () => {
  test('the example of the Go package verifies, and is written the same', () => {
    const note = parseNote(EXAMPLE_NOTE);
    const verifier = noteVerifier(parseVerifierKey(EXAMPLE_KEY));
    expect([...verifyNote(note, [verifier]).keys()]).toEqual([verifier]);
    expect(formatNote(note)).toBe(EXAMPLE_NOTE);
    expect(formatVerifierKey(verifier.key)).toBe(EXAMPLE_KEY);
  });

  test('the example of C2SP signed-note is read, with text that has an empty line', () => {
    const note = parseNote(
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n' +
        '\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n',
    );
    expect(note.text).toMatch(/^Ognuno.*\n.*sole:\n\ned è subito sera\.\n$/);
    expect(note.signatures).toMatchObject([{ name: 'quasimodo.example/salvatore', keyId: 0x367ba04b }]);
    expect(note.signatures[0]!.signature).toHaveLength(64);
  });

  test('unknown signatures are ignored, also those that share a name or an id with a known key', async () => {
    const ours = ed25519NoteSigner('log.example', seed(1));
    const sameName = ed25519NoteSigner('log.example', seed(2));
    const verifier = noteVerifier(ours.key);
    const note = await signNote('text\n', [sameName, ours]);
    expect(verifyNote(note, [verifier]).size).toBe(1);
    const sameId = { name: 'other.example', keyId: ours.keyId, signature: new Uint8Array(64) };
    expect(verifyNote({ ...note, signatures: [sameId, ...note.signatures] }, [verifier]).size).toBe(1);
    expect(() => verifyNote({ ...note, signatures: [sameId] }, [verifier])).toThrow(
      expect.objectContaining({ code: 'unverified-note' }),
    );
  });

  test('a bad signature of a known key spoils the note, whoever else signed it', async () => {
    const ours = ed25519NoteSigner('log.example', seed(1));
    const other = ed25519NoteSigner('other.example', seed(2));
    const note = await signNote('text\n', [ours, other]);
    const bad = { ...note.signatures[1]!, signature: flipped(note.signatures[1]!.signature, 0) };
    expect(() =>
      verifyNote({ ...note, signatures: [note.signatures[0]!, bad] }, [
        noteVerifier(ours.key),
        noteVerifier(other.key),
      ]),
    ).toThrow(expect.objectContaining({ code: 'bad-signature' }));
  });

  test.each([
    ['no empty line', 'text\n\u2014 a AAAAAAA=\n'],
    ['no signature', 'text\n\n'],
    ['no newline at the end', EXAMPLE_NOTE.slice(0, -1)],
    ['a carriage return', EXAMPLE_NOTE.replace('\n', '\r\n')],
    ['two spaces', EXAMPLE_NOTE.replace('\u2014 P', '\u2014  P')],
    ['a hyphen for the dash', EXAMPLE_NOTE.replace('\u2014', '-')],
    ['a plus in the name', EXAMPLE_NOTE.replace('PeterNeumann', 'Peter+Neumann')],
    ['a no-break space in the name', EXAMPLE_NOTE.replace('PeterNeumann', 'Peter\u00a0Neumann')],
    ['Base 64 with spare bits set', EXAMPLE_NOTE.replace('JnAM=', 'JnAN=')],
    ['Base 64 without padding', EXAMPLE_NOTE.replace('JnAM=', 'JnAM')],
    ['a signature of only a key id', 'text\n\n\u2014 a AAAAAA==\n'],
    ['too many signatures', `text\n\n${'\u2014 a AAAAAAA=\n'.repeat(MAX_NOTE_SIGNATURES + 1)}`],
    ['half a surrogate pair', EXAMPLE_NOTE.replace('crypto', '\ud800')],
  ])('a note with %s is refused', (_what, note) => {
    expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: 'bad-note' }));
  });

  test('as many signatures as are allowed, and text of only newlines, are read', () => {
    expect(parseNote(`\n\n${'\u2014 a AAAAAAA=\n'.repeat(MAX_NOTE_SIGNATURES)}`).signatures).toHaveLength(
      MAX_NOTE_SIGNATURES,
    );
  });

  test('a note of a megabyte of empty lines is refused quickly', () => {
    expect(() => parseNote('\n'.repeat((1 << 20) + 1))).toThrow(LedgerError);
    expect(readsOrRefuses(() => parseNote('\n'.repeat(1 << 20)))).toBeUndefined();
  });

  test('random bytes are refused with a LedgerError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readsOrRefuses(() => parseNote(bytes));
      }),
    );
  });
});

describe('every change of a single byte of a signed checkpoint is refused', () => {
  test.each([
    ['Ed25519', ed25519NoteSigner(ORIGIN, seed(1))],
    ['an Ed25519 cosignature', ed25519Cosigner(ORIGIN, seed(1), () => TIME)],
    ['an ML-DSA-44 cosignature', mlDsa44Cosigner(ORIGIN, seed(1), () => TIME)],
  ])('with %s', async (_what, signer) => {
    const verifier = noteVerifier(signer.key);
    const note = toUtf8(formatNote(await signedCheckpoint(ORIGIN, head, [signer])));
    expect(verifyNote(parseNote(note), [verifier]).size).toBe(1);
    for (let at = 0; at < note.length; at += note.length > 1000 ? 7 : 1) {
      for (const mask of [0x01, 0x20, 0x80]) {
        expect(() => verifyNote(parseNote(flipped(note, at, mask)), [verifier])).toThrow(LedgerError);
      }
    }
  });
});

describe('verifier keys', () => {
  test('are written and read the same', () => {
    for (const { key } of [
      ed25519NoteSigner(ORIGIN, seed(3)),
      ed25519Cosigner('witness.example/w1', seed(3), () => TIME),
      mlDsa44Cosigner('witness.example/w1', seed(3), () => TIME),
    ]) {
      expect(parseVerifierKey(formatVerifierKey(key))).toEqual(key);
    }
  });

  test('one key and name have different ids for different types', () => {
    const note = ed25519NoteSigner(ORIGIN, seed(3)).key;
    const cosigner = ed25519Cosigner(ORIGIN, seed(3), () => TIME).key;
    expect(note.publicKey).toEqual(cosigner.publicKey);
    expect(note.keyId).not.toBe(cosigner.keyId);
  });

  test.each([
    EXAMPLE_KEY.replace('c74f20a3', 'c74f20a4'),
    EXAMPLE_KEY.replace('c74f20a3', 'C74F20A3'),
    EXAMPLE_KEY.replace('+ARpc', '+AhpC'),
    EXAMPLE_KEY.replace('Peter', 'Peter '),
    EXAMPLE_KEY.slice(0, -4),
    EXAMPLE_KEY.replace('PeterNeumann', ''),
    `${EXAMPLE_KEY}\n`,
    '',
  ])('%j is refused', (text) => {
    expect(() => parseVerifierKey(text)).toThrow(expect.objectContaining({ code: 'bad-key' }));
  });

  test('a key of the wrong length or a name too long to be cosigned is refused', () => {
    expect(() => verifierKey('a', SIGNATURE_TYPE.cosignatureMlDsa44, seed(1))).toThrow(LedgerError);
    expect(() => verifierKey('a'.repeat(256), SIGNATURE_TYPE.ed25519, seed(1))).toThrow(LedgerError);
    expect(() => ed25519NoteSigner('a', new Uint8Array(31))).toThrow(LedgerError);
  });

  test('signatures of any length and content are judged, not thrown at', () => {
    const check = ed25519Verifier(ed25519NoteSigner('a', seed(1)).key.publicKey);
    expect(check(toUtf8('text'), ed25519Signer(seed(1))(toUtf8('text')))).toBe(true);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (signature) => !check(toUtf8('text'), signature)));
  });
});

describe('checkpoints (C2SP tlog-checkpoint)', () => {
  const text = `${ORIGIN}\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`;

  test('the example is read and written the same', () => {
    expect(parseCheckpoint(text)).toEqual({ origin: ORIGIN, ...head, extensions: [] });
    expect(formatCheckpoint({ origin: ORIGIN, ...head })).toBe(text);
    expect(parseCheckpoint(`${text}one\ntwo\n`).extensions).toEqual(['one', 'two']);
  });

  test.each([
    ['two lines', `${ORIGIN}\n20852163\n`],
    ['an empty origin', `\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`],
    ['a leading zero', text.replace('2085', '02085')],
    ['a sign', text.replace('2085', '+2085')],
    ['a size beyond 2^53', text.replace('20852163', '9007199254740992')],
    ['a size in hexadecimal', text.replace('20852163', '0x10')],
    ['a short root', text.replace('CsUYap', 'CsUY')],
    ['an empty extension', `${text}\n`],
    ['no newline at the end', text.slice(0, -1)],
    ['an origin too long to be cosigned', text.replace(ORIGIN, 'a'.repeat(256))],
  ])('one with %s is refused', (_what, bad) => {
    expect(() => parseCheckpoint(bad)).toThrow(expect.objectContaining({ code: 'bad-checkpoint' }));
  });

  test('one that could not be read back is not written', () => {
    expect(() => formatCheckpoint({ origin: 'a\n1', ...head })).toThrow(LedgerError);
    expect(() => formatCheckpoint({ origin: 'a', size: 2 ** 53, root: head.root })).toThrow(LedgerError);
    expect(() => formatCheckpoint({ origin: 'a', ...head, extensions: ['x\ny'] })).toThrow(LedgerError);
  });
});

describe('cosignatures (C2SP tlog-cosignature)', () => {
  test('the Ed25519 message is that of the example', () => {
    const message = ed25519CosignedMessage(TIME, formatCheckpoint({ origin: ORIGIN, ...head }));
    expect(new TextDecoder().decode(message)).toBe(
      'cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
    );
  });

  test('the cosignature line of the example bears that time', () => {
    const note = parseNote(
      `${formatCheckpoint({ origin: ORIGIN, ...head })}\n` +
        '\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n' +
        '\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n',
    );
    const { key } = ed25519Cosigner('witness.example.com/w1', seed(1), () => TIME);
    expect(note.signatures.map(({ keyId }) => keyId)).toEqual([0x033de0ae, 0x8d66cf3f]);
    expect(signatureTime(key, note.signatures[1]!.signature)).toBe(TIME);
  });

  test('the ML-DSA-44 message is the structure of the specification', () => {
    const message = mlDsa44CosignedMessage('w', TIME, 'o', { start: 0, end: 258, hash: head.root });
    expect([...message.subarray(0, 40)]).toEqual([
      ...toUtf8('subtree/v1\n\0'),
      1,
      119,
      0,
      0,
      0,
      0,
      0x64,
      0x18,
      0x50,
      0xcb,
      1,
      111,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      1,
      2,
    ]);
    expect(message.subarray(40)).toEqual(head.root);
    expect(() => mlDsa44CosignedMessage('w', TIME, 'o', { start: 4, end: 8, hash: head.root })).toThrow(LedgerError);
    expect(() => mlDsa44CosignedMessage('w', 0, '', { start: 4, end: 8, hash: head.root })).toThrow(LedgerError);
  });

  test('one key under another name is another ML-DSA-44 cosigner: the name is signed', async () => {
    const note = await signedCheckpoint(ORIGIN, head, [mlDsa44Cosigner('w1.example', seed(1), () => TIME)]);
    const other = mlDsa44Cosigner('w2.example', seed(1), () => TIME).key;
    const renamed = note.signatures.map(({ signature }) => ({ name: other.name, keyId: other.keyId, signature }));
    expect(() => verifyNote({ ...note, signatures: renamed }, [noteVerifier(other)])).toThrow(LedgerError);
  });

  test('a clock that stands at zero or a note that is no checkpoint is not cosigned', async () => {
    const text = formatCheckpoint({ origin: ORIGIN, size: 1, root: treeHasher.leaf(new Uint8Array(0)) });
    await expect(mlDsa44Cosigner('w', seed(1), () => 0).sign(text)).rejects.toBeInstanceOf(LedgerError);
    await expect(ed25519Cosigner('w', seed(1), () => 1.5).sign(text)).rejects.toBeInstanceOf(LedgerError);
    await expect(ed25519Cosigner('w', seed(1), () => TIME).sign('text\n')).rejects.toBeInstanceOf(LedgerError);
  });
});
