import { expect, test } from 'vitest';
import { sentenceOf } from './command-error.ts';
import { run } from './testing/run.ts';

const COMMANDS = ['serve', 'import', 'export', 'token', 'population'];

test('names every command, and each explains itself with an example', async () => {
  const all = await run(['--help']);
  expect(all.code).toBe(0);
  for (const name of COMMANDS) {
    expect(all.stdout).toContain(`  ${name} `);
    const one = await run([name, '--help']);
    expect([one.code, one.stderr]).toEqual([0, '']);
    expect(one.stdout).toMatch(new RegExp(`Example:\\n  .*meridian ${name} `));
  }
});

test.each([[['unknown']], [['import']], [['serve', '--nonsense']]])('refuses %j', async (args) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr.trim()).toMatch(/^error: [^\n]*$/);
});

test('repeats no message that may quote a record', () => {
  const quoting = (() => {
    try {
      JSON.parse('{"name": Chan}');
    } catch (error) {
      return error;
    }
  })();
  expect(String(quoting)).toContain('Chan');
  expect(sentenceOf(quoting)).not.toContain('Chan');
});
