import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { all } from '../testing/all.ts';
import type { Source } from './source.ts';
import { splitBundle } from './split-bundle.ts';

function sourceOf(bundle: unknown): Source {
  const text = typeof bundle === 'string' ? bundle : JSON.stringify(bundle);
  const chunks = text.match(/.{1,1000}/gs) ?? [];
  const open = async () => ({
    content: Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
    position: () => text.length,
  });
  return { name: 'large.json', kind: 'json', size: text.length, open };
}

const URN = 'urn:uuid:0f0e0d0c-0000-4000-8000-000000000001';

test('rewrites references to entries that come later, and keeps ids and decimals', async () => {
  const text = `{"resourceType":"Bundle","type":"transaction","entry":[
    {"fullUrl":"urn:uuid:0f0e0d0c-0000-4000-8000-0000000000AA","resource":{"resourceType":"Observation","subject":{"reference":"${URN}"},
      "valueQuantity":{"value":1.50}}},
    {"fullUrl":"https://example.org/fhir/Organization/o","resource":{"resourceType":"Organization","id":"own"}},
    {"fullUrl":"${URN}","resource":{"resourceType":"Patient","id":"p1",
      "managingOrganization":{"reference":"https://example.org/fhir/Organization/o"}}},
    {"resource":{"resourceType":"Basic"}},{"resource":{"resourceType":"Basic"}}]}`;
  const units = await all(splitBundle(sourceOf(text)));
  expect(units).toHaveLength(1);
  expect(units[0]?.types).toEqual(['Observation', 'Organization', 'Patient', 'Basic', 'Basic']);
  const lines = units[0]?.body.toString().trim().split('\n') ?? [];
  expect(lines[0]).toContain('"value":1.50');
  const [observation, , patient, basic, equal] = lines.map((line) => JSON.parse(line));
  expect(observation).toMatchObject({
    id: '0f0e0d0c-0000-4000-8000-0000000000aa',
    subject: { reference: 'Patient/p1' },
  });
  expect(patient).toMatchObject({ id: 'p1', managingOrganization: { reference: 'Organization/own' } });
  expect(basic.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(equal.id).not.toBe(basic.id);
  expect(await all(splitBundle(sourceOf(text)))).toMatchObject([{ body: units[0]?.body }]);
});

test('divides many entries, and sends what it cannot parse for the server to refuse', async () => {
  const entries = Array.from({ length: 2500 }, (_, i) => `{"resource":{"resourceType":"Basic","id":"b${i}"}}`);
  entries[7] = '{"resource":\n{"resourceType":"Basic","id":}}';
  const source = sourceOf(`{"entry":[${entries.join(',')}],"resourceType":"Bundle"}`);
  const units = await all(splitBundle(source));
  expect(units.map(({ types }) => types.length)).toEqual([1000, 1000, 500]);
  expect(units.flatMap(({ indexes }) => indexes)).toEqual(entries.map((_, i) => i));
  expect(units[0]?.types.indexOf('(no FHIR type)')).toBe(7);
  expect(units[0]?.body.toString().trim().split('\n')).toHaveLength(1000);
});

test('refuses what is no Bundle', async () => {
  await expect(all(splitBundle(sourceOf({ resourceType: 'Binary', data: 'x' })))).rejects.toThrow('no Bundle');
});
