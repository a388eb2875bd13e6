import { expect, test } from 'vitest';
import { readMetrics, sumOf } from './metrics.ts';

test('values are read by name and added up over labels', () => {
  const samples = readMetrics(
    '# HELP a b\n# TYPE a counter\na{x="1 2"} 3\na{x="2"} 4.5\nb 1e3\n\nnonsense\nab 9\nc NaN\n',
  );
  expect(sumOf(samples, 'a')).toBe(7.5);
  expect(sumOf(samples, 'b')).toBe(1000);
  expect(sumOf(samples, 'c')).toBeUndefined();
});
