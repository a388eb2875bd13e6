import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkCircles, checkDirection, checkManifests } from './dependencies.ts';
import { checkLockfile, type Lockfile } from './lockfile.ts';
import { type Finding, listFiles, type Manifest, readPackages } from './tree.ts';
import { checkLength, checkWords } from './words.ts';

// The rules of the house that no off-the-shelf linter knows: `node scripts/house-rules/main.ts`. Ends with 1 if one is broken.
const root = resolve(import.meta.dirname, '..', '..');
const files = listFiles(root);
const packages = readPackages(root, files);
const manifest = readJson<Manifest>('package.json');

const findings: Finding[] = [
  ...checkDirection(packages),
  ...checkCircles(packages),
  ...checkManifests(packages, manifest),
  ...checkLockfile(readJson<Lockfile>('package-lock.json')),
  ...files.filter(isText).flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [...checkWords(path, text), ...(/\.(?:ts|tsx|mjs)$/.test(path) ? checkLength(path, text) : [])];
  }),
];
for (const { path, message, warning } of findings) console.log(`${warning ? 'warning: ' : ''}${path} ${message}`);
process.exit(findings.some(({ warning }) => !warning) ? 1 : 0);

/** Written by people: not generated, not data, not the lockfile. */
function isText(path: string): boolean {
  const written = /\.(?:ts|tsx|mjs|js|json|md|sql|yml|yaml|sh|cedar|sol|css|html)$/.test(path) || path === '.ci/run';
  return written && !/(?:^|\/)(?:generated|data)\//.test(path) && path !== 'package-lock.json';
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}
