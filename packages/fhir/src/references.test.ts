import { describe, expect, it } from 'vitest';
import { forEachReference, mapReferences, parseReference } from './references.ts';
import type { Resource } from './resource.ts';

describe('parseReference', () => {
  const base = 'https://a.example/fhir';

  it.each([
    ['Patient/1', { kind: 'local', type: 'Patient', id: '1' }],
    ['Patient/1/_history/2', { kind: 'local', type: 'Patient', id: '1', version: '2' }],
    [`${base}/Patient/1`, { kind: 'local', type: 'Patient', id: '1' }],
    ['https://b.example/fhir/Patient/1', { kind: 'url', url: 'https://b.example/fhir/Patient/1' }],
    ['#p', { kind: 'contained', id: 'p' }],
    ['Patient?identifier=s|1', { kind: 'conditional', type: 'Patient', query: 'identifier=s|1' }],
    ['urn:uuid:1', { kind: 'url', url: 'urn:uuid:1' }],
    ['Patient/1/2', { kind: 'url', url: 'Patient/1/2' }],
  ])('reads %s', (text, expected) => {
    expect(parseReference(text, base)).toEqual(expected);
    expect(parseReference(text, `${base}/`)).toEqual(expected);
  });
});

const uuid = 'urn:uuid:00000000-0000-4000-8000-000000000001';

function rewritten(resource: Resource): Resource {
  mapReferences(resource, (reference) => (reference === uuid ? 'Patient/1' : undefined));
  return resource;
}

describe('mapReferences', () => {
  it('rewrites references, urls and narrative links, contained ones too', () => {
    const before = {
      resourceType: 'Observation',
      text: { status: 'generated', div: `<div><a href="${uuid}">x</a><img src='${uuid}'/><a href="#y">y</a></div>` },
      contained: [{ resourceType: 'Condition', subject: { reference: uuid } }],
      subject: { reference: uuid, display: uuid },
      performer: [{ reference: 'Practitioner/2' }, { reference: uuid }],
      extension: [{ url: 'http://e', valueUri: uuid }],
    };
    expect(rewritten(before)).toEqual({
      resourceType: 'Observation',
      text: {
        status: 'generated',
        div: `<div><a href="Patient/1">x</a><img src='Patient/1'/><a href="#y">y</a></div>`,
      },
      contained: [{ resourceType: 'Condition', subject: { reference: 'Patient/1' } }],
      subject: { reference: 'Patient/1', display: uuid },
      performer: [{ reference: 'Practitioner/2' }, { reference: 'Patient/1' }],
      extension: [{ url: 'http://e', valueUri: 'Patient/1' }],
    });
  });

  it('rewrites uris in lists, and uris that are called reference', () => {
    const care = { resourceType: 'CarePlan', instantiatesUri: [uuid, 'http://x'] };
    expect(rewritten(care).instantiatesUri).toEqual(['Patient/1', 'http://x']);
    expect(rewritten({ resourceType: 'DetectedIssue', reference: uuid }).reference).toBe('Patient/1');
  });

  it('leaves canonicals, systems, identifier values and canonical urls alone', () => {
    const resource = {
      resourceType: 'PlanDefinition',
      url: uuid,
      identifier: [{ system: uuid, value: uuid }],
      library: [uuid],
      meta: { profile: [uuid] },
    };
    expect(rewritten(structuredClone(resource))).toEqual(resource);
  });

  it('escapes what it writes into the narrative', () => {
    const resource: Resource = { resourceType: 'Basic', text: { div: '<a href="Patient?a=1&amp;b=2">x</a>' } };
    mapReferences(resource, (reference) => (reference === 'Patient?a=1&b=2' ? 'Patient/"<' : undefined));
    expect(resource.text).toEqual({ div: '<a href="Patient/&quot;&lt;">x</a>' });
  });
});

describe('forEachReference', () => {
  it('visits references only', () => {
    const found: string[] = [];
    const resource = {
      resourceType: 'Immunization',
      patient: { reference: 'Patient/1' },
      contained: [{ resourceType: 'Condition', subject: { reference: '#p' } }],
      education: [{ documentType: 'x', reference: 'http://x' }],
      note: [{ text: 'reference' }],
    };
    forEachReference(resource, (reference) => found.push(reference));
    expect(found).toEqual(['Patient/1', '#p']);
  });
});
