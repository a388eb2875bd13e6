// Builds the browser application when it is missing or older than what it is made of; also as a command.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root, run } from './prepare.mjs';

const web = join(root, 'packages', 'web');
/** What the application is made of. */
const SOURCES = ['src', 'public', 'tools', 'index.html', 'vite.config.ts', 'lingui.config.ts', 'package.json'].map(
  (name) => join(web, name),
);
const LEDGER = join(root, 'packages', 'ledger', 'src');

/** Gives the exit code of the build; 0 where there is nothing to do. */
export async function buildWeb(node) {
  // the build writes it last
  const built = timeOf(join(web, 'dist', 'files.json'));
  if (built > 0 && ![...SOURCES, LEDGER].some((path) => isNewer(path, built))) return 0;
  console.error('Building the browser application.');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const environment = { LINGUI_SUPPRESS_BABEL_WARNING: '1' };
  return run(node, [vite, 'build', '--logLevel', 'warn', '--config', join(web, 'vite.config.ts')], environment);
}

function isNewer(path, time) {
  if (!existsSync(path)) return false;
  if (!statSync(path).isDirectory()) return timeOf(path) > time;
  return timeOf(path) > time || readdirSync(path).some((name) => isNewer(join(path, name), time));
}

function timeOf(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exit(await buildWeb(prepare()));
