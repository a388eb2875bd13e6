import type { AuditEvent } from 'fhir/r4';
import { expect, test } from 'vitest';
import { lookOf } from './looks.ts';

test('an audit event as a look', () => {
  const event: AuditEvent = {
    resourceType: 'AuditEvent',
    id: '0000000000000007',
    type: {},
    recorded: '2026-11-23T10:00:00Z',
    subtype: [{ code: 'read' }],
    outcome: '0',
    purposeOfEvent: [{ coding: [{ code: 'TREAT' }] }],
    agent: [
      {
        requestor: true,
        who: { reference: 'Practitioner/d', display: 'Dr HO 何醫生\u202E' },
        role: [{ text: 'western-practitioner' }],
        extension: [{ url: 'x', valueIdentifier: { type: { text: 'organization' }, value: 'Organization/h' } }],
      },
    ],
    source: { observer: {} },
    entity: ['Patient/p', 'Observation/1/_history/1', 'Observation/2/_history/1', 'Condition/1/_history/2'].map(
      (reference) => ({ what: { reference } }),
    ),
  };
  expect(lookOf(event)).toEqual({
    id: '0000000000000007',
    at: '2026-11-23T10:00:00Z',
    who: 'Dr HO 何醫生',
    actor: 'Practitioner/d',
    act: 'read',
    purpose: 'TREAT',
    refused: false,
    role: 'western-practitioner',
    organization: 'Organization/h',
    types: [
      ['Observation', 2],
      ['Condition', 1],
    ],
  });
});
