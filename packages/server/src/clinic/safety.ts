import { createHmac } from 'node:crypto';
import {
  checkSafety,
  type Finding,
  isQuietlyShown,
  type Override,
  SafetyInputError,
  SEVERITIES,
  safetyInputFromFhir,
  type ThreeScripts,
} from '@meridian/clinic';
import { type Resource, stringifyJson } from '@meridian/fhir';
import { labelsOf } from '@meridian/records';
import type { FhirRequest } from '../fhir/request.ts';
import type { Services } from '../fhir/services.ts';
import { refusal } from '../http/http-error.ts';
import { overridesIn } from './override.ts';
import { type Looked, noteSeen, type SplitRecord, splitRecord } from './patient-record.ts';

/** A check of one patient, with what it was made from. */
export interface SafetyCheck {
  findings: readonly Finding[];
  /** The drafts, each with an id. */
  drafts: readonly Resource[];
  record: SplitRecord;
}

/** Results older than this say little of the kidneys today; the rules themselves look at a year. */
const RESULTS_DAYS = 400;
const DAY = 86_400_000;
/** The rule of findings about what the caller may not see. */
export const WITHHELD_RULE = 'withheld';

const WITHHELD: { text: ThreeScripts; advice: ThreeScripts } = {
  text: {
    en: "This conflicts with something in the patient's record that is not shared with you.",
    zhHant: '這與病人記錄中一些未與你共享的內容有衝突。',
    zhHans: '这与病人记录中一些未与您共享的内容有冲突。',
  },
  advice: {
    en: 'Ask the patient, ask for approval to see it, or in an emergency break the glass.',
    zhHant: '請詢問病人、申請查閱，緊急時可使用緊急查閱。',
    zhHans: '请询问病人、申请查阅，紧急时可使用紧急查阅。',
  },
};

/**
 * Checks what a patient takes together with drafts. What the caller sees is checked and shown as it is. Where the caller
 * may prescribe for this patient, it is checked a second time with what is withheld: a serious finding that only this
 * brings out is shown without naming anything (idea: the sealed envelopes of the NHS Care Record Guarantee, whose
 * existence is known and whose content is not). What the patient removed is in neither check.
 */
export async function checkPatient(
  patientId: string,
  drafts: readonly Resource[],
  request: FhirRequest,
  services: Services,
  options: { show?: 'quiet' | 'all'; overrides?: readonly Override[] } = {},
): Promise<SafetyCheck> {
  const now = services.now();
  const record = await splitRecord(patientId, lookedFor(now), request, services);
  const named = drafts.map((draft, at) => ({ ...draft, id: draft.id ?? `draft-${at + 1}` }));
  const replaced = new Set(named.map(reference));
  const seen = record.seen.filter((one) => !replaced.has(reference(one)));
  const on = new Date(now).toISOString().slice(0, 10);
  const overrides = [
    ...record.seen.flatMap((one) => overridesIn(one, [])),
    ...(await services.clinic.overrides.of(patientId)),
    ...(options.overrides ?? []),
  ];
  const check = (resources: readonly Resource[]): Finding[] => checked(resources, on, overrides);
  const known = check([...seen, ...named]);
  const withheld = record.withheld.filter((one) => !replaced.has(reference(one)));
  const hidden =
    withheld.length > 0 && (await mayPrescribe(patientId, record.patient, request, services))
      ? check([...seen, ...withheld, ...named])
      : [];
  const masked = maskedFindings(known, hidden, { patientId, seen: [...seen, ...named], overrides, services });
  const shown = options.show === 'all' ? known : known.filter(isQuietlyShown);
  return { findings: [...masked, ...shown], drafts: named, record };
}

/**
 * The check itself. What has ended is left out before the bounds of the check are: a long life has many orders. Throws 422
 * past the bounds.
 */
export function checked(resources: readonly Resource[], on: string, overrides: readonly Override[] = []): Finding[] {
  const { items, ...input } = safetyInputFromFhir(resources, on);
  const current = items.filter(({ end }) => end === undefined || end >= on);
  try {
    return checkSafety({ ...input, items: current }, { show: 'all', overrides });
  } catch (error) {
    if (error instanceof SafetyInputError) throw refusal(422, 'too-costly', error.message);
    throw error;
  }
}

