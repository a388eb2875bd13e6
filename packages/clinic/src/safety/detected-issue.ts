import type { Resource } from '@meridian/fhir';
import type { Script } from '../tcm/script.ts';
import type { Finding } from './finding.ts';

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
/** The code system whose codes are the ids of safety rules. */
export const RULE_SYSTEM = 'https://meridian.example/fhir/CodeSystem/safety-rule';
/** The system of the identifiers that carry a finding's key. */
export const FINDING_KEY_SYSTEM = 'https://meridian.example/fhir/safety-finding';

export interface DetectedIssueOptions {
  /** Reference to the patient, `Patient/1`. */
  patient: string;
  /** When it was found, ISO 8601 with time zone. */
  identified: string;
  /** Reference to who or what ran the check. */
  author?: string;
  /** The script of `detail`; English if absent. */
  script?: Script;
}

const REFERENCE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * A finding as a DetectedIssue (FHIR R4). `implicated` names the items whose ids are references (`Type/id`); the finding's
 * key is the identifier, so that a repeated check finds it again; an override becomes a mitigation. No id is given.
 */
export function toDetectedIssue(finding: Finding, options: DetectedIssueOptions): Resource {
  const script = options.script ?? 'en';
  const implicated = finding.concerned.flatMap((one) =>
    one.items.filter((item) => REFERENCE.test(item)).map((reference) => ({ reference, display: one[script] })),
  );
  const [first] = finding.sources;
  const [code, display] = alertCode(finding);
  return {
    resourceType: 'DetectedIssue',
    identifier: [{ system: FINDING_KEY_SYSTEM, value: finding.key }],
    status: 'final',
    code: {
      coding: [
        { system: ACT_CODE, code, display },
        { system: RULE_SYSTEM, code: finding.rule },
      ],
      text: finding.concerned.map((one) => one[script]).join(' + '),
    },
    severity: severityCode(finding),
    patient: { reference: options.patient },
    identifiedDateTime: options.identified,
    ...(options.author === undefined ? {} : { author: { reference: options.author } }),
    ...(implicated.length === 0 ? {} : { implicated }),
    ...(first === undefined ? {} : { evidence: [{ code: finding.sources.map((one) => ({ text: one.citation })) }] }),
    detail: `${finding.text[script]} ${finding.advice[script]}`,
    ...(finding.overridden === undefined
      ? {}
      : {
          mitigation: [{ action: { text: finding.overridden.reason }, date: finding.overridden.at }],
        }),
  };
}

/** DetectedIssue.severity knows three grades. */
function severityCode({ severity }: Finding): 'high' | 'moderate' | 'low' {
  if (severity === 'contraindicated' || severity === 'serious') return 'high';
  return severity === 'moderate' ? 'moderate' : 'low';
}

/** The alert of HL7's v3-ActCode that fits the kind and, for patient rules, the topic in the key. */
function alertCode(finding: Finding): readonly [code: string, display: string] {
  switch (finding.kind) {
    case 'interaction':
      return ['DRG', 'Drug Interaction Alert'];
    case 'allergy':
      return ['ALGY', 'Allergy Alert'];
    case 'duplicate':
      return ['DUPTHPY', 'Duplicate Therapy Alert'];
    case 'dose':
      return ['DOSEH', 'High Dose Alert'];
    case 'preparation':
    case 'unrecognised':
      return ['DACT', 'drug action detected issue'];
    case 'patient':
      return patientAlert(finding.key);
  }
}

function patientAlert(key: string): readonly [code: string, display: string] {
  if (key.endsWith('|pregnancy')) return ['PREG', 'Pregnancy Alert'];
  if (key.endsWith('|breastfeeding')) return ['LACT', 'Lactation Alert'];
  if (key.endsWith('|age')) return ['AGE', 'Age Alert'];
  if (key.endsWith('|kidney') || key.endsWith('|potassium')) return ['LAB', 'Lab Alert'];
  return ['COND', 'Condition Alert'];
}
