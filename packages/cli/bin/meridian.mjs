#!/usr/bin/env node
// The `meridian` command. Runs on Node 20 far enough to find the pinned Node 24 and hand over to it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;

if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) await import('../src/main.ts');
else handOver();

function handOver() {
  const node = findPinnedNode(dirname(fileURLToPath(import.meta.url)));
  if (node === undefined) {
    console.error(`Meridian needs Node ${NODE_MAJOR} or newer; this is ${process.version}. Install it, or run npm ci.`);
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    // a terminal sends Ctrl-C to the whole group: the child has it already
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.once('error', (error) => {
    console.error(`${node} could not be started (${error.code}).`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/** Next to the packages that npm installed, in the folder of the command or above. */
function findPinnedNode(folder) {
  for (let at = folder; ; at = dirname(at)) {
    const modules = join(at, 'node_modules');
    const found = [
      join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node'),
      join(modules, `node-win-${process.arch}`, 'bin', 'node.exe'),
    ].find((path) => existsSync(path));
    if (found !== undefined || at === dirname(at)) return found;
  }
}
