// npm run check: types, format and lint, and the rules of the house. Runs all of them and sums up.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, prepare, root, run } from './prepare.mjs';
import { inWords } from './tally.mjs';

const node = prepare();
const bin = (...path) => join(root, 'node_modules', ...path);
const steps = [
  ['types', bin('typescript', 'bin', 'tsc'), '--noEmit', '-p', root],
  [
    'types of the browser application',
    bin('typescript', 'bin', 'tsc'),
    '--noEmit',
    '-p',
    join(root, 'packages', 'web'),
  ],
  ['words of the browser application', join(root, 'packages', 'web', 'tools', 'messages.ts')],
  ['format and lint', bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--diagnostic-level=warn', root],
  ['rules of the house', join(root, 'scripts', 'house-rules', 'main.ts')],
];

const report = join(cache, 'check.json');
rmSync(report, { force: true });
const failed = [];
for (const [name, ...args] of steps) {
  console.log(`# ${name}`);
  if ((await run(node, args)) !== 0) failed.push(name);
}
const counts = { passed: steps.length - failed.length, failed: failed.length, skipped: 0 };
// in the form of a Vitest report, so that it can be added up with the tests
const totals = { numPassedTests: counts.passed, numFailedTests: counts.failed, numPendingTests: 0, numTodoTests: 0 };
writeFileSync(report, JSON.stringify({ ...totals, testResults: [] }));
console.log(failed.length > 0 ? `Not in order: ${failed.join(', ')}.` : 'All in order.');
console.log(inWords(counts));
process.exit(failed.length > 0 ? 1 : 0);