/** Puts on record that a check showed something of the patient's record. */
export async function noteLook(
  patientId: string,
  { findings, record }: SafetyCheck,
  request: FhirRequest,
  services: Services,
): Promise<void> {
  if (findings.length === 0) return;
  const items = new Set(findings.flatMap(({ concerned }) => concerned.flatMap((one) => one.items)));
  const named = record.seen.filter((one) => items.has(reference(one)));
  const ofPatient = named.length === 0 || findings.some(({ kind }) => kind === 'patient' || kind === 'allergy');
  const patient = record.seen.filter(({ resourceType }) => ofPatient && resourceType === 'Patient');
  const withheld = findings.some(({ rule }) => rule === WITHHELD_RULE);
  const basis = withheld ? 'safety-check withheld' : 'safety-check';
  await noteSeen(patientId, [...named, ...patient], request, services, basis);
}

/** Findings about one of the drafts. */
export function aboutDrafts({ findings, drafts }: SafetyCheck): Finding[] {
  const ids = new Set(drafts.map(reference));
  return findings.filter(({ concerned }) => concerned.some(({ items }) => items.some((item) => ids.has(item))));
}

function lookedFor(now: number): Looked[] {
  const since = new Date(now - RESULTS_DAYS * DAY).toISOString().slice(0, 10);
  return [
    { type: 'MedicationRequest', parameters: [['_sort', '-authoredon']] },
    { type: 'MedicationStatement', parameters: [['_sort', '-effective']] },
    { type: 'AllergyIntolerance' },
    { type: 'Condition' },
    {
      type: 'Observation',
      parameters: [
        ['date', `ge${since}`],
        ['_sort', '-date'],
      ],
    },
  ];
}

function reference({ resourceType, id }: Resource): string {
  return `${resourceType}/${id}`;
}

/** Only whoever may write an order for the patient is told of what is withheld: others have no harm to prevent. */
async function mayPrescribe(
  patientId: string,
  patient: bigint,
  request: FhirRequest,
  services: Services,
): Promise<boolean> {
  const order = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${patientId}` },
    ...(request.viewer.actor.startsWith('Practitioner/') && { requester: { reference: request.viewer.actor } }),
  };
  const after = {
    json: Buffer.from(stringifyJson(order)),
    labels: labelsOf(order, services.viewing.labelRules),
  };
  const change = { action: 'create', type: 'MedicationRequest', id: undefined, patient, before: undefined } as const;
  return (await request.context.visibility.refusesWrite({ ...change, after })) === undefined;
}

/** One finding for each set of items that the caller knows of, with the worst severity: how many there are stays hidden. */
function maskedFindings(
  known: readonly Finding[],
  hidden: readonly Finding[],
  parts: { patientId: string; seen: readonly Resource[]; overrides: readonly Override[]; services: Services },
): Finding[] {
  const shown = new Map(known.map((finding) => [finding.key, finding]));
  const visible = new Set(parts.seen.map(reference));
  const masked = new Map<string, Finding>();
  for (const finding of hidden) {
    const before = shown.get(finding.key);
    const grave = finding.severity === 'contraindicated' || finding.severity === 'serious';
    if (!grave || (before && rank(before) <= rank(finding))) continue;
    const concerned = finding.concerned
      .map((one) => ({ ...one, items: one.items.filter((item) => visible.has(item)) }))
      .filter(({ items }) => items.length > 0);
    const about = concerned.map(({ agent }) => agent).sort();
    if (about.length === 0) continue;
    const key = keyOf(parts.patientId, about, parts.services);
    const standing = masked.get(key);
    if (!standing || rank(standing) > rank(finding)) {
      masked.set(key, withheldFinding(key, finding, concerned, parts.overrides));
    }
  }
  return [...masked.values()];
}

function withheldFinding(
  key: string,
  finding: Finding,
  concerned: Finding['concerned'],
  overrides: readonly Override[],
): Finding {
  const overridden = overrides.find((one) => one.key === key);
  return {
    ...{ key, rule: WITHHELD_RULE, kind: 'interaction', severity: finding.severity, evidence: 'none' },
    ...{ mechanism: WITHHELD_RULE, action: 'ask', sources: [], concerned, ...WITHHELD },
    interrupts: overridden === undefined,
    ...(overridden && { overridden }),
  };
}

function rank({ severity }: Finding): number {
  return SEVERITIES.indexOf(severity);
}

/** The same for the same agents of the same patient, and nothing that could be guessed back from it. */
function keyOf(patientId: string, about: readonly string[], services: Services): string {
  const mac = createHmac('sha256', services.clinic.withheldKey).update(JSON.stringify([patientId, about]));
  return `${WITHHELD_RULE}|${mac.digest('base64url').slice(0, 22)}`;
}
