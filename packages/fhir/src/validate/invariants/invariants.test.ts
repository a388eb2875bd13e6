import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { definitions } from '../../definitions.ts';
import { type Json, Walk } from '../walk.ts';
import { nativeInvariants } from './native.ts';

const require = createRequire(import.meta.url);
const fhirpath = require('fhirpath') as typeof import('fhirpath');
const model = require('fhirpath/fhir-context/r4') as import('fhirpath').Model;

/** Rules that the walk itself looks after. */
const BY_THE_WALK = ['dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2'];

test('every published constraint has a rule, and every rule a published constraint', () => {
  const published = Object.keys(definitions().constraints).filter((key) => !BY_THE_WALK.includes(key));
  expect(Object.keys(nativeInvariants).sort()).toEqual(published.sort());
});

/**
 * One node for each rule that breaks it and one that keeps it. Both are put to the native rule and to the published
 * FHIRPath, so that neither a rule that always agrees nor one that never does can pass.
 */
const cases: Readonly<Record<string, { at: string; breaks: Json; keeps: Json }>> = {
  'age-1': { at: 'Age', breaks: { value: -1, code: 'a' }, keeps: { value: 1, code: 'a' } },
  'ait-1': { at: 'AllergyIntolerance', breaks: {}, keeps: { clinicalStatus: { text: 'x' } } },
  'app-1': { at: 'Appointment.participant', breaks: { required: 'required' }, keeps: { actor: { display: 'x' } } },
  'app-2': { at: 'Appointment', breaks: { start: '2021-01-01T00:00:00Z' }, keeps: { status: 'proposed' } },
  'app-3': { at: 'Appointment', breaks: { status: 'booked' }, keeps: { status: 'proposed' } },
  'apr-1': { at: 'AppointmentResponse', breaks: { comment: 'x' }, keeps: { actor: { display: 'x' } } },
  'att-1': { at: 'Attachment', breaks: { data: 'YQ==' }, keeps: { data: 'YQ==', contentType: 'text/plain' } },
  'bdl-1': { at: 'Bundle', breaks: { type: 'batch', total: 1 }, keeps: { type: 'searchset', total: 1 } },
  'bdl-5': { at: 'Bundle.entry', breaks: { fullUrl: 'urn:x' }, keeps: { request: { method: 'GET', url: 'x' } } },
  'bdl-8': {
    at: 'Bundle.entry',
    breaks: { fullUrl: 'http://x/Patient/1/_history/2' },
    keeps: { fullUrl: 'http://x/P/1' },
  },
  'bdl-9': {
    at: 'Bundle',
    breaks: { type: 'document' },
    keeps: { type: 'document', identifier: { system: 's', value: 'v' } },
  },
  'bdl-10': {
    at: 'Bundle',
    breaks: { type: 'document' },
    keeps: { type: 'document', timestamp: '2021-01-01T00:00:00Z' },
  },
  'cmp-1': { at: 'Composition.section', breaks: { title: 'x' }, keeps: { entry: [{ display: 'x' }] } },
  'cmp-2': {
    at: 'Composition.section',
    breaks: { emptyReason: { text: 'x' }, entry: [{ display: 'x' }] },
    keeps: { title: 'x' },
  },
  'cnt-3': { at: 'Count', breaks: { value: 1.5, code: '1' }, keeps: { value: 2, code: '1' } },
  'con-1': { at: 'Condition.stage', breaks: { type: { text: 'x' } }, keeps: { summary: { text: 'x' } } },
  'con-2': { at: 'Condition.evidence', breaks: { id: 'x' }, keeps: { code: [{ text: 'x' }] } },
  'con-4': {
    at: 'Condition',
    breaks: { abatementString: 'x', clinicalStatus: { text: 'resolved' } },
    keeps: {
      abatementString: 'x',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }],
      },
    },
  },
  'con-5': {
    at: 'Condition',
    breaks: {
      clinicalStatus: { text: 'x' },
      verificationStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }],
      },
    },
    keeps: { clinicalStatus: { text: 'x' } },
  },
  'cpb-2': { at: 'CapabilityStatement', breaks: { status: 'draft' }, keeps: { description: 'x' } },
  'cpl-3': {
    at: 'CarePlan.activity',
    breaks: { detail: { status: 'x' }, reference: { display: 'x' } },
    keeps: { reference: { display: 'x' } },
  },
  'cpt-2': { at: 'ContactPoint', breaks: { value: 'x' }, keeps: { value: 'x', system: 'phone' } },
  'csd-1': {
    at: 'CodeSystem',
    breaks: { concept: [{ code: 'a', concept: [{ code: 'b', concept: [{ code: 'a' }] }] }] },
    keeps: { concept: [{ code: 'a', concept: [{ code: 'b' }] }, { code: 'c' }] },
  },
  'drq-1': { at: 'DataRequirement.codeFilter', breaks: { path: 'x', searchParam: 'y' }, keeps: { path: 'x' } },
  'drt-1': {
    at: 'Duration',
    breaks: { code: 'h' },
    keeps: { code: 'h', system: 'http://unitsofmeasure.org', value: 1 },
  },
  'exp-1': { at: 'Expression', breaks: { description: 'x' }, keeps: { expression: 'x' } },
  'fhs-1': { at: 'FamilyMemberHistory', breaks: { ageString: 'x', bornString: 'y' }, keeps: { ageString: 'x' } },
  'fhs-2': { at: 'FamilyMemberHistory', breaks: { estimatedAge: true }, keeps: { ageString: 'x', estimatedAge: true } },
  'gol-1': { at: 'Goal.target', breaks: { detailString: 'x' }, keeps: { dueDate: '2021' } },
  'grp-1': {
    at: 'Group',
    breaks: { actual: false, member: [{ inactive: true }] },
    keeps: { actual: true, member: [{ inactive: true }] },
  },
  'imm-1': { at: 'Immunization.education', breaks: { publicationDate: '2021' }, keeps: { documentType: 'x' } },
  'ipn-1': { at: 'InsurancePlan', breaks: { status: 'draft' }, keeps: { name: 'x' } },
  'lst-1': {
    at: 'List',
    breaks: { emptyReason: { text: 'x' }, entry: [{ deleted: true }] },
    keeps: { emptyReason: { text: 'x' } },
  },
  'lst-2': {
    at: 'List',
    breaks: { mode: 'working', entry: [{ deleted: true }] },
    keeps: { mode: 'changes', entry: [{ deleted: true }] },
  },
  'lst-3': {
    at: 'List',
    breaks: { mode: 'changes', entry: [{ date: '2021' }] },
    keeps: { mode: 'working', entry: [{ date: '2021' }] },
  },
  'mad-1': { at: 'MedicationAdministration.dosage', breaks: { text: 'x' }, keeps: { dose: { value: 1 } } },
  'msq-6': {
    at: 'MolecularSequence.referenceSeq',
    breaks: { genomeBuild: 'x', referenceSeqString: 'y' },
    keeps: { referenceSeqString: 'y' },
  },
  'obs-3': { at: 'Observation.referenceRange', breaks: { type: { text: 'x' } }, keeps: { text: 'x' } },
  'obs-6': {
    at: 'Observation',
    breaks: { dataAbsentReason: { text: 'x' }, valueString: 'y' },
    keeps: { valueString: 'y' },
  },
  'obs-7': {
    at: 'Observation',
    breaks: {
      code: { coding: [{ system: 's', code: 'c' }] },
      valueString: 'x',
      component: [{ code: { coding: [{ code: 'c', system: 's' }] } }],
    },
    keeps: {
      code: { coding: [{ system: 's', code: 'c' }] },
      valueString: 'x',
      component: [{ code: { coding: [{ system: 's', code: 'd' }] } }],
    },
  },
  'org-1': { at: 'Organization', breaks: { active: true }, keeps: { name: 'x' } },
  'pat-1': { at: 'Patient.contact', breaks: { gender: 'male' }, keeps: { name: { text: 'x' } } },
  'per-1': {
    at: 'Period',
    breaks: { start: '2021-02-01', end: '2021-01-01' },
    keeps: { start: '2021-01-01', end: '2021-01-01' },
  },
  'ppc-1': { at: 'Consent', breaks: { status: 'active' }, keeps: { policyRule: { text: 'x' } } },
  'prr-1': {
    at: 'ServiceRequest',
    breaks: { orderDetail: [{ text: 'x' }] },
    keeps: { orderDetail: [{ text: 'x' }], code: { text: 'x' } },
  },
  'qrs-1': {
    at: 'QuestionnaireResponse.item',
    breaks: { answer: [{ valueString: 'x' }], item: [{ linkId: '1' }] },
    keeps: { answer: [{ valueString: 'x' }] },
  },
  'qty-3': { at: 'Quantity', breaks: { code: 'h' }, keeps: { code: 'h', system: 's' } },
  'que-1': { at: 'Questionnaire.item', breaks: { type: 'group' }, keeps: { type: 'display' } },
  'que-2': {
    at: 'Questionnaire',
    breaks: { item: [{ linkId: '1', item: [{ linkId: '1' }] }] },
    keeps: { item: [{ linkId: '1' }, { linkId: '2' }] },
  },
  'que-5': {
    at: 'Questionnaire.item',
    breaks: { type: 'boolean', answerValueSet: 'x' },
    keeps: { type: 'choice', answerValueSet: 'x' },
  },
  'que-10': { at: 'Questionnaire.item', breaks: { type: 'date', maxLength: 1 }, keeps: { type: 'text', maxLength: 1 } },
  'rat-1': {
    at: 'Ratio',
    breaks: { numerator: { value: 1 } },
    keeps: { numerator: { value: 1 }, denominator: { value: 2 } },
  },
  'rqg-1': { at: 'RequestGroup.action', breaks: { title: 'x' }, keeps: { resource: { display: 'x' } } },
  'sdf-4': { at: 'StructureDefinition', breaks: { abstract: false }, keeps: { abstract: true } },
  'sdf-19': {
    at: 'StructureDefinition',
    breaks: {
      url: 'http://hl7.org/fhir/StructureDefinition/x',
      differential: { element: [{ type: [{ code: 'a b' }] }] },
    },
    keeps: {
      url: 'http://hl7.org/fhir/StructureDefinition/x',
      differential: { element: [{ type: [{ code: 'string' }] }] },
    },
  },
  'sqty-1': { at: 'Quantity', breaks: { comparator: '<' }, keeps: { value: 1 } },
  'tim-1': { at: 'Timing.repeat', breaks: { duration: 1 }, keeps: { duration: 1, durationUnit: 'h' } },
  'tim-4': { at: 'Timing.repeat', breaks: { duration: -1 }, keeps: { duration: 1 } },
  'tim-10': { at: 'Timing.repeat', breaks: { timeOfDay: ['10:00:00'], when: ['AC'] }, keeps: { when: ['AC'] } },
  'trd-3': { at: 'TriggerDefinition', breaks: { type: 'periodic' }, keeps: { type: 'named-event', name: 'x' } },
  'vsd-1': { at: 'ValueSet.compose.include', breaks: { version: '1' }, keeps: { system: 'x' } },
  'vsd-2': {
    at: 'ValueSet.compose.include',
    breaks: { concept: [{ code: 'a' }] },
    keeps: { system: 'x', concept: [{ code: 'a' }] },
  },
};

describe.each(Object.entries(cases))('%s', (key, { at, breaks, keeps }) => {
  const expression = definitions().constraints[key]?.expression ?? '';
  const asResource = (node: Json) => (at.includes('.') || !/^[A-Z]/.test(at) ? node : { resourceType: at, ...node });

  test.each([
    ['breaks', breaks, false],
    ['keeps', keeps, true],
  ] as const)('what %s it, natively and in FHIRPath', (_name, node, expected) => {
    const resource = asResource(node);
    expect(nativeInvariants[key]?.(resource, new Walk(resource, {}))).toBe(expected);
    const path = { base: at, expression };
    const answer = fhirpath.evaluate(structuredClone(resource), path, { resource }, model, {
      traceFn: () => {},
    }) as unknown[];
    expect(answer[0] !== false).toBe(expected);
  });
});
