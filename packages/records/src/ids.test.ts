import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Ids, NOBODY } from './ids.ts';
import { KeyedHash } from './tokens/keyed-hash.ts';

const ids = new Ids(new KeyedHash(randomBytes(32)), randomBytes(32));
const patient = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

it('makes ids that look like UUIDs, never repeat, and carry the patient', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(patient, (number) => {
      const id = ids.assign(number);
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(ids.hint('Observation', id)).toBe(number);
      expect(seen.has(id)).toBe(false);
      seen.add(id);
    }),
  );
});

it('says nothing without the key', () => {
  const others = new Ids(new KeyedHash(randomBytes(32)), randomBytes(32));
  const hints = Array.from({ length: 50 }, () => others.hint('Observation', ids.assign(7n)));
  expect(new Set(hints).size).toBe(50);
  expect(hints).not.toContain(7n);
});

it('points to nobody for ids that it cannot have made, and to itself for a Patient', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/), (id) => {
      expect(ids.hint('Patient', id)).toBe(ids.patient(id));
      expect(ids.rid('Patient', id)).toBe(ids.patient(id));
      if (!/^[0-9a-f-]{36}$/.test(id)) expect(ids.hint('Observation', id)).toBe(NOBODY);
    }),
  );
  expect(ids.patient(undefined)).toBe(NOBODY);
});

it('tells the same id of two types apart', () => {
  expect(ids.rid('Observation', 'a')).not.toBe(ids.rid('Condition', 'a'));
});
