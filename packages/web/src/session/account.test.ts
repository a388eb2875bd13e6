import { expect, test } from 'vitest';
import { areasOf, readAccount } from './account.ts';

test('an account opens the areas of its roles, work first', () => {
  const account = readAccount({
    id: '1',
    name: 'Dr HO',
    roles: ['western-practitioner', 'patient'],
    patient: 'p1',
    proxies: [],
  });
  expect(areasOf(account)).toEqual(['practitioner', 'patient']);
  expect(areasOf(readAccount({ roles: ['auditor'] }))).toEqual(['officer']);
  expect(
    areasOf(readAccount({ roles: ['proxy'], proxies: [{ patientId: 'child', relation: 'parent', scope: 'decide' }] })),
  ).toEqual(['patient']);
});

test('whatever is answered is read as far as it can be', () => {
  for (const strange of [undefined, null, 'x', 3, [], { roles: 'x', proxies: [null, { patientId: 3 }], name: {} }]) {
    expect(readAccount(strange)).toMatchObject({ roles: [], proxyFor: [], patientId: undefined });
  }
});
