import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DecisionTable } from './decision-table.ts';
import { authorisationMatrix } from './matrix.ts';
import { openPolicies } from './policies.ts';

const FILE = new URL('../../../../docs/viewing.md', import.meta.url);
const START = '<!-- matrix: written by UPDATE_DOCS=1 npx vitest run packages/viewing/src/decision/matrix.test.ts -->';
const END = '<!-- end of matrix -->';

test('docs/viewing.md holds the authorisation matrix of the policies as they are', () => {
  const matrix = authorisationMatrix(new DecisionTable(openPolicies()));
  const text = readFileSync(FILE, 'utf8');
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  expect(start, 'the marker before the matrix').toBeGreaterThan(0);
  expect(end, 'the marker after the matrix').toBeGreaterThan(start);
  const written = `${text.slice(0, start + START.length)}\n\n${matrix}\n\n${text.slice(end)}`;
  if (process.env.UPDATE_DOCS === '1') writeFileSync(FILE, written);
  else expect(text, 'run it with UPDATE_DOCS=1 after changing policies').toBe(written);
}, 300_000);
