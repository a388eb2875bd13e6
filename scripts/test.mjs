// npm test: installs what is missing, runs all tests that need nothing but this machine, and says what it skipped. Where
// there is a browser, or one can be installed, the browser tests follow (CI runs them by itself).
// Arguments go to Vitest: `npm test -- packages/ledger`.
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { provideBrowser } from './browser.mjs';
import { cache, fail, prepare, root, run } from './prepare.mjs';
import { inWords, tally } from './tally.mjs';

/** Skipped tests of one file are named one by one up to this many. */
const NAMED = 12;

const node = prepare();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const asked = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };
let code = await tests('tests.json', asked);
if (asked.length === 0 && process.env.CI === undefined && provideBrowser() !== undefined) {
  code = (await tests('web.json', ['--config', join('e2e', 'vitest.config.ts'), join('e2e', 'web')])) || code;
}
console.log(inWords(sum));
process.exit(code);

/** Runs Vitest, names what was skipped, and adds up the counts. */
async function tests(name, args) {
  const report = join(cache, name);
  rmSync(report, { force: true });
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const ended = await run(node, [vitest, 'run', ...reporters, ...args]);
  summarise(report);
  return ended;
}

function summarise(report) {
  let counts;
  try {
    counts = tally(report);
  } catch {
    fail('The tests ended without a report: what is above says why.');
  }
  for (const file of counts.testResults) {
    const skipped = file.assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed');
    if (skipped.length === 0) continue;
    console.log(`Skipped in ${relative(root, file.name)}:`);
    for (const { fullName } of skipped.slice(0, NAMED)) console.log(`  ${fullName.trim()}`);
    if (skipped.length > NAMED) console.log(`  and ${skipped.length - NAMED} more`);
  }
  for (const key of ['passed', 'failed', 'skipped']) sum[key] += counts[key];
}
