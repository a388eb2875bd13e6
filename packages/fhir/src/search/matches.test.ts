import { describe, expect, it } from 'vitest';
import type { Resource } from '../resource.ts';
import { matches } from './matches.ts';
import { parseSearch } from './parse.ts';

const baseUrl = 'https://a.example/fhir';

function found(resource: Resource, query: string): boolean {
  const { filters } = parseSearch([resource.resourceType], [...new URLSearchParams(query)], {
    handling: 'strict',
    baseUrl,
  });
  return matches(filters, resource, { baseUrl });
}

const ucum = 'http://unitsofmeasure.org';

const glucose: Resource = {
  resourceType: 'Observation',
  id: 'g1',
  meta: { lastUpdated: '2024-05-07T10:00:00.000Z', tag: [{ system: 't', code: 'demo' }] },
  status: 'final',
  code: {
    coding: [{ system: 'http://loinc.org', code: '15074-8', display: 'Glucose [Moles/volume] in Blood' }],
    text: '血糖',
  },
  subject: { reference: 'Patient/p1' },
  performer: [{ identifier: { system: 's', value: 'v' } }],
  effectivePeriod: { start: '2024-05-07T09:00:00+08:00' },
  valueQuantity: { value: 500, system: ucum, code: 'mg', unit: 'milligram' },
  component: [{ code: { coding: [{ code: 'c' }] }, valueQuantity: { value: 5, system: ucum, code: 'mmol/L' } }],
};

const patient: Resource = {
  resourceType: 'Patient',
  id: 'p1',
  name: [{ family: 'Carreño-Quiñones', given: ['Ana'] }, { text: '陳 大文' }],
  identifier: [{ system: 'h', value: 'A123', type: { coding: [{ system: 'v2', code: 'MR' }], text: 'Record number' } }],
  birthDate: '1980-05',
  generalPractitioner: [{ reference: 'https://b.example/fhir/Practitioner/1' }],
};

describe('matches', () => {
  it.each<[string, boolean]>([
    ['code=15074-8', true],
    ['code=http://loinc.org|15074-8', true],
    ['code=|15074-8', false],
    ['code=http://loinc.org|', true],
    ['code=x,15074-8', true],
    ['code:not=15074-8', false],
    ['code:not=x', true],
    ['category:not=x', true],
    ['category:missing=true', true],
    ['code:missing=true', false],
    ['code:missing=false', true],
    ['code:text=glu', true],
    ['code:text=moles', true],
    ['code:text=oles', false],
    ['code:text=血', true],
    ['combo-code=c', true],
    ['combo-code=15074-8', true],
    ['component-code=15074-8', false],
    ['patient=p1', true],
    ['patient=Patient/p1', true],
    ['subject:Group=p1', false],
    [`subject=${baseUrl}/Patient/p1`, true],
    ['performer:identifier=s|v', true],
    ['performer:identifier=|v', false],
    ['date=2024-05-07', false],
    ['date=ge2024-05-07', true],
    ['date=gt2030', true],
    ['date=lt2024-05-07', false],
    ['date=lt2024-05-08', true],
    ['date=sa2024-05-06', true],
    ['date=eb2024', false],
    ['date=ap2024', true],
    ['date=ne2024', true],
    [`value-quantity=0.5|${ucum}|g`, true],
    [`value-quantity=gt0.4|${ucum}|g`, true],
    [`value-quantity=gt0.5|${ucum}|g`, false],
    [`value-quantity=500|${ucum}|mmol/L`, false],
    ['value-quantity=500', true],
    ['value-quantity=500||mg', true],
    ['value-quantity=500||milligram', true],
    ['value-quantity=500||g', false],
    ['value-quantity=5e2', true],
    [`code-value-quantity=15074-8$gt400|${ucum}|mg`, true],
    [`code-value-quantity=c$gt400|${ucum}|mg`, false],
    [`combo-code-value-quantity=c$5|${ucum}|mmol/L`, true],
    ['_tag=t|demo', true],
    ['_id=x,g1', true],
    ['_id:not=g1', false],
    ['_lastUpdated=2024-05-07', true],
    ['_lastUpdated=gt2024-05-07', false],
    ['status=final&code=x', false],
  ])('Observation?%s is %s', (query, expected) => {
    expect(found(glucose, query)).toBe(expected);
  });

  it.each<[string, boolean]>([
    ['name=carreno', true],
    ['name=Carreno quinones', true],
    ['name=quinones', false],
    ['name:contains=quinones', true],
    ['name:exact=Ana', true],
    ['name:exact=ana', false],
    ['name=陳大', true],
    ['name=!!!', false],
    ['identifier:of-type=v2|MR|A123', true],
    ['identifier:of-type=v2|DL|A123', false],
    ['identifier:text=record', true],
    ['birthdate=1980', true],
    ['birthdate=1980-05-01', false],
    ['birthdate=ge1980-05', true],
    ['deceased=false', true],
    ['general-practitioner=https://b.example/fhir/Practitioner/1', true],
    ['general-practitioner=1', false],
  ])('Patient?%s is %s', (query, expected) => {
    expect(found(patient, query)).toBe(expected);
  });

  it('goes by path segments above and below a URI', () => {
    const valueSet = { resourceType: 'ValueSet', url: 'http://a/fhir/ValueSet/1' };
    expect(found(valueSet, 'url:below=http://a/fhir')).toBe(true);
    expect(found(valueSet, 'url:below=http://a/fh')).toBe(false);
    expect(found(valueSet, 'url:above=http://a/fhir/ValueSet/1/x')).toBe(true);
    expect(found(valueSet, 'url=http://a/fhir')).toBe(false);
  });

  it('asks the caller to follow references', () => {
    const { filters } = parseSearch(['Observation'], [['patient.name', 'x']], { handling: 'strict', baseUrl });
    expect(matches(filters, glucose)).toBe(false);
    expect(matches(filters, glucose, { follow: (filter) => filter.kind === 'chain' })).toBe(true);
  });

  it('knows compartments', () => {
    const compartment = (id: string): boolean => {
      const query = parseSearch(['Observation'], [], {
        handling: 'strict',
        baseUrl,
        compartment: { owner: 'Patient', id },
      });
      return matches(query.filters, glucose);
    };
    expect(compartment('p1')).toBe(true);
    expect(compartment('p2')).toBe(false);
  });

  it('counts a subject of another type as missing for patient', () => {
    const group = { ...glucose, subject: { reference: 'Group/p1' } };
    expect(found(group, 'patient:missing=true')).toBe(true);
    expect(found(group, 'subject:missing=true')).toBe(false);
    expect(found(group, 'patient=p1')).toBe(false);
  });
});
