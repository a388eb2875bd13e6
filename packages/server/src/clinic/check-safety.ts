import { type Finding, type SafetySource, toDetectedIssue, type Words } from '@meridian/clinic';
import type { Resource } from '@meridian/fhir';
import { isResource } from '../fhir/incoming.ts';
import type { Target } from '../fhir/operation.ts';
import { resourceAnswer } from '../fhir/outgoing.ts';
import { OperationInput } from '../fhir/parameters.ts';
import type { Answer, FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { localeOf, scriptOf, words } from './language.ts';
import { patientIdIn, requirePatient } from './patient-record.ts';
import { aboutDrafts, checkPatient, noteLook, type SafetyCheck } from './safety.ts';

const MOST_DRAFTS = 100;
const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';

/**
 * `$check-safety` on a Patient, or on the system with the parameter `patient`: harm in what the patient takes together
 * with `draft` resources. With drafts only what concerns one of them is answered; `all` shows weak findings as well.
 */
export async function checkSafetyOperation(target: Target, request: FhirRequest, services: Services): Promise<Answer> {
  const input = new OperationInput(request);
  const patientId = target.id === '' ? patientIdIn(input.text('patient')) : target.id;
  const drafts = draftsIn(input, patientId);
  const check = await checkPatient(patientId, drafts, request, services, {
    show: input.text('all') === 'true' ? 'all' : 'quiet',
  });
  requirePatient(check.record);
  const findings = drafts.length > 0 ? aboutDrafts(check) : check.findings;
  await noteLook(patientId, { ...check, findings }, request, services);
  return resourceAnswer(200, findingsAsParameters(patientId, { ...check, findings }, request, services));
}

function draftsIn(input: OperationInput, patientId: string): Resource[] {
  const drafts = input.resources('draft');
  if (drafts.length > MOST_DRAFTS) {
    throw refusal(400, 'too-long', `At most ${MOST_DRAFTS} drafts are checked at once; check them in parts.`);
  }
  for (const draft of drafts) {
    if (!isResource(draft)) throw refusal(400, 'structure', 'Each parameter draft must hold a FHIR resource.');
    const { subject, patient } = draft as Resource & Record<'subject' | 'patient', { reference?: unknown } | undefined>;
    const named = (subject ?? patient)?.reference;
    if (named !== undefined && named !== `Patient/${patientId}`) {
      throw refusal(400, 'invalid', 'A draft names another patient; check the drafts of each patient apart.');
    }
  }
  return drafts;
}

/** Findings as parameters: each with its DetectedIssue, and its words in three scripts. */
function findingsAsParameters(
  patientId: string,
  { findings }: SafetyCheck,
  request: FhirRequest,
  services: Services,
): Resource {
  const script = scriptOf(localeOf(request));
  const identified = new Date(services.now()).toISOString();
  return {
    resourceType: 'Parameters',
    parameter: findings.map((finding) => ({
      name: 'finding',
      part: [
        {
          name: 'issue',
          resource: toDetectedIssue(finding, { patient: `Patient/${patientId}`, identified, script }),
        },
        { name: 'key', valueString: finding.key },
        { name: 'severity', valueCode: finding.severity },
        { name: 'evidence', valueCode: finding.evidence },
        { name: 'interrupts', valueBoolean: finding.interrupts },
        wordsPart('text', words(finding.text)),
        wordsPart('advice', words(finding.advice)),
        ...finding.concerned.map((one) => wordsPart('concerns', words(one))),
        ...finding.sources.map(sourcePart),
      ],
    })),
  };
}

/** A text in three scripts: the value is English, translations follow (FHIR R4, extension translation). */
export function wordsPart(name: string, text: Words): object {
  const extension = (['zh-Hant', 'zh-Hans'] as const).map((lang) => ({
    url: TRANSLATION,
    extension: [
      { url: 'lang', valueCode: lang },
      { url: 'content', valueString: text[lang] },
    ],
  }));
  return { name, valueString: text.en, _valueString: { extension } };
}

function sourcePart({ citation, identifiers = [] }: SafetySource): object {
  return { name: 'source', valueString: [citation, ...identifiers].join(' ') };
}

/** The first words of a finding, for one line. */
export function lineOf({ text, advice }: Finding, script: ReturnType<typeof scriptOf>): string {
  return `${text[script]} ${advice[script]}`;
}
