// npm test: installs what is missing, runs all tests that need nothing but this machine, and says what it skipped.
// Arguments go to Vitest: `npm test -- packages/ledger`.
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cache, fail, prepare, root, run } from './prepare.mjs';
import { inWords, tally } from './tally.mjs';

/** Skipped tests of one file are named one by one up to this many. */
const NAMED = 12;

const node = prepare();
const report = join(cache, 'tests.json');
rmSync(report, { force: true });
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
const code = await run(node, [vitest, 'run', ...reporters, ...process.argv.slice(2)]);
summarise();
process.exit(code);

function summarise() {
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
  console.log(inWords(counts));
}
