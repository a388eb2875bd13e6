import { describe, expect, it } from 'vitest';
import {
  compartmentParameters,
  inPatientCompartment,
  isCompartmentOwner,
  isSinglePatient,
  patientIdOf,
} from './compartment.ts';
import { resourceTypes } from './definitions.ts';
import { extract } from './search/extract.ts';
import { searchParameter } from './search/parameters.ts';
import { publishedExample, publishedExamples } from './search/testing/definitions.ts';

const reference = (text: string): { reference: string } => ({ reference: text });

describe('patientIdOf', () => {
  it('is the own id of a Patient, whatever it links to', () => {
    expect(patientIdOf({ resourceType: 'Patient', id: 'a', link: [{ other: reference('Patient/b') }] })).toBe('a');
  });

  it('prefers the subject to those who took part', () => {
    const performer = [reference('Patient/b')];
    expect(patientIdOf({ resourceType: 'Observation', performer, subject: reference('Patient/a') })).toBe('a');
    expect(patientIdOf({ resourceType: 'Observation', performer, subject: reference('Group/g') })).toBe('b');
    const payor = [reference('Patient/b')];
    expect(patientIdOf({ resourceType: 'Coverage', payor, beneficiary: reference('Patient/a') })).toBe('a');
  });

  it('reads versions and our own absolute references, and no others', () => {
    const of = (text: string): string | undefined =>
      patientIdOf({ resourceType: 'Condition', subject: reference(text) }, 'https://a.example/fhir');
    expect(of('Patient/a/_history/2')).toBe('a');
    expect(of('https://a.example/fhir/Patient/a')).toBe('a');
    expect(of('https://a.example/fhirPatient/a')).toBeUndefined();
    expect(of('https://b.example/fhir/Patient/a')).toBeUndefined();
    expect(of('Patient/a/b')).toBeUndefined();
    expect(of('Patient?identifier=1')).toBeUndefined();
    expect(of('#a')).toBeUndefined();
  });

  it('finds references in lists', () => {
    const participant = [{ actor: reference('Practitioner/p') }, { actor: reference('Patient/a') }];
    expect(patientIdOf({ resourceType: 'Appointment', participant })).toBe('a');
  });

  it('leaves Groups, other types and malformed elements without a patient', () => {
    expect(patientIdOf({ resourceType: 'Group', member: [{ entity: reference('Patient/a') }] })).toBeUndefined();
    expect(patientIdOf({ resourceType: 'Medication' })).toBeUndefined();
    expect(patientIdOf({ resourceType: 'Condition', subject: 'Patient/a' })).toBeUndefined();
    expect(patientIdOf({ resourceType: 'constructor' })).toBeUndefined();
  });

  it('agrees with the subject that the index holds, for all examples of types that one reference decides', () => {
    for (const [type, resources] of publishedExamples(100)) {
      const parameter = ['subject', 'patient'].map((name) => searchParameter(type, name)).find(Boolean);
      if (!parameter || !isSinglePatient(type, parameter)) continue;
      for (const resource of resources) {
        const [found] = extract(resource).filter(({ key }) => parameter.index.includes(key));
        if (found?.kind === 'reference' && found.type === 'Patient') expect(patientIdOf(resource)).toBe(found.id);
      }
    }
  });
});

describe('compartments', () => {
  it('have the parameters of the CompartmentDefinitions', () => {
    const names = (owner: string, type: string): string[] => compartmentParameters(owner, type).map(({ name }) => name);
    expect(names('Patient', 'Observation')).toEqual(['subject', 'performer']);
    expect(names('Encounter', 'Observation')).toEqual(['encounter']);
    expect(names('Device', 'Observation')).toEqual(['subject', 'device']);
    expect(names('Patient', 'Medication')).toEqual([]);
    expect(names('Medication', 'Observation')).toEqual([]);
    expect(isCompartmentOwner('RelatedPerson')).toBe(true);
    expect(isCompartmentOwner('constructor')).toBe(false);
  });

  it('name parameters that exist, for every owner and type', () => {
    for (const owner of ['Patient', 'Encounter', 'RelatedPerson', 'Practitioner', 'Device']) {
      const definition = publishedExample(
        `CompartmentDefinition-${owner.charAt(0).toLowerCase()}${owner.slice(1)}.json`,
      );
      const members = definition.resource as { code: string; param?: string[] }[];
      for (const { code, param = [] } of members.filter((member) => member.param?.[0] !== '{def}')) {
        expect([code, compartmentParameters(owner, code).map(({ name }) => name)]).toEqual([code, param]);
      }
    }
  });

  it('hold a type of the Patient compartment in one record where one reference decides', () => {
    expect(isSinglePatient('Observation')).toBe(true);
    expect(isSinglePatient('Observation', searchParameter('Observation', 'patient'))).toBe(true);
    expect(isSinglePatient('Observation', searchParameter('Observation', 'performer'))).toBe(false);
    expect(isSinglePatient('Coverage', searchParameter('Coverage', 'patient'))).toBe(true);
    expect(isSinglePatient('Appointment')).toBe(false);
    expect(isSinglePatient('Patient')).toBe(false);
    expect(resourceTypes().filter(inPatientCompartment)).toHaveLength(67);
  });

  it('hold a Task in the record of the patient that it is for', () => {
    const task = { resourceType: 'Task', status: 'requested', intent: 'order', focus: { reference: 'Patient/focus' } };
    expect(patientIdOf({ ...task, for: { reference: 'Patient/1' } })).toBe('1');
    expect(patientIdOf(task)).toBeUndefined();
  });
});
