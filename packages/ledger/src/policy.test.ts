import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toUtf8 } from './bytes.ts';
import { PolicyEvaluator, requireValid } from './evaluate-policy.ts';
import { ed25519Cosigner, ed25519NoteSigner, mlDsa44Cosigner } from './note-key.ts';
import { meetsRule, parsePolicy } from './policy.ts';
import { flipped, readsOrRefuses, seed, signedCheckpoint } from './test-log.ts';
import { emptyRoot } from './tree-hash.ts';
import { formatVerifierKey } from './vkey.ts';

const ORIGIN = 'log.example';
const log = ed25519NoteSigner(ORIGIN, seed(1));
const witnesses = [10, 11, 12, 13, 14, 15].map((n) =>
  n % 2 === 0
    ? ed25519Cosigner(`w${n}.example`, seed(n), () => 1000 + n)
    : mlDsa44Cosigner(`w${n}.example`, seed(n), () => 1000 + n),
);
const [x1, x2, x3, y1, y2, y3] = witnesses.map(({ key }) => formatVerifierKey(key));
const logKey = formatVerifierKey(log.key);

// The example of C2SP tlog-policy.
const EXAMPLE = `log ${logKey}

witness X1 ${x1}
witness X2 ${x2}
witness X3 ${x3}
group X-witnesses 2 X1 X2 X3

witness Y1 ${y1}
witness Y2 ${y2}
witness Y3 ${y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

describe('the example of C2SP tlog-policy', () => {
  const policy = parsePolicy(EXAMPLE);

  test('is met by every set of witnesses with two of X and one of Y, and by no other', () => {
    for (let set = 0; set < 64; set++) {
      const cosigned = policy.witnesses.filter((_, i) => (set >> i) & 1);
      const x = cosigned.filter(({ name }) => name.startsWith('X')).length;
      expect(meetsRule(policy.quorum, new Set(cosigned))).toBe(x >= 2 && cosigned.length > x);
    }
  });

  test('judges a checkpoint by the signatures on it', async () => {
    const evaluator = new PolicyEvaluator(policy);
    const signers = [log, witnesses[0]!, witnesses[1]!, witnesses[4]!];
    const note = await signedCheckpoint(ORIGIN, { size: 0, root: emptyRoot() }, signers);
    const verdict = evaluator.evaluate(note);
    expect(verdict).toMatchObject({ valid: true, quorumMet: true, badSignatures: [] });
    expect(verdict.witnesses.map(({ witness, time }) => [witness.name, time])).toEqual([
      ['X1', 1010],
      ['X2', 1011],
      ['Y2', 1014],
    ]);
    expect(requireValid(evaluator, note).origin).toBe(ORIGIN);

    const tooFew = { ...note, signatures: note.signatures.slice(0, 3) };
    expect(evaluator.evaluate(tooFew)).toMatchObject({ valid: false, quorumMet: false });
    expect(() => requireValid(evaluator, tooFew)).toThrow('X-and-Y');

    const unsigned = { ...note, signatures: note.signatures.slice(1) };
    expect(evaluator.evaluate(unsigned)).toMatchObject({ valid: false, logs: [], quorumMet: true });

    const altered = note.signatures.map((line, i) =>
      i === 1 ? { ...line, signature: flipped(line.signature, 20) } : line,
    );
    expect(evaluator.evaluate({ ...note, signatures: altered })).toMatchObject({
      valid: false,
      badSignatures: [{ name: 'w10.example' }],
    });
    expect(() => requireValid(evaluator, { ...note, signatures: altered })).toThrow('w10.example');
  });

  test('a log does not count for the origin of another', async () => {
    const note = await signedCheckpoint('other.example', { size: 0, root: emptyRoot() }, [log, ...witnesses]);
    expect(new PolicyEvaluator(policy).evaluate(note)).toMatchObject({ valid: false, logs: [] });
  });

  test('a log may sign with ML-DSA-44', async () => {
    const signer = mlDsa44Cosigner(ORIGIN, seed(99), () => 5);
    const evaluator = new PolicyEvaluator(parsePolicy(`log ${formatVerifierKey(signer.key)}\nquorum none\n`));
    const note = await signedCheckpoint(ORIGIN, { size: 0, root: emptyRoot() }, [signer]);
    expect(evaluator.evaluate(note)).toMatchObject({ valid: true, witnesses: [] });
  });
});

describe('reading', () => {
  test('white space, comments, URLs and names that are not ASCII', () => {
    const policy = parsePolicy(
      ` \t# a comment with é\n\tlog \t${logKey}  https://log.example/ \n\nwitness 澳門 ${x1} https://w.example\nquorum 澳門`,
    );
    expect(policy.logs[0]!.url).toBe('https://log.example/');
    expect(policy.quorum).toMatchObject({ name: '澳門', url: 'https://w.example' });
  });

  test('names are octets: those that are not UTF-8 can be told apart', () => {
    const lines = [
      toUtf8('witness '),
      [0xff],
      toUtf8(` ${x1}\nwitness `),
      [0xfe],
      toUtf8(` ${x2}\nquorum `),
      [0xfe],
      toUtf8('\n'),
    ];
    const policy = parsePolicy(Uint8Array.from(lines.flatMap((part) => [...part])));
    expect(policy.quorum).toBe(policy.witnesses[1]);
  });

  test.each([
    ['no quorum', `log ${logKey}\n`],
    ['two quorums', 'quorum none\nquorum none\n'],
    ['an unknown quorum', 'quorum A\n'],
    ['a quorum defined after', `quorum A\nwitness A ${x1}\n`],
    ['the name none', `witness none ${x1}\nquorum none\n`],
    ['a name twice', `witness A ${x1}\nwitness A ${x2}\nquorum A\n`],
    ['a key twice', `witness A ${x1}\nwitness B ${x1}\nquorum A\n`],
    ['a log twice', `log ${logKey}\nlog ${logKey}\nquorum none\n`],
    [
      'one key as log and as witness',
      `log ${logKey}\nwitness A ${formatVerifierKey(ed25519Cosigner('w', seed(1), () => 1).key)}\nquorum A\n`,
    ],
    ['a witness that does not cosign', `witness A ${logKey}\nquorum A\n`],
    ['a member of two groups', `witness A ${x1}\ngroup G any A\ngroup H any A\nquorum G\n`],
    ['a member twice', `witness A ${x1}\ngroup G any A A\nquorum G\n`],
    ['a group of itself', 'group G any G\nquorum G\n'],
    ['a group of none', `witness A ${x1}\ngroup G any none\nquorum G\n`],
    ['an empty group', 'group G any\nquorum G\n'],
    ['a threshold of zero', `witness A ${x1}\ngroup G 0 A\nquorum G\n`],
    ['a threshold above the members', `witness A ${x1}\ngroup G 2 A\nquorum G\n`],
    ['a word too many', 'quorum none none\n'],
    ['another keyword', 'Quorum none\n'],
    ['a carriage return', 'quorum none\r\n'],
    ['a broken key', 'log nonsense\nquorum none\n'],
  ])('a policy with %s is refused', (_what, file) => {
    expect(() => parsePolicy(file)).toThrow(
      expect.objectContaining({ code: 'bad-policy', message: expect.stringContaining('Line ') }),
    );
  });

  test('as many logs, witnesses and groups as the specification recommends are read', () => {
    const lines = Array.from({ length: 33 }, (_, i) => [
      `log ${formatVerifierKey(ed25519NoteSigner(`l${i}`, seed(i)).key)}`,
      `witness W${i} ${formatVerifierKey(ed25519Cosigner(`w${i}`, seed(100 + i), () => 1).key)}`,
      i === 0 ? 'group G0 all W0' : `group G${i} all G${i - 1} W${i}`,
    ]);
    const policy = parsePolicy(`${lines.flat().join('\n')}\nquorum G32\n`);
    expect(meetsRule(policy.quorum, new Set(policy.witnesses))).toBe(true);
    expect(meetsRule(policy.quorum, new Set(policy.witnesses.slice(1)))).toBe(false);
  });

  test('changed and random policies are read or refused with a LedgerError', () => {
    const bytes = toUtf8(EXAMPLE);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        readsOrRefuses(() => parsePolicy(flipped(bytes, at, mask)));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        readsOrRefuses(() => parsePolicy(random));
      }),
    );
  });
});
