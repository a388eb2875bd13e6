import { concat, fromBase64, fromUtf8, hasControlCharacter, toBase64, toUtf8 } from './bytes.ts';
import { LedgerError } from './error.ts';
import { isKeyName } from './vkey.ts';

/** Longest note read, in bytes. 64 ML-DSA-44 signatures and a checkpoint take a quarter of it. */
export const MAX_NOTE_BYTES = 1 << 20;
/** Most signature lines read; the specification asks for at least 16. */
export const MAX_NOTE_SIGNATURES = 64;

/** One signature line of a note, read but not checked. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  readonly signature: Uint8Array;
}

/** A note: text that ends in a newline, and its signatures (C2SP signed-note). The text is nothing until verified. */
export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Checks signatures of one key. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: number;
  /** Whether `signature` (without the key id) is this key's over `text`. Never throws. */
  verify(text: string, signature: Uint8Array): boolean;
}

/** Signs notes with one key, which may live in another process or device. */
export interface NoteSigner {
  readonly name: string;
  readonly keyId: number;
  /** Signature over `text`, without the key id. */
  sign(text: string): Promise<Uint8Array>;
}

/** Reads a note strictly. Throws `bad-note` on anything the specification does not allow. */
export function parseNote(note: string | Uint8Array): SignedNote {
  const source = readNoteText(note);
  const split = source.lastIndexOf('\n\n');
  if (split < 0 || !source.endsWith('\n')) {
    throw new LedgerError('bad-note', 'A note is text, an empty line and signature lines, each ended by a newline.');
  }
  const text = source.slice(0, split + 1);
  return { text, signatures: parseSignatureLines(source.slice(split + 2)) };
}

/** Reads signature lines, as they end a note or answer an `add-checkpoint` request. Throws `bad-note`. */
export function parseSignatureLines(lines: string): NoteSignature[] {
  const split = lines.split('\n', MAX_NOTE_SIGNATURES + 2);
  if (split.pop() !== '' || split.length === 0 || split.length > MAX_NOTE_SIGNATURES) {
    throw new LedgerError(
      'bad-note',
      `A note has 1 to ${MAX_NOTE_SIGNATURES} signature lines, each ended by a newline.`,
    );
  }
  return split.map(parseSignatureLine);
}

/** Writes a note. Throws `bad-note` where it could not be read back. */
export function formatNote({ text, signatures }: SignedNote): string {
  requireNoteText(text);
  if (signatures.length === 0 || signatures.length > MAX_NOTE_SIGNATURES) {
    throw new LedgerError('bad-note', `A note has 1 to ${MAX_NOTE_SIGNATURES} signatures.`);
  }
  return `${text}\n${signatures.map(formatSignatureLine).join('')}`;
}

/** Writes one signature line, newline included. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, keyId);
  return `\u2014 ${name} ${toBase64(concat(id, signature))}\n`;
}

/** Signs `text` with each signer in turn. */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<SignedNote> {
  requireNoteText(text);
  const signatures: NoteSignature[] = [];
  for (const signer of signers) {
    signatures.push({ name: signer.name, keyId: signer.keyId, signature: await signer.sign(text) });
  }
  return { text, signatures };
}

/**
 * The signatures of the note that known keys made, all of them checked. Signatures of unknown keys are ignored, even
 * where they share a name or an id with a known one. Of several by one key the first counts.
 *
 * Throws `bad-signature` where a known key's signature does not hold (the note was altered, whatever else signed it),
 * and `unverified-note` where no known key signed.
 */
export function verifyNote<V extends NoteVerifier>(note: SignedNote, verifiers: readonly V[]): Map<V, NoteSignature> {
  const verified = new Map<V, NoteSignature>();
  for (const signature of note.signatures) {
    const verifier = verifiers.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (verifier === undefined || verified.has(verifier)) continue;
    if (!verifier.verify(note.text, signature.signature)) {
      throw new LedgerError('bad-signature', `The signature of ${verifier.name} does not hold; the note was altered.`);
    }
    verified.set(verifier, signature);
  }
  if (verified.size === 0) {
    throw new LedgerError('unverified-note', 'No key you trust has signed the note; check which log it comes from.');
  }
  return verified;
}

function readNoteText(note: string | Uint8Array): string {
  if (note.length > MAX_NOTE_BYTES)
    throw new LedgerError('bad-note', `The note is longer than ${MAX_NOTE_BYTES} bytes.`);
  let text: string | undefined;
  try {
    text = typeof note === 'string' ? fromUtf8(toUtf8(note)) : fromUtf8(note);
  } catch {
    throw new LedgerError('bad-note', 'The note is not UTF-8; check that it was not altered in transfer.');
  }
  requireNoControlCharacter(text);
  return text;
}

function requireNoteText(text: string): void {
  requireNoControlCharacter(text);
  if (!text.isWellFormed() || !text.endsWith('\n')) {
    throw new LedgerError('bad-note', 'The text of a note is UTF-8 and ends in a newline.');
  }
}

function requireNoControlCharacter(text: string): void {
  if (hasControlCharacter(text)) {
    throw new LedgerError('bad-note', 'A note holds no control characters but newlines.');
  }
}

function parseSignatureLine(line: string): NoteSignature {
  const parts = line.split(' ', 4);
  const [dash, name, base64] = parts;
  if (parts.length !== 3 || dash !== '\u2014' || name === undefined || base64 === undefined || !isKeyName(name)) {
    throw new LedgerError(
      'bad-note',
      'A signature line is an em dash, a key name and Base 64, with one space between.',
    );
  }
  let blob: Uint8Array;
  try {
    blob = fromBase64(base64);
  } catch {
    throw new LedgerError('bad-note', 'A signature of the note is not canonical Base 64.');
  }
  if (blob.length < 5) throw new LedgerError('bad-note', 'A signature of the note is too short to hold its key id.');
  return { name, keyId: new DataView(blob.buffer).getUint32(0), signature: blob.subarray(4) };
}
