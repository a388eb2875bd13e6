import type { ImportCounts, ImportReport } from '@meridian/records';
import { expect, test } from 'vitest';
import { compare, merge, noCounts } from './counts.ts';
import type { Batch } from './unit.ts';

function batch(...types: string[]): Batch {
  return { format: 'ndjson', body: Buffer.alloc(0), types };
}

function counts(more: Partial<ImportCounts>): ImportCounts {
  return { ...noCounts(), ...more };
}

function report(byType: Record<string, ImportCounts>, rejected: ImportReport['rejected'] = []): ImportReport {
  const total = noCounts();
  for (const each of Object.values(byType))
    for (const key of Object.keys(total) as (keyof ImportCounts)[]) total[key] += each[key];
  return { total, byType, rejected };
}

test('accounts for every resource by the type that we read', () => {
  const answer = report({ Patient: counts({ read: 1, created: 1 }), unreadable: counts({ read: 1, rejected: 1 }) }, [
    { index: 1, issues: [] },
  ]);
  const result = compare(batch('Patient', 'Observation'), answer);
  expect(result.unaccounted).toBe(0);
  expect(result.counts.get('Patient')).toEqual(counts({ read: 1, created: 1 }));
  expect(result.counts.get('Observation')).toEqual(counts({ read: 1, rejected: 1 }));
});

test('notices what the server does not account for', () => {
  const answer = report({ Patient: counts({ read: 1, created: 1 }) });
  expect(compare(batch('Patient', 'Patient'), answer).unaccounted).toBe(1);
  expect(compare(batch(), answer).unaccounted).toBe(1);
  expect(compare(batch('Observation'), answer).unaccounted).toBe(2);
});

test('counts what was stored the first time once when it is sent again', () => {
  const types = ['Patient', 'Patient', 'Patient'];
  const issue = { severity: 'error', code: 'not-found', diagnostics: '' } as const;
  const first = compare(
    batch(...types),
    report({ Patient: counts({ read: 3, created: 1, rejected: 2 }) }, [
      { index: 1, type: 'Patient', issues: [issue] },
      { index: 2, type: 'Patient', issues: [issue] },
    ]),
  );
  const second = compare(
    batch(...types),
    report({ Patient: counts({ read: 3, created: 1, unchanged: 1, rejected: 1 }) }, [
      { index: 2, type: 'Patient', issues: [issue] },
    ]),
  );
  expect(merge(first, second).counts.get('Patient')).toEqual(counts({ read: 3, created: 2, rejected: 1 }));
});
