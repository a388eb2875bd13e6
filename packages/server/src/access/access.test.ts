import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenScopes } from '@meridian/viewing';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpError } from '../http/http-error.ts';
import { openServerKey } from './server-key.ts';
import { Tokens } from './tokens.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-key-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('server key', () => {
  test('is made once, also by many that start at once, and only its owner can read it', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => openServerKey(folder)));
    expect(new Set(keys.map((key) => key.id)).size).toBe(1);
    expect((await stat(join(folder, 'server-key.jwk'))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(folder, 'server-key.jwk'), 'utf8')).crv).toBe('Ed25519');
    expect((await openServerKey(folder)).id).toBe(keys[0]?.id);
  });
});

describe('tokens', () => {
  const refusedWith = (promise: Promise<unknown>) =>
    promise.then(
      () => 200,
      (error: unknown) => (error instanceof HttpError ? error.status : 0),
    );

  test('carry actor, purpose and scopes until they end', async () => {
    let now = 1_800_000_000_000;
    const tokens = new Tokens(await openServerKey(folder), () => now);
    const header = `Bearer ${await tokens.mint({ actor: 'Practitioner/1', system: false, expiresInSeconds: 60 })}`;
    const bearer = await tokens.verify(header);
    expect([bearer.actor, bearer.purpose, bearer.scopes.allow('d', 'Patient')]).toEqual([
      'Practitioner/1',
      'TREAT',
      true,
    ]);
    expect(tokens.remembered(header)).toBe(bearer);
    now += 61_000;
    expect(tokens.remembered(header)).toBeUndefined();
    now += 10_000;
    expect(await refusedWith(tokens.verify(header))).toBe(401);
  });

  test('of another key, another algorithm, unsigned, or changed are refused', async () => {
    const key = await openServerKey(folder);
    const tokens = new Tokens(key, Date.now);
    const token = await tokens.mint({ actor: 'a', system: true, expiresInSeconds: 60 });
    const [head = '', body = '', signature = ''] = token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const changed = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"a"', '"b"')).toString('base64url');
    const hmac = await new SignJWT({ scope: 'system/*.cruds' })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setSubject('a')
      .setIssuer('meridian')
      .setAudience('meridian:fhir')
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime('1m')
      .setJti('1')
      .sign(new TextEncoder().encode(key.id.padEnd(32)));
    for (const forged of [`${none}.${body}.`, `${none}.${body}.x`, `${head}.${changed}.${signature}`, hmac, 'x', '']) {
      expect(await refusedWith(tokens.verify(`Bearer ${forged}`)), forged).toBe(401);
    }
    expect(await refusedWith(tokens.verify(undefined))).toBe(401);
    await expect(tokens.mint({ actor: 'a', system: true, expiresInSeconds: 1e6 })).rejects.toThrow(RangeError);
  });
});

test('scopes allow what they say, and nothing else', () => {
  const scopes = new TokenScopes('system/Patient.rs user/Observation.c openid patient/*.nonsense system/Basic.read');
  expect(scopes.allow('r', 'Patient')).toBe(true);
  expect(scopes.allow('u', 'Patient')).toBe(false);
  expect(scopes.allow('c', 'Observation')).toBe(true);
  expect(scopes.allow('s', 'Basic')).toBe(true);
  expect(scopes.allow('s', undefined)).toBe(false);
  expect(new TokenScopes('system/*.rs').allow('s', undefined)).toBe(true);
  // which observations, the rule of the scope says
  expect(new TokenScopes('system/Observation.rs?category=laboratory').allow('s', 'Observation')).toBe(true);
  expect(new TokenScopes('system/Observation.rs?subject.name=x').allow('s', 'Observation')).toBe(false);
});
