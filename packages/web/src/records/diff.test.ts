import { expect, test } from 'vitest';
import { changesOf } from './diff.ts';

test('what changed, and what only always changes', () => {
  const before = {
    meta: { versionId: '1', lastUpdated: 'a', tag: [] },
    status: 'draft',
    component: [{ v: 1 }, { v: 2 }],
  };
  const after = {
    meta: { versionId: '2', lastUpdated: 'b', tag: [] },
    status: 'final',
    component: [{ v: 1 }, { v: 3 }, { v: 4 }],
    note: 'x',
  };
  expect(changesOf(before, after)).toEqual([
    { path: 'status', before: '"draft"', after: '"final"' },
    { path: 'component[1].v', before: '2', after: '3' },
    { path: 'component[2]', before: undefined, after: '{"v":4}' },
    { path: 'note', before: undefined, after: '"x"' },
  ]);
  expect(changesOf(before, before)).toEqual([]);
});

test('a hostile difference is bounded', () => {
  const changes = changesOf(
    {},
    Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, 'x'.repeat(10_000)])),
  );
  expect(changes).toHaveLength(200);
  expect(changes[0]?.after?.length).toBe(2000);
});
