import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
/** A Node of the machine that is too old for Meridian, if it has one: what the hand-over is for. */
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
  const { stdout } = spawnSync(path, ['-p', 'parseInt(process.versions.node)'], { encoding: 'utf8' });
  return Number(stdout) > 0 && Number(stdout) < 24;
});

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meridian-commands-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each([
  ['this Node', process.execPath],
  ['an older Node', oldNode],
])('the command under %s', (_, node) => {
  test.skipIf(node === undefined)('runs main.ts with its arguments and gives its exit code back', () => {
    const command = install('console.log(JSON.stringify(process.argv.slice(2)), process.version); process.exit(7);');
    const result = spawnSync(String(node), [command, 'serve', '--x y'], { encoding: 'utf8' });
    expect(result.stdout).toMatch(/^\["serve","--x y"\] v(2[4-9]|[3-9]\d)\./);
    expect(result.status).toBe(7);
  });

  test.skipIf(node === undefined)('hands a signal on, and waits for the end', async () => {
    const command = install(`
      process.on('SIGTERM', () => setTimeout(() => { console.log('finished'); process.exit(3); }, 200));
      console.log('ready');
      setInterval(() => {}, 1000);`);
    const child = spawn(String(node), [command], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [ready] = await once(child.stdout, 'data');
    expect(String(ready)).toBe('ready\n');
    child.kill('SIGTERM');
    const [[finished], [code]] = await Promise.all([once(child.stdout, 'data'), once(child as ChildProcess, 'exit')]);
    expect(String(finished)).toBe('finished\n');
    expect(code).toBe(3);
  });
});

test.skipIf(oldNode === undefined)('an older Node alone is told what is needed', () => {
  const command = install('', false);
  const result = spawnSync(String(oldNode), [command], { encoding: 'utf8' });
  expect(result.stderr).toMatch(/^Meridian needs Node 24 or newer; this is v\d+/);
  expect(result.status).toBe(1);
});

test('a benchmark that does not exist is named, with those that do', () => {
  const result = spawnSync(process.execPath, [join(ROOT, 'scripts', 'bench.mjs'), 'nonsense'], { encoding: 'utf8' });
  expect(result.stderr).toContain('There is no benchmark nonsense; there are: ');
  expect(result.status).toBe(1);
});

test('the tally adds reports up, and takes a missing one for a failure', () => {
  const report = join(folder, 'report.json');
  const broken = { status: 'failed', assertionResults: [] };
  const counts = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 };
  const tally = (...paths: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts', 'tally.mjs'), ...paths], { encoding: 'utf8' });

  writeFileSync(report, JSON.stringify({ ...counts, testResults: [] }));
  expect(tally(report, report)).toMatchObject({ stdout: '10 passed, 0 failed, 4 skipped\n', status: 0 });
  expect(tally(report, join(folder, 'none'))).toMatchObject({ status: 1 });
  writeFileSync(report, JSON.stringify({ ...counts, testResults: [broken] }));
  expect(tally(report)).toMatchObject({ stdout: '5 passed, 1 failed, 2 skipped\n', status: 1 });
});

/** The command in a place of its own, with this as its main.ts. */
function install(main: string, withNode = true): string {
  const bin = join(folder, 'packages', 'cli', 'bin');
  cpSync(join(ROOT, 'packages', 'cli', 'bin'), bin, { recursive: true });
  mkdirSync(join(folder, 'packages', 'cli', 'src'));
  writeFileSync(join(folder, 'packages', 'cli', 'src', 'main.ts'), main);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  if (withNode) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return join(bin, 'meridian.mjs');
}
