import { describe, expect, test } from 'vitest';
import { publishedFiles, publishedText } from '../../../tools/published.ts';
import type { ElementDefinition, StructureDefinition } from '../../definitions-resources.ts';
import { hasErrors } from '../../issue.ts';
import { Terminology } from '../../terminology/terminology.ts';
import { validate } from '../validate.ts';
import { ProfileError, ProfileRegistry } from './registry.ts';

type Json = Record<string, unknown>;

function published(file: string): Json {
  return JSON.parse(publishedText(file)) as Json;
}

function publishedProfiles(): ProfileRegistry {
  const profiles = new ProfileRegistry(new Terminology());
  for (const file of publishedFiles('StructureDefinition')) {
    const definition = published(file) as unknown as StructureDefinition;
    if (definition.derivation === 'constraint') profiles.add(definition);
  }
  return profiles;
}

function errorsOf(resource: unknown, profiles: ProfileRegistry): string[] {
  return validate(resource, { profiles }).flatMap(({ severity, expression = [], diagnostics }) =>
    severity === 'error' ? [`${expression[0]}: ${diagnostics}`] : [],
  );
}

describe('published profiles', () => {
  const profiles = publishedProfiles();

  test('accept the published examples that claim them', () => {
    let claimed = 0;
    for (const file of publishedFiles().filter((name) => !/^(CodeSystem|ValueSet|SearchParameter)-/.test(name))) {
      const resource = published(file) as { meta?: { profile?: string[] } };
      if (!resource.meta?.profile || hasErrors(validate(resource))) continue;
      claimed++;
      expect({ file, errors: errorsOf(resource, profiles) }).toEqual({ file, errors: [] });
    }
    expect(claimed).toBeGreaterThan(10);
  });

  test('blood pressure: slices by code, fixed values and what vital signs ask for', () => {
    const example = published('Observation-blood-pressure.json');
    const bloodPressure = { ...example, meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bp'] } };
    expect(errorsOf(bloodPressure, profiles)).toEqual([]);
    const [systolic, diastolic] = example.component as Json[];
    expect(errorsOf({ ...bloodPressure, component: [systolic] }, profiles)).toEqual([
      expect.stringContaining('Observation: Add component'),
      'Observation: Add component:DiastolicBP; the profile asks for one.',
    ]);
    const inPounds = { ...diastolic, valueQuantity: { ...(diastolic?.valueQuantity as Json), code: '[lb_av]' } };
    expect(errorsOf({ ...bloodPressure, component: [systolic, inPounds] }, profiles)).toEqual([
      'Observation.component[1].valueQuantity.code: Write exactly the value that the profile fixes.',
    ]);
    expect(errorsOf({ ...bloodPressure, category: undefined }, profiles).join()).toContain('Add category');
    expect(errorsOf({ ...bloodPressure, effectiveDateTime: '2012' }, profiles).join()).toContain('(vs-1)');
  });

  test('an extension with a profile is checked against it where it is named', () => {
    const profile: StructureDefinition = {
      resourceType: 'StructureDefinition',
      url: 'http://example.org/StructureDefinition/patient',
      name: 'PatientBornSomewhere',
      kind: 'resource',
      abstract: false,
      type: 'Patient',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
      derivation: 'constraint',
      differential: {
        element: [
          { id: 'Patient', path: 'Patient' },
          {
            id: 'Patient.extension:birthPlace',
            path: 'Patient.extension',
            sliceName: 'birthPlace',
            min: 1,
            max: '1',
            type: [{ code: 'Extension', profile: ['http://hl7.org/fhir/StructureDefinition/patient-birthPlace'] }],
          },
        ],
      },
    };
    profiles.add(profile);
    const url = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';
    const patient = (extension: Json[]) => ({ resourceType: 'Patient', meta: { profile: [profile.url] }, extension });
    expect(errorsOf(patient([{ url, valueAddress: { city: 'Hong Kong' } }]), profiles)).toEqual([]);
    expect(errorsOf(patient([{ url, valueString: 'Hong Kong' }]), profiles)).toEqual([
      expect.stringContaining('Patient.extension[0].valueString'),
    ]);
    expect(errorsOf(patient([{ url: 'http://example.org/x', valueString: 'y' }]), profiles)).toEqual([
      'Patient: Add extension:birthPlace; the profile asks for one.',
    ]);
  });
});

describe('own profiles', () => {
  function registry(element: ElementDefinition[]) {
    const profiles = new ProfileRegistry(new Terminology());
    profiles.add({
      resourceType: 'StructureDefinition',
      url: 'urn:test:profile',
      name: 'Test',
      kind: 'resource',
      abstract: false,
      type: 'Observation',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation',
      derivation: 'constraint',
      differential: { element },
    });
    return profiles;
  }

  const observation = {
    resourceType: 'Observation',
    meta: { profile: ['urn:test:profile'] },
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }], text: 'Body temperature' },
    subject: { reference: 'Patient/1' },
    valueQuantity: { value: 37, unit: 'C' },
  };

  test('cardinality, pattern, types, targets, range and length', () => {
    const cases: [element: Json, expected: string][] = [
      [{ path: 'Observation.issued', min: 1 }, 'Observation: Add issued'],
      [{ path: 'Observation.subject', max: '0' }, 'Observation: Remove subject'],
      [{ path: 'Observation.code', patternCodeableConcept: { coding: [{ code: 'x' }] } }, 'Observation.code: Include'],
      [{ path: 'Observation.status', fixedCode: 'amended' }, 'Observation.status: Write exactly'],
      [{ path: 'Observation.value[x]', type: [{ code: 'string' }] }, 'Observation.valueQuantity: Use one of the types'],
      [
        {
          path: 'Observation.subject',
          type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Device'] }],
        },
        'Observation.subject: Refer to Device',
      ],
      [{ path: 'Observation.code.text', maxLength: 4 }, 'Observation.code.text: Shorten'],
      [
        {
          path: 'Observation.code',
          binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/marital-status' },
        },
        'Observation.code: Use a code of the value set',
      ],
      [
        {
          path: 'Observation',
          constraint: [{ key: 'own-1', severity: 'error', human: 'No value', expression: 'value.empty()' }],
        },
        'Observation: No value. (own-1)',
      ],
    ];
    for (const [element, expected] of cases) {
      expect(errorsOf(observation, registry([element as { path: string }]))).toEqual([
        expect.stringContaining(expected),
      ]);
    }
  });

  test('a closed slicing refuses what is in no slice; an open one does not', () => {
    const slicing = (rules: 'open' | 'closed') =>
      registry([
        {
          id: 'Observation.code.coding',
          path: 'Observation.code.coding',
          slicing: { discriminator: [{ type: 'value', path: 'system' }], rules },
        },
        { id: 'Observation.code.coding:own', path: 'Observation.code.coding', sliceName: 'own', min: 0, max: '1' },
        { id: 'Observation.code.coding:own.system', path: 'Observation.code.coding.system', fixedUri: 'urn:own' },
      ]);
    expect(errorsOf(observation, slicing('open'))).toEqual([]);
    expect(errorsOf(observation, slicing('closed'))).toEqual([
      'Observation.code.coding[0]: Remove this; it is none of the slices to which the profile is closed.',
    ]);
  });

  test('a constraint that cannot be evaluated is a warning that quotes nothing of the record', () => {
    const profiles = registry([
      {
        path: 'Observation',
        constraint: [{ key: 'own-2', severity: 'error', human: 'x', expression: 'code.text > (1 | 2)' }],
      },
    ]);
    const issues = validate(observation, { profiles });
    expect(issues).toMatchObject([{ severity: 'warning', code: 'not-supported' }]);
    expect(JSON.stringify(issues)).not.toContain('Body temperature');
    const broken = registry([
      { path: 'Observation', constraint: [{ key: 'own-3', severity: 'error', human: 'x', expression: 'status ((' }] },
    ]);
    expect(validate(observation, { profiles: broken })).toMatchObject([{ severity: 'warning', code: 'not-supported' }]);
  });

  test('unknown profiles are silent, or a warning when asked for', () => {
    const none = new ProfileRegistry();
    expect(validate(observation, { profiles: none })).toEqual([]);
    expect(validate(observation, { profiles: none, unknownProfiles: 'warn' })).toMatchObject([
      { severity: 'warning', expression: ['Observation.meta.profile[0]'] },
    ]);
  });

  test('what cannot serve as a profile is refused with a sentence', () => {
    const profiles = new ProfileRegistry();
    const patient = published('StructureDefinition-Patient.json') as unknown as StructureDefinition;
    expect(() => profiles.add(patient)).toThrow(ProfileError);
    const { snapshot: _, ...bp } = published('StructureDefinition-bp.json') as unknown as StructureDefinition;
    expect(() => profiles.add(bp as StructureDefinition)).toThrow(/snapshot/);
  });
});
