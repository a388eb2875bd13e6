import { fromUtf8, toHex, toUtf8 } from './bytes.ts';
import { LedgerError } from './error.ts';
import { parseVerifierKey, SIGNATURE_TYPE, type SignatureType, type VerifierKey } from './vkey.ts';

/** Limits of a policy file; the specification recommends at least 32 of each. */
export const MAX_POLICY_BYTES = 1 << 20;
export const MAX_POLICY_LOGS = 64;
export const MAX_POLICY_WITNESSES = 256;
export const MAX_POLICY_GROUPS = 256;

export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

export interface PolicyWitness {
  readonly name: string;
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

/** A rule that holds where at least `threshold` of the members hold. */
export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly PolicyRule[];
}

/** A witness that must have cosigned, or a group. */
export type PolicyRule = PolicyWitness | PolicyGroup;

/** Which logs are trusted, and whose cosignatures make one of their checkpoints valid (C2SP tlog-policy). */
export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** The rule to be met; undefined for `quorum none`. */
  readonly quorum: PolicyRule | undefined;
}

const LOG_TYPES: readonly SignatureType[] = Object.values(SIGNATURE_TYPE);
const WITNESS_TYPES: readonly SignatureType[] = [SIGNATURE_TYPE.cosignatureEd25519, SIGNATURE_TYPE.cosignatureMlDsa44];

/** Whether the witnesses in `cosigned` meet the rule. */
export function meetsRule(rule: PolicyRule | undefined, cosigned: ReadonlySet<PolicyWitness>): boolean {
  if (rule === undefined) return true;
  if ('key' in rule) return cosigned.has(rule);
  let met = 0;
  for (const member of rule.members) if (meetsRule(member, cosigned)) met++;
  return met >= rule.threshold;
}

/**
 * Reads a policy file. Throws `bad-policy` with the number of the line.
 *
 * Stricter than the specification in one thing: a key may not stand for a log and for a witness, because a log that
 * witnesses itself shows nobody that it keeps one history.
 */
export function parsePolicy(file: string | Uint8Array): Policy {
  const octets = typeof file === 'string' ? toUtf8(file) : file;
  if (octets.length > MAX_POLICY_BYTES) {
    throw new LedgerError('bad-policy', `The policy is longer than ${MAX_POLICY_BYTES} bytes.`);
  }
  const parser = new PolicyParser();
  // One character an octet: the specification has names compared as octets, whatever encoding they are in.
  const lines = asOctetString(octets).split('\n');
  for (const [i, line] of lines.entries()) {
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(line)) fail(i + 1, 'holds a control character');
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words[0] !== undefined && !words[0].startsWith('#')) parser.read(words, i + 1);
  }
  return parser.finish(lines.length);
}

class PolicyParser {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #rules = new Map<string, PolicyRule>();
  readonly #members = new Set<string>();
  readonly #publicKeys = new Set<string>();
  #groups = 0;
  #quorum: { readonly rule: PolicyRule | undefined } | undefined;

  read([keyword, ...words]: string[], line: number): void {
    if (keyword === 'log') this.#readLog(words, line);
    else if (keyword === 'witness') this.#readWitness(words, line);
    else if (keyword === 'group') this.#readGroup(words, line);
    else if (keyword === 'quorum') this.#readQuorum(words, line);
    else fail(line, 'begins with none of log, witness, group, quorum');
  }

  finish(line: number): Policy {
    if (this.#quorum === undefined) fail(line, 'is the last, and there was no quorum line; add one');
    return { logs: this.#logs, witnesses: this.#witnesses, quorum: this.#quorum.rule };
  }

  #readLog(words: string[], line: number): void {
    const [vkey, url] = words;
    if (vkey === undefined || words.length > 2) fail(line, 'is not: log <vkey> [<url>]');
    if (this.#logs.length === MAX_POLICY_LOGS) fail(line, `is one log more than ${MAX_POLICY_LOGS}`);
    this.#logs.push({ key: this.#readKey(vkey, LOG_TYPES, line), url: url === undefined ? undefined : asText(url) });
  }

  #readWitness(words: string[], line: number): void {
    const [name, vkey, url] = words;
    if (name === undefined || vkey === undefined || words.length > 3)
      fail(line, 'is not: witness <name> <vkey> [<url>]');
    if (this.#witnesses.length === MAX_POLICY_WITNESSES) fail(line, `is one witness more than ${MAX_POLICY_WITNESSES}`);
    const key = this.#readKey(vkey, WITNESS_TYPES, line);
    const witness: PolicyWitness = { name: asText(name), key, url: url === undefined ? undefined : asText(url) };
    this.#witnesses.push(witness);
    this.#define(name, witness, line);
  }

  #readGroup(words: string[], line: number): void {
    const [name, count, ...names] = words;
    if (name === undefined || count === undefined || names.length === 0) {
      fail(line, 'is not: group <name> <all, any or a number> <name>...');
    }
    if (this.#groups++ === MAX_POLICY_GROUPS) fail(line, `is one group more than ${MAX_POLICY_GROUPS}`);
    const members = names.map((member) => {
      const rule = this.#rules.get(member) ?? fail(line, 'names a member that no line before it defines');
      if (this.#members.has(member)) fail(line, 'names a member that is in a group already');
      this.#members.add(member);
      return rule;
    });
    const threshold =
      readThreshold(count, members.length) ?? fail(line, `asks for a number not from 1 to ${members.length}`);
    this.#define(name, { name: asText(name), threshold, members }, line);
  }

  #readQuorum([name, ...rest]: string[], line: number): void {
    if (name === undefined || rest.length > 0) fail(line, 'is not: quorum <name>');
    if (this.#quorum !== undefined) fail(line, 'is a second quorum line; keep one');
    if (name === 'none') this.#quorum = { rule: undefined };
    else this.#quorum = { rule: this.#rules.get(name) ?? fail(line, 'names a quorum that no line before it defines') };
  }

  #readKey(vkey: string, types: readonly SignatureType[], line: number): VerifierKey {
    let key: VerifierKey;
    try {
      key = parseVerifierKey(fromUtf8(asOctets(vkey)));
    } catch {
      fail(line, 'holds no verifier key that can be used');
    }
    if (!types.includes(key.type)) fail(line, 'has a key of a type that does not cosign; witnesses use types 4 and 6');
    const publicKey = toHex(key.publicKey);
    if (this.#publicKeys.has(publicKey)) fail(line, 'repeats the public key of another line');
    this.#publicKeys.add(publicKey);
    return key;
  }

  #define(name: string, rule: PolicyRule, line: number): void {
    if (name === 'none' || this.#rules.has(name)) fail(line, 'defines a name that is taken');
    this.#rules.set(name, rule);
  }
}

function readThreshold(word: string, members: number): number | undefined {
  if (word === 'all') return members;
  if (word === 'any') return 1;
  const count = /^[0-9]{1,6}$/.test(word) ? Number(word) : 0;
  return count >= 1 && count <= members ? count : undefined;
}

function fail(line: number, what: string): never {
  throw new LedgerError('bad-policy', `Line ${line} of the policy ${what}.`);
}

function asOctetString(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at += 8192) text += String.fromCharCode(...octets.subarray(at, at + 8192));
  return text;
}

function asOctets(word: string): Uint8Array {
  return Uint8Array.from(word, (character) => character.charCodeAt(0));
}

/** A word for people to read; octets that are not UTF-8 show as replacement characters. */
function asText(word: string): string {
  return new TextDecoder().decode(asOctets(word));
}
