import type { Bundle, DetectedIssue, MedicationRequest } from 'fhir/r4';
import type { SafetyFinding } from './findings.ts';

/** Why somebody may go ahead in spite of a finding (packages/clinic, safety-override-reason). */
export const OVERRIDE_REASONS = [
  'benefit-outweighs-risk',
  'will-monitor',
  'tolerated-before',
  'record-is-wrong',
  'not-taken-together',
] as const;
export type OverrideReason = (typeof OVERRIDE_REASONS)[number];

export interface Override {
  reason: OverrideReason;
  words: string;
}

const REASONS = 'https://meridian.example/fhir/CodeSystem/safety-override-reason';
const KEYS = 'https://meridian.example/fhir/safety-finding';

/**
 * The transaction that writes an order with a reason for each finding that would stop it: a DetectedIssue with the
 * finding's key and the mitigation, which the order names (FHIR R4, MedicationRequest.detectedIssue).
 *
 * @param newId a fresh UUID for each
 */
export function overriding(
  order: MedicationRequest,
  findings: readonly SafetyFinding[],
  { reason, words }: Override,
  { by, at, newId }: { by: { reference: string; display: string }; at: string; newId: () => string },
): Bundle {
  const issues = findings
    .filter(({ interrupts }) => interrupts)
    .map(({ key, severity, text }): { fullUrl: string; resource: DetectedIssue } => ({
      fullUrl: `urn:uuid:${newId()}`,
      resource: {
        resourceType: 'DetectedIssue',
        identifier: [{ system: KEYS, value: key }],
        status: 'final',
        severity: severity === 'contraindicated' || severity === 'serious' ? 'high' : 'moderate',
        patient: order.subject,
        identifiedDateTime: at,
        detail: text.en,
        mitigation: [
          {
            action: { coding: [{ system: REASONS, code: reason }], text: words.trim() || reason },
            date: at,
            author: by,
          },
        ],
      },
    }));
  const named: MedicationRequest = { ...order, detectedIssue: issues.map(({ fullUrl }) => ({ reference: fullUrl })) };
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    // the order is the first entry, and so of the answer
    entry: [
      { fullUrl: `urn:uuid:${newId()}`, resource: named, request: { method: 'POST', url: 'MedicationRequest' } },
      ...issues.map((issue) => ({ ...issue, request: { method: 'POST' as const, url: 'DetectedIssue' } })),
    ],
  };
}
