import type { Role } from '../viewer.ts';

/** The words of `policies/schema.cedarschema`; a test compares the two. */

export const ROLES = [
  'patient',
  'proxy',
  'western-practitioner',
  'tcm-practitioner',
  'nurse',
  'pharmacist',
  'laboratory',
  'records-officer',
  'privacy-officer',
  'auditor',
  'researcher',
  'ethics-board',
  'administrator',
  'system',
] as const satisfies readonly Role[];

export const RELATIONS = [
  'self',
  'proxy-reading',
  'proxy-deciding',
  'treating-person',
  'treating-organisation',
  'author',
  'approval',
  'break-glass',
  'court-order',
  'none',
  'nobody',
] as const;
/** What the viewer is to the patient of a record; `nobody`: the record is about no patient. */
export type Relation = (typeof RELATIONS)[number];

export const PURPOSES = [
  'treatment',
  'emergency',
  'patient-request',
  'operations',
  'payment',
  'public-health',
  'research',
  'legal',
  'other',
] as const;
/** Families of v3-ActReason (PurposeOfUse). */
export type Purpose = (typeof PURPOSES)[number];

export const CATEGORIES = [
  'demographic',
  'clinical',
  'consent',
  'audit',
  'financial',
  'administrative',
  'directory',
  'definitional',
] as const;
/** What kind of record a FHIR type is. */
export type Category = (typeof CATEGORIES)[number];

export const OUTCOMES = ['none', 'permit', 'deny'] as const;
/** What the patient's consents say about a record. */
export type Outcome = (typeof OUTCOMES)[number];

export const ACTIONS = ['read', 'create', 'update', 'delete', 'label'] as const;
/** `label`: an update that does nothing but add labels. */
export type Action = (typeof ACTIONS)[number];
