import { parseReferenceType } from '../references.ts';
import { isObject, type Json } from '../walk.ts';
import { countOf, each, has, hasChoice, hasCoding, notAfter, part } from './reading.ts';
import type { Rule } from './rule.ts';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const UCUM = 'http://unitsofmeasure.org';

function isEnteredInError(node: Json, system: string): boolean {
  return hasCoding(node, 'verificationStatus', `${TERMINOLOGY}/${system}`, 'entered-in-error');
}

function isConditionEnteredInError(node: Json): boolean {
  return isEnteredInError(node, 'condition-ver-status');
}

function isHome(value: unknown): boolean {
  return isObject(value) && value.use === 'home';
}

/** ras-1: a bound of a probability is a percentage. */
function isPercentage(bound: Json): boolean {
  return (bound.code === undefined || bound.code === '%') && (bound.system === undefined || bound.system === UCUM);
}

/** Rules of the clinical, administrative and financial resources. */
export const clinicalRules: Readonly<Record<string, Rule>> = {
  'ait-1': (n) => n.clinicalStatus !== undefined || isEnteredInError(n, 'allergyintolerance-verification'),
  'ait-2': (n) => n.clinicalStatus === undefined || !isEnteredInError(n, 'allergyintolerance-verification'),
  'app-1': (n) => n.type !== undefined || n.actor !== undefined,
  'app-2': (n) => has(n, 'start') === has(n, 'end'),
  'app-3': (n) =>
    (has(n, 'start') && has(n, 'end')) || ['proposed', 'cancelled', 'waitlist', undefined].includes(n.status as string),
  'app-4': (n) => n.cancelationReason === undefined || ['noshow', 'cancelled', undefined].includes(n.status as string),
  'apr-1': (n) => n.participantType !== undefined || n.actor !== undefined,
  'sev-1': (n) => !has(n, 'name') || !has(n, 'query'),
  'cpl-3': (n) => n.detail === undefined || n.reference === undefined,
  'ctm-1': (n) => {
    if (n.onBehalfOf === undefined) return true;
    const member = parseReferenceType(part(n, 'member').reference);
    return member === undefined || member === 'Practitioner';
  },
  'cmp-1': (n) => n.text !== undefined || n.entry !== undefined || n.section !== undefined,
  'cmp-2': (n) => n.emptyReason === undefined || n.entry === undefined,
  'con-1': (n) => n.summary !== undefined || n.assessment !== undefined,
  'con-2': (n) => n.code !== undefined || n.detail !== undefined,
  // con-3 compares a CodeableConcept with a string, which FHIRPath never finds equal.
  'con-3': () => true,
  'con-4': (n) =>
    !hasChoice(n, 'abatement') ||
    hasCoding(n, 'clinicalStatus', `${TERMINOLOGY}/condition-clinical`, 'resolved', 'remission', 'inactive'),
  'con-5': (n) => n.clinicalStatus === undefined || !isConditionEnteredInError(n),
  'ppc-1': (n) => n.policy !== undefined || n.policyRule !== undefined,
  'ppc-2': (n) => n.patient !== undefined || !hasCoding(n, 'scope', 'something', 'patient-privacy'),
  'ppc-3': (n) => n.patient !== undefined || !hasCoding(n, 'scope', 'something', 'research'),
  'ppc-4': (n) => n.patient !== undefined || !hasCoding(n, 'scope', 'something', 'adr'),
  'ppc-5': (n) => n.patient !== undefined || !hasCoding(n, 'scope', 'something', 'treatment'),
  'ces-1': (n) => (n.category !== undefined) !== (n.productOrService !== undefined),
  'fhs-1': (n) => !hasChoice(n, 'age') || !hasChoice(n, 'born'),
  'fhs-2': (n) => !has(n, 'estimatedAge') || hasChoice(n, 'age'),
  'gol-1': (n) => !hasChoice(n, 'detail') || n.measure !== undefined,
  'grp-1': (n) => n.member === undefined || n.actual === true || n.actual === undefined,
  'imm-1': (n) => has(n, 'documentType') || has(n, 'reference'),
  'imr-1': (n) => n.vaccineCode !== undefined || n.targetDisease !== undefined,
  'ipn-1': (n) => countOf(n, 'identifier', 'name') > 0,
  'lst-1': (n) => n.emptyReason === undefined || n.entry === undefined,
  'lst-2': (n) => n.mode === 'changes' || !each(n, 'entry').some((entry) => has(entry, 'deleted')),
  'lst-3': (n) => n.mode === 'working' || !each(n, 'entry').some((entry) => has(entry, 'date')),
  'mad-1': (n) => n.dose !== undefined || hasChoice(n, 'rate'),
  'mdd-1': (n) => notAfter(n.whenPrepared, n.whenHandedOver),
  'msq-3': (n) => n.coordinateSystem === 0 || n.coordinateSystem === 1 || n.coordinateSystem === undefined,
  'msq-5': (n) => (n.chromosome !== undefined) === has(n, 'genomeBuild'),
  'msq-6': (n) => countOf(n, 'genomeBuild', 'referenceSeqId', 'referenceSeqPointer', 'referenceSeqString') === 1,
  'nor-1': (n) => n.oralDiet !== undefined || n.supplement !== undefined || n.enteralFormula !== undefined,
  'obs-3': (n) => n.low !== undefined || n.high !== undefined || has(n, 'text'),
  'obs-6': (n) => n.dataAbsentReason === undefined || !hasChoice(n, 'value'),
  'obs-7': (n) => n.component === undefined || !hasChoice(n, 'value') || !codesItself(n),
  'org-1': (n) => countOf(n, 'identifier', 'name') > 0,
  'org-2': (n) => !isHome(n),
  'org-3': (n) => !isHome(n),
  'pat-1': (n) =>
    n.name !== undefined || n.telecom !== undefined || n.address !== undefined || n.organization !== undefined,
  'prr-1': (n) => n.orderDetail === undefined || n.code !== undefined,
  'qrs-1': (n) => n.answer === undefined || n.item === undefined,
  'rqg-1': (n) => (n.resource !== undefined) !== (n.action !== undefined),
  'ras-1': (n) => isPercentage(part(n, 'low')) && isPercentage(part(n, 'high')),
  'ras-2': (n) => typeof n.probabilityDecimal !== 'number' || n.probabilityDecimal <= 100,
  'inv-1@Task': (n) => notAfter(n.authoredOn, n.lastModified),
};

/** obs-7: a component repeats the code of the observation, which has a value of its own. */
function codesItself(observation: Json): boolean {
  // Looked up and not compared in pairs, which thousands of codings on both sides would make slow.
  const own = new Set(each(part(observation, 'code'), 'coding').map(canonicalText));
  return each(observation, 'component').some((component) =>
    each(part(component, 'code'), 'coding').some((coding) => own.has(canonicalText(coding))),
  );
}

/** JSON with the members in alphabetical order: equal texts mean equal values. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}
