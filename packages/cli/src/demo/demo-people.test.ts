import { expect, test } from 'vitest';
import { demoPeople } from './demo-people.ts';

test('the accounts are one of each role, act as people of the population, and are the same each time', () => {
  const options = { patients: 100, seed: 2026, years: 20, until: '2026-11-23' };
  const { accounts, resources } = demoPeople(options);
  expect(accounts.map(({ roles }) => roles[0])).toEqual([
    'patient',
    'western-practitioner',
    'tcm-practitioner',
    'nurse',
    'laboratory',
    'pharmacist',
    'records-officer',
    'privacy-officer',
    'auditor',
    'researcher',
    'administrator',
  ]);
  const [patient] = accounts;
  expect(patient?.roles).toEqual(['patient', 'proxy']);
  expect(patient?.proxies.length).toBeGreaterThanOrEqual(2);
  for (const { resource, name } of accounts) {
    expect(resource).toMatch(/^(?:Patient|Practitioner)\/[\w-]{5,}$/);
    expect(name).toMatch(/[A-Z]{2,} .*\p{Script=Han}/u);
  }
  expect(resources.every(({ id }) => id?.startsWith('demo-'))).toBe(true);
  expect(demoPeople(options)).toEqual({ accounts, resources });
});
