import { expect, test } from 'vitest';
import { readClient } from './client.ts';
import { covers, knownScopes, parseClinicalScope, sentenceOf } from './smart-scopes.ts';

test('scopes of SMART 2 and 1 are understood, and nothing else', () => {
  expect(parseClinicalScope('patient/Observation.rs?category=laboratory')).toEqual({
    context: 'patient',
    type: 'Observation',
    permissions: 'rs',
    search: 'category=laboratory',
  });
  expect(parseClinicalScope('user/*.write')?.permissions).toBe('cud');
  for (const scope of [
    'patient/Observation.',
    'patient/Observation.sr',
    'all/*.rs',
    'patient/*.rs?',
    'patient/a/*.rs',
  ]) {
    expect(parseClinicalScope(scope), scope).toBeUndefined();
  }
  expect(knownScopes('openid openid nonsense user/Patient.r')).toEqual(['openid', 'user/Patient.r']);
});

test('a broader scope covers a narrower one of the same context, and never the other way', () => {
  expect(covers(['patient/*.cruds'], 'patient/Observation.rs?category=laboratory')).toBe(true);
  expect(covers(['patient/*.read'], 'patient/Observation.rs')).toBe(true);
  expect(covers(['patient/Observation.rs?category=laboratory'], 'patient/Observation.rs')).toBe(false);
  expect(covers(['patient/Observation.r'], 'patient/Observation.rs')).toBe(false);
  expect(covers(['patient/*.rs'], 'user/Observation.r')).toBe(false);
  expect(covers(['patient/Observation.rs'], 'patient/*.rs')).toBe(false);
  expect(covers([], 'openid')).toBe(false);
});

test('sentences are plain words', () => {
  expect(sentenceOf('patient/Observation.rs')).toBe('Read and search Observation records of the patient you choose.');
  expect(sentenceOf('user/*.cruds')).toBe('Add, read, change, delete and search all records that you may see.');
});

test.each([
  ['a redirect over plain http', { redirectUris: ['http://app.example/back'] }],
  ['a redirect with a fragment', { redirectUris: ['https://app.example/back#x'] }],
  ['a redirect with a password', { redirectUris: ['https://a:b@app.example/back'] }],
  ['a script as redirect', { redirectUris: ['javascript:alert(1)'] }],
  ['no redirect', { redirectUris: [] }],
  ['scopes of programs', { scopes: ['system/*.rs'] }],
  ['keys of a client without a server', { jwks: { keys: [{ kid: '1', kty: 'EC' }] } }],
  ['a private key', { kind: 'server', jwks: { keys: [{ kid: '1', kty: 'EC', d: 'secret' }] } }],
  ['a URL of keys', { kind: 'server', jwks_uri: 'https://app.example/jwks' }],
])('a client with %s is refused', (_name, change) => {
  const client = { name: 'App', kind: 'browser', redirectUris: ['https://app.example/back'], scopes: ['openid'] };
  expect(readClient(client)).toMatchObject(client);
  expect(() => readClient({ ...client, ...change })).toThrow();
});
