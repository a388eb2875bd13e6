import type { Resource } from '@meridian/fhir';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BASE_URL, context, searchOf, type TestStore, testStore } from '../testing/store.ts';

const UCUM = 'http://unitsofmeasure.org';

const quantity = (value: number, elements: object): object => ({ valueQuantity: { value, ...elements } });
const observation = (id: string, elements: object): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  ...elements,
});
const WORLD: Resource[] = [
  observation('mg', quantity(4.6, { system: UCUM, code: 'mg', unit: 'milligram' })),
  observation('iu', quantity(4.6, { system: UCUM, code: '[IU]', unit: 'IU' })),
  observation('drops', quantity(4.6, { unit: 'drops' })),
  observation('device', { subject: { reference: 'Device/d' } }),
  observation('group', { subject: { reference: 'Group/g' } }),
  observation('own', { subject: { reference: `${BASE_URL}/Patient/p` } }),
  observation('parts', {
    component: [
      { code: { coding: [{ system: 'urn:a', code: '1' }] }, valueQuantity: { value: 5, system: UCUM, code: 'g' } },
      { code: { coding: [{ system: 'urn:b', code: '2' }] }, valueQuantity: { value: 9, system: UCUM, code: 'g' } },
    ],
  }),
  observation('piped', { code: { coding: [{ system: 'urn:a|b', code: 'c' }] } }),
  observation('system', { code: { coding: [{ system: 'urn:only', display: 'no code' }] } }),
  {
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: 'Smith-Jones', given: ['ﬃﬃﬃﬃﬃﬃﬃx'] }],
    identifier: [{ value: 'A1', type: { text: 'Record number of the clinic' } }],
  },
  { resourceType: 'Device', id: 'd', patient: { reference: 'Patient/p' } },
  { resourceType: 'Specimen', id: 's', subject: { reference: 'Patient/p' } },
  { resourceType: 'Media', id: 'm', status: 'completed', subject: { reference: 'Specimen/s' } },
  { resourceType: 'Group', id: 'g', type: 'person', actual: true },
  { resourceType: 'ValueSet', id: 'v', url: 'http://u.example/a/b', description: `${'x'.repeat(70)} at the end` },
  { resourceType: 'ValueSet', id: 'slash', url: 'http://u.example/a/' },
  { resourceType: 'ValueSet', id: 'urn', url: 'urn:x:y' },
  {
    resourceType: 'Condition',
    id: 'words',
    code: { text: Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ') },
    subject: { reference: 'Patient/p' },
    onsetPeriod: { start: '2021', end: '2020' },
  },
];

let tested: TestStore;
beforeAll(async () => {
  tested = await testStore();
  await tested.store.writeAll(
    WORLD.map((resource) => ({ op: 'update', resource })),
    context,
  );
});
afterAll(() => tested?.close());

it.each([
  // numbers: only eq, ne and ap look at the digits (R4, Search §3.1.1.4.6)
  [`Observation?value-quantity=5|${UCUM}|mg`, 'mg'],
  [`Observation?value-quantity=ge5|${UCUM}|mg`, ''],
  [`Observation?value-quantity=sa4.59|${UCUM}|mg`, 'mg'],
  [`Observation?value-quantity=eb4.6|${UCUM}|mg`, ''],
  // units (§3.1.1.4.11): with a system they are codes, without one codes or units as written
  [`Observation?value-quantity=0.0046|${UCUM}|g`, 'mg'],
  [`Observation?value-quantity=4.6|${UCUM}|[IU]`, 'iu'],
  ['Observation?value-quantity=4.6||mg', 'mg'],
  ['Observation?value-quantity=4.6||milligram', 'mg'],
  ['Observation?value-quantity=4.6||drops', 'drops'],
  ['Observation?value-quantity=4.6|urn:other|mg', ''],
  ['Observation?value-quantity=4.6', 'drops iu mg'],
  // composites whose parts must stand together
  [`Observation?component-code-value-quantity=1$5|${UCUM}|g`, 'parts'],
  [`Observation?component-code-value-quantity=1$9|${UCUM}|g`, ''],
  [`Observation?component-code-value-quantity=urn:b|$9|${UCUM}|g`, 'parts'],
  [`Observation?component-code-value-quantity=urn:b|$5|${UCUM}|g`, ''],
  // codes and systems do not run into each other
  ['Observation?code=urn:a\\|b|c', 'piped'],
  ['Observation?code=urn:a|b\\|c', ''],
  ['Observation?code=urn:only|', 'system'],
  ['Observation?code:text=no code', 'system'],
  // references
  ['Observation?patient:missing=true&subject:missing=false', 'device group'],
  ['Observation?patient=p', 'own'],
  ['Device?_has:Observation:subject:status=final', 'd'],
  ['Specimen?_has:Media:subject:status=completed', 's'],
  ['Patient?_has:Observation:subject:status=final', 'p'],
  // strings: from the start, and folded before they are measured
  ['Patient?family=smith', 'p'],
  ['Patient?family=jones', ''],
  ['Patient?given=ffiffiffiffiffiffiffix', 'p'],
  ['Patient?given=ﬃﬃﬃﬃﬃﬃﬃy', ''],
  ['Patient?family:contains=!!!', ''],
  ['Patient?family=!!!', ''],
  ['ValueSet?description:contains=end', 'v'],
  ['ValueSet?description:contains=the beginning', ''],
  ['Patient?identifier:text=number of', 'p'],
  ['Patient?identifier:text=other', ''],
  ['Condition?code:text=word29', 'words'],
  ['Condition?code:text=word31', ''],
  // URIs go by whole segments, and URNs have none (§3.1.1.4.13)
  ['ValueSet?url:below=http://u.example/a', 'slash v'],
  ['ValueSet?url:below=http://u.example/a/', 'slash v'],
  ['ValueSet?url:below=http://u.example/a/b/', ''],
  ['ValueSet?url:below=urn:x', ''],
  ['ValueSet?url:above=http://u.example/a/b/c', 'slash v'],
  ['ValueSet?url:above=urn:x:y', 'urn'],
  // a period that ends before it begins is a period
  ['Condition?onset-date=ge2020', 'words'],
  ['Condition?onset-date:missing=true', ''],
])('%s finds %s', async (search, ids) => {
  const page = await tested.store.search({ ...searchOf(search), total: 'accurate' }, context);
  expect(
    page.matches
      .map(({ id }) => id)
      .sort()
      .join(' '),
  ).toBe(ids);
  expect(page.total).toBe(page.matches.length);
});

it.each([
  ['Observation?subject=Patient/p', ['Patient/p']],
  ['Observation?_id=own', ['Patient/p']],
])('%s includes what an absolute reference to this server names', async (search, included) => {
  const page = await tested.store.search(searchOf(`${search}&_include=Observation:subject`), context);
  expect(page.included.map(({ type, id }) => `${type}/${id}`)).toEqual(included);
});
