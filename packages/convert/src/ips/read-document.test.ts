import { readFileSync } from 'node:fs';
import { forEachReference, type Resource, validate } from '@meridian/fhir';
import { describe, expect, it } from 'vitest';
import { ipsDocument } from './ips-document.ts';
import { documentToRecord } from './read-document.ts';

const EXAMPLES = new URL('../../../../node_modules/hl7.fhir.r4.examples/', import.meta.url);
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const record: Resource[] = [
  { resourceType: 'Patient', id: 'p', name: [{ family: 'Wong' }] },
  {
    resourceType: 'Condition',
    id: 'c',
    subject: { reference: 'https://example.org/fhir/Patient/p' },
    code: { text: 'asthma' },
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    recorder: { reference: 'Practitioner/elsewhere' },
  },
];
let count = 0;
const document = ipsDocument(record, {
  at: new Date('2026-01-02T03:04:05Z'),
  newId: () => {
    count += 1;
    return `00000000-0000-4000-8000-00000000000${count}`;
  },
  baseUrl: 'https://example.org/fhir',
  author: 'Harbour Clinic',
});

describe('a patient summary of another system', () => {
  it('becomes resources that point to each other', () => {
    const { resources, fidelity } = documentToRecord.convert(bytes(document), {});
    expect(resources?.map(({ resourceType }) => resourceType)).toEqual([
      'Composition',
      'Patient',
      'Condition',
      'Binary',
      'DocumentReference',
    ]);
    const [composition, patient, condition] = resources ?? [];
    expect(condition).toMatchObject({
      subject: { reference: `Patient/${patient?.id}` },
      recorder: { display: 'Practitioner/elsewhere' },
    });
    expect(JSON.stringify(composition)).toContain(`Condition/${condition?.id}`);
    expect(resources?.flatMap((each) => validate(each).filter(({ severity }) => severity === 'error'))).toEqual([]);
    expect(fidelity.kept).toEqual([{ path: 'entry[Condition]/reference', where: 'Reference.display', count: 1 }]);
    expect(fidelity.mapped).toContainEqual({ path: 'entry[Condition]', count: 1 });
  });

  it('is filed under the patient who is known already, and is the same every time', () => {
    const first = documentToRecord.convert(bytes(document), { patient: 'Patient/known' });
    expect(first.resources?.some(({ resourceType }) => resourceType === 'Patient')).toBe(false);
    expect(first.resources?.find(({ resourceType }) => resourceType === 'Condition')?.subject).toEqual({
      reference: 'Patient/known',
    });
    expect(documentToRecord.convert(bytes(document), { patient: 'Patient/known' })).toEqual(first);
  });

  it('keeps the published document example whole', () => {
    const source = readFileSync(new URL('Bundle-father.json', EXAMPLES));
    const published = JSON.parse(source.toString()) as { entry: { resource: Resource }[] };
    const { resources = [] } = documentToRecord.convert(source, {});
    expect(resources.length).toBe(published.entry.length + 2);
    const known = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
    for (const resource of resources) forEachReference(resource, (reference) => expect(known).toContain(reference));
  });

  it('refuses what is none', () => {
    expect(() => documentToRecord.convert(bytes({ resourceType: 'Bundle', type: 'batch', entry: [] }), {})).toThrow(
      /type document/,
    );
    expect(() => documentToRecord.convert(bytes({ ...document, entry: [] }), {})).toThrow(/Composition/);
    expect(() => documentToRecord.convert(Buffer.from('{'), {})).toThrow(/not JSON/);
    expect(() => documentToRecord.convert(Buffer.from('null'), {})).toThrow(/type document/);
  });
});
