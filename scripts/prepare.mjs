// What every `npm run` command needs first. Runs on Node 20, with nothing installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where commands leave their reports and caches; not part of the repository. */
export const cache = join(root, 'node_modules', '.cache', 'meridian');

const NODE_MAJOR = 24;

/** Installs what the lockfile asks for if it is not there, and gives the path of a Node that can run Meridian. */
export function prepare() {
  const missing = firstMissing();
  if (missing !== undefined) {
    console.error(`Installing dependencies (${missing}).`);
    install();
  }
  mkdirSync(cache, { recursive: true });
  const node = findNode();
  if (node === undefined) {
    fail(
      `Meridian needs Node ${NODE_MAJOR} or newer; this is ${process.version}, and npm has no pinned one for ` +
        `${process.platform} ${process.arch}: install Node ${NODE_MAJOR} and try again.`,
    );
  }
  return node;
}

/** Runs a program of the repository under Node, as if it had been called itself; gives its exit code. */
export function run(node, args, environment = {}) {
  const compileCache = join(cache, 'compiled');
  const child = spawn(node, args, {
    cwd: root,
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...environment },
  });
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'];
  // a terminal sends Ctrl-C to the whole group: the child has it already
  const pass = (signal) => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
  for (const signal of signals) process.on(signal, pass);
  const orphaned = whenParentDies(() => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`${node} could not be started (${error.code}).`));
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, pass);
      clearInterval(orphaned);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/**
 * npm that is told to end ends the shell that it started us with, and does not tell us: the only sign is that our parent
 * has changed.
 */
function whenParentDies(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 500);
  return process.env.npm_lifecycle_event === undefined ? clearInterval(timer) : timer.unref();
}

/** Ends the command with a sentence. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Why `npm ci` is needed, or undefined. npm writes node_modules/.package-lock.json when an installation is complete. */
function firstMissing() {
  const wanted = readPackages(join(root, 'package-lock.json'));
  if (wanted === undefined) fail('package-lock.json is missing or damaged: restore it with git.');
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'none are installed';
  for (const [path, { version, optional, peer, link }] of Object.entries(wanted)) {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) continue;
    const there = installed[path];
    // what npm leaves out is optional: binaries for other platforms
    if (there === undefined && (optional || peer)) continue;
    if (there === undefined) return `${path} is missing`;
    if (link ? !existsSync(join(root, path)) : there.version !== version) return `${path} has changed`;
  }
  return undefined;
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install() {
  // under `npm run` the npm that is running is the one to use; otherwise the one on the PATH
  const script = process.env.npm_execpath;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const [program, ...before] = script?.endsWith('.js') ? [process.execPath, script] : [npm];
  // quiet: its warnings are about the Node that runs npm, not the one that runs Meridian
  const args = [...before, 'ci', '--loglevel=error'];
  const shell = program === 'npm.cmd';
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], shell });
  if (error) fail('npm was not found: install Node with npm and try again.');
  if (status !== 0) fail('The dependencies could not be installed: npm says why above.');
}

function findNode() {
  const pinned = [
    join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node'),
    join(root, 'node_modules', `node-win-${process.arch}`, 'bin', 'node.exe'),
  ].find((path) => existsSync(path));
  if (pinned !== undefined) return pinned;
  return Number.parseInt(process.versions.node, 10) >= NODE_MAJOR ? process.execPath : undefined;
}
