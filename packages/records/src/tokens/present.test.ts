import { createHash } from 'node:crypto';
import { resourceTypes } from '@meridian/fhir';
import { expect, it } from 'vitest';
import { indexKeys, presentBit } from './present.ts';

it('has the places that are on disk', () => {
  const list = resourceTypes().map((type) => [type, ...indexKeys(type)]);
  expect(Math.max(...list.map((keys) => keys.length - 1))).toBeLessThanOrEqual(62);
  const digest = createHash('sha256').update(JSON.stringify(list)).digest('hex').slice(0, 8);
  // a change here means that stored records answer `:missing` wrongly: migrate `resource.present` first
  expect(digest).toBe('c6a6c97f');
  expect(presentBit('Observation', 'status')).not.toBe(presentBit('Observation', 'code'));
});
