import { readdir } from 'node:fs/promises';
import { openServerKey, Tokens } from '@meridian/server';
import { expect, test } from 'vitest';
import { run, temporaryFolder } from '../testing/run.ts';

test('prints a token that the server of the data folder accepts, with what was asked for', async () => {
  const folder = await temporaryFolder();
  const tokens = new Tokens(await openServerKey(folder), Date.now);
  const args = ['--as', 'Practitioner/42', '--expires', '15m', '--scope', 'user/Patient.rs', '--data', folder];
  const { code, stdout } = await run(['token', ...args]);
  expect(code).toBe(0);
  const bearer = await tokens.verify(`Bearer ${stdout.trim()}`);
  expect(bearer).toMatchObject({ actor: 'Practitioner/42', purpose: 'TREAT' });
  expect(bearer.expires).toBeCloseTo(Date.now() / 1000 + 900, -1);
  expect(bearer.scopes.allow('r', 'Patient')).toBe(true);
  expect(bearer.scopes.allow('c', 'Patient')).toBe(false);
});

test('prints JSON for scripts, and takes the data folder of the environment', async () => {
  const folder = await temporaryFolder();
  const tokens = new Tokens(await openServerKey(folder), Date.now);
  const { stdout } = await run(['token', '--system', '--json'], { MERIDIAN_DATA: folder });
  const { token, expires } = JSON.parse(stdout) as { token: string; expires: string };
  expect((await tokens.verify(`Bearer ${token}`)).actor).toBe('system');
  expect(Date.parse(expires)).toBeGreaterThan(Date.now());
});

test.each([
  [['--system', '--as', 'x'], 'Say who acts'],
  [[], 'Say who acts'],
  [['--as', 'two words'], 'An account has'],
  [['--system', '--expires', '2d'], 'from 1s to 24h'],
  [['--system', '--purpose', 'love you'], 'v3-ActReason'],
  [['--system'], 'There is no server key'],
])('refuses %j in one sentence', async (args, sentence) => {
  const folder = await temporaryFolder();
  const { code, stdout, stderr } = await run(['token', ...args, '--data', folder]);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain(sentence);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  // a key made now would be one that the server does not know
  expect(await readdir(folder)).toEqual([]);
});
