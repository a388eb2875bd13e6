// Counts of a Vitest JSON report. As a command: `node scripts/tally.mjs REPORT…` prints the sum of several in one line
// and ends with 1 if anything failed. A report that is missing counts as one failure.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Of one report: `{ passed, failed, skipped, testResults }`. Throws where there is none. */
export function tally(path) {
  const results = JSON.parse(readFileSync(path, 'utf8'));
  // a file that could not even be loaded has no failed test in it, but it has failed
  const broken = results.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + broken.length,
    skipped: results.numPendingTests + results.numTodoTests,
    testResults: results.testResults,
  };
}

/** The sentence that ends every report. */
export function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const path of process.argv.slice(2)) {
    let counts = { passed: 0, failed: 1, skipped: 0 };
    try {
      counts = tally(path);
    } catch {
      console.log(`There is no report ${path}: counted as one failure.`);
    }
    for (const key of ['passed', 'failed', 'skipped']) sum[key] += counts[key];
  }
  console.log(inWords(sum));
  process.exit(sum.failed > 0 ? 1 : 0);
}
