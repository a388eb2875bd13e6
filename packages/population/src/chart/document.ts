import type { Resource } from '@meridian/fhir';
import { type Code, hl7, loinc } from '../concept.ts';
import { type Discipline, type Practitioner, practitionerReference } from '../institutions/practitioners.ts';
import type { Visit } from './visit.ts';

/** Languages of a document: BCP 47. */
export type Language = 'en' | 'zh-HK';

function attachment(text: string, language: Language, title: string, creation: string) {
  const bytes = Buffer.from(text, 'utf8');
  return {
    contentType: 'text/plain; charset=utf-8',
    language,
    data: bytes.toString('base64'),
    size: bytes.length,
    title,
    creation,
  };
}

const DOCUMENTS = {
  discharge: { type: loinc('18842-5', 'Discharge summary'), title: 'Discharge summary 出院摘要' },
  consultation: { type: loinc('11488-4', 'Consult note'), title: 'Consultation note 診症紀錄' },
} as const;

/** Files a text document of a visit. */
export function fileDocument(visit: Visit, kind: keyof typeof DOCUMENTS, text: string, language: Language): Resource {
  const { type, title } = DOCUMENTS[kind];
  const date = visit.time(30);
  return visit.add('DocumentReference', {
    status: 'current',
    docStatus: 'final',
    type: { coding: [type], text: title },
    category: [{ text: 'Clinical note 臨床紀錄' }],
    subject: visit.chart.subject,
    date,
    author: [visit.clinician],
    content: [{ attachment: attachment(text, language, title, date) }],
    context: { encounter: [visit.encounter] },
  });
}

/** Studies whose answer is a text. */
const STUDIES = {
  chestXray: { code: loinc('36643-5', 'XR Chest 2 Views'), category: 'RAD', title: 'Chest X-ray 胸部X光' },
  mammogram: { code: loinc('24606-6', 'MG Breast Screening'), category: 'RAD', title: 'Mammogram 乳房造影' },
  boneXray: { code: loinc('18748-4', 'Diagnostic imaging study'), category: 'RAD', title: 'X-ray of limb 肢體X光' },
  colonoscopy: { code: loinc('18746-8', 'Colonoscopy study'), category: 'OTH', title: 'Colonoscopy 大腸鏡檢查' },
  pathology: { code: loinc('11526-1', 'Pathology study'), category: 'PAT', title: 'Histopathology 組織病理' },
} as const satisfies Record<string, { code: Code; category: string; title: string }>;

export type Study = keyof typeof STUDIES;

/** The discipline that reports a study. */
export const REPORTERS: Record<Study, Discipline> = {
  chestXray: 'radiology',
  mammogram: 'radiology',
  boneXray: 'radiology',
  colonoscopy: 'surgery',
  pathology: 'pathology',
};

/** Files a report whose findings are text, with the same text as a presented form. */
export function fileReport(
  visit: Visit,
  study: Study,
  reporter: Practitioner,
  findings: string,
  conclusion: string,
): Resource {
  const { code, category, title } = STUDIES[study];
  const issued = visit.time(180);
  const author = practitionerReference(reporter);
  return visit.add('DiagnosticReport', {
    status: 'final',
    category: [hl7('v2-0074', category)],
    code: { coding: [code], text: title },
    ...visit.context,
    effectiveDateTime: visit.time(60),
    issued,
    performer: [author],
    resultsInterpreter: [author],
    conclusion,
    presentedForm: [
      attachment(`${title}\n\nFindings:\n${findings}\n\nConclusion:\n${conclusion}\n`, 'en', title, issued),
    ],
  });
}
