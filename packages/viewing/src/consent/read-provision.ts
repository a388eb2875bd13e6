import { isResourceType, parseReference } from '@meridian/fhir';
import { PURPOSE_SYSTEM, purposeOf } from '../decision/purposes.ts';
import { ROLES } from '../decision/vocabulary.ts';
import type { NamedCode, Span } from '../rules/filters.ts';
import { type ConsentActor, type ConsentData, type Provision, sweeping } from './provision.ts';

/** Our own codes for `provision.actor.role`: the roles of viewers, and `everyone-caring`. */
export const ROLE_SYSTEM_PATH = '/CodeSystem/viewing-role';

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const CONSENT_ACTION = 'http://terminology.hl7.org/CodeSystem/consentaction';
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
/** Participations of who receives information: primary recipient and information recipient (v3-ParticipationType). */
const RECIPIENT = ['PRCP', 'IRCP'];
const ACTIONS = ['collect', 'access', 'use', 'disclose', 'correct'];
const ACTOR_TYPES = [
  ...['Organization', 'Practitioner', 'PractitionerRole', 'CareTeam'],
  ...['RelatedPerson', 'Patient', 'Device'],
];
const MAX_DEPTH = 8;
const MAX_PROVISIONS = 200;
const MAX_LIST = 200;

const ELEMENTS = new Set([
  ...['id', 'extension', 'type', 'period', 'actor', 'action', 'securityLabel', 'purpose', 'class', 'code'],
  ...['dataPeriod', 'data', 'provision'],
]);

/** What reading a provision needs to know. */
export interface ReadContext {
  baseUrl: string | undefined;
  /** What a record refers to, for data of meaning `related`; undefined where it is not known. */
  relatedTo: (reference: string) => readonly string[] | undefined;
  /** How many more provisions may be read. */
  budget: { provisions: number };
}

export function readContext(
  baseUrl: string | undefined,
  relatedTo: (reference: string) => readonly string[] | undefined,
): ReadContext {
  return { baseUrl, relatedTo, budget: { provisions: MAX_PROVISIONS } };
}

type Members = Readonly<Record<string, unknown>>;

/** Thrown for a Consent that is larger than can be weighed. */
export class TooLarge extends Error {}

/**
 * Reads `Consent.provision` (FHIR R4, Consent) and what stands below it. `otherwise` is the type where none is given.
 * Throws TooLarge beyond 8 levels, 200 provisions, or 200 entries of one list.
 */
export function readProvision(
  source: unknown,
  otherwise: 'permit' | 'deny',
  context: ReadContext,
  depth = 0,
): Provision {
  if (depth >= MAX_DEPTH || context.budget.provisions-- <= 0) throw new TooLarge();
  const unknown = new Set<string>();
  const members = membersOf(source);
  if (!members) return { ...sweeping('deny'), unknown: new Set(['provision']) };
  for (const name of Object.keys(members)) if (!ELEMENTS.has(name)) unknown.add(name);
  const type = typeOf(members.type, otherwise, unknown);
  const list = <T>(name: string, read: (entry: unknown) => T | undefined): T[] | undefined =>
    readList(members[name], name, read, unknown);
  const exception = type === 'permit' ? 'deny' : 'permit';
  return {
    type,
    period: spanOf(members.period, 'period', unknown),
    actors: list('actor', (entry) => actorOf(entry, context)),
    actions: list('action', actionOf),
    purposes: list('purpose', purposeCode),
    labels: list('securityLabel', codeOf),
    types: list('class', typeCode),
    codes: list('code', codesOf)?.flat(),
    dataPeriod: spanOf(members.dataPeriod, 'dataPeriod', unknown),
    data: dataOf(list('data', (entry) => dataEntry(entry, context))),
    exceptions: arrayOf(members.provision).map((entry) => readProvision(entry, exception, context, depth + 1)),
    unknown,
  };
}

function typeOf(type: unknown, otherwise: 'permit' | 'deny', unknown: Set<string>): 'permit' | 'deny' {
  if (type === undefined) return otherwise;
  if (type === 'permit' || type === 'deny') return type;
  unknown.add('type');
  return 'deny';
}

function readList<T>(
  source: unknown,
  name: string,
  read: (entry: unknown) => T | undefined,
  unknown: Set<string>,
): T[] | undefined {
  if (source === undefined) return undefined;
  const found = arrayOf(source).map(read);
  const known = found.filter((entry): entry is Awaited<T> & T => entry !== undefined);
  if (!Array.isArray(source) || known.length < found.length || found.length === 0) unknown.add(name);
  return known;
}

function arrayOf(source: unknown): readonly unknown[] {
  if (source === undefined) return [];
  const list: readonly unknown[] = Array.isArray(source) ? source : [source];
  if (list.length > MAX_LIST) throw new TooLarge();
  return list;
}

function membersOf(source: unknown): Members | undefined {
  return typeof source === 'object' && source !== null && !Array.isArray(source) ? (source as Members) : undefined;
}

function codeOf(source: unknown): NamedCode | undefined {
  const coding = membersOf(source);
  if (typeof coding?.code !== 'string') return undefined;
  return typeof coding.system === 'string' ? { system: coding.system, code: coding.code } : { code: coding.code };
}

/** The codings of a CodeableConcept mean the same: any of them will do. */
function codesOf(source: unknown): NamedCode[] | undefined {
  const codes = arrayOf(membersOf(source)?.coding).map(codeOf);
  return codes.length > 0 && codes.every((code) => code !== undefined) ? (codes as NamedCode[]) : undefined;
}

function actionOf(source: unknown): string | undefined {
  const found = codesOf(source)?.find(({ system, code }) => system === CONSENT_ACTION && ACTIONS.includes(code));
  return found?.code;
}

function purposeCode(source: unknown): string | undefined {
  const coding = codeOf(source);
  return coding?.system === PURPOSE_SYSTEM && purposeOf(coding.code) !== 'other' ? coding.code : undefined;
}

function typeCode(source: unknown): string | undefined {
  const coding = codeOf(source);
  return coding?.system === RESOURCE_TYPES && isResourceType(coding.code) ? coding.code : undefined;
}

/**
 * An actor is understood as the one who receives (PRCP, IRCP, or no role). A custodian or an author is another condition
 * than "who looks", and is not guessed at.
 */
function actorOf(source: unknown, context: ReadContext): ConsentActor | undefined {
  const actor = membersOf(source);
  if (!actor) return undefined;
  const roles = codesOf(actor.role) ?? [];
  for (const { system, code } of roles) {
    if (!system?.endsWith(ROLE_SYSTEM_PATH)) continue;
    if (code === 'everyone-caring') return { kind: 'caring' };
    return (ROLES as readonly string[]).includes(code) ? { kind: 'role', role: code } : undefined;
  }
  const receives = roles.some(({ system, code }) => system === PARTICIPATION && RECIPIENT.includes(code));
  if (actor.role !== undefined && !receives) return undefined;
  const reference = localReference(membersOf(actor.reference)?.reference, context.baseUrl);
  if (reference === undefined || !ACTOR_TYPES.includes(reference.slice(0, reference.indexOf('/')))) return undefined;
  return { kind: 'named', reference };
}

/** `Type/id` on this server; undefined for anything else. */
export function localReference(text: unknown, baseUrl: string | undefined): string | undefined {
  if (typeof text !== 'string') return undefined;
  const parsed = parseReference(text, baseUrl);
  return parsed.kind === 'local' ? `${parsed.type}/${parsed.id}` : undefined;
}

function dataEntry(source: unknown, context: ReadContext): ConsentData | undefined {
  const data = membersOf(source);
  const reference = localReference(membersOf(data?.reference)?.reference, context.baseUrl);
  if (reference === undefined) return undefined;
  switch (data?.meaning) {
    case 'instance':
      return { instances: [reference], dependents: [], authors: [] };
    case 'related': {
      const targets = context.relatedTo(reference);
      return targets && { instances: [reference, ...targets], dependents: [], authors: [] };
    }
    case 'dependents':
      return { instances: [reference], dependents: [reference], authors: [] };
    case 'authoredby':
      return { instances: [], dependents: [], authors: [reference] };
    default:
      return undefined;
  }
}

function dataOf(entries: readonly ConsentData[] | undefined): ConsentData | undefined {
  return (
    entries && {
      instances: entries.flatMap(({ instances }) => instances),
      dependents: entries.flatMap(({ dependents }) => dependents),
      authors: entries.flatMap(({ authors }) => authors),
    }
  );
}

const DATE = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?$/;

/** A Period as [from, until): an end that names a day, month or year includes it (FHIR R4, Period). */
export function spanOf(source: unknown, name: string, unknown: Set<string>): Span | undefined {
  if (source === undefined) return undefined;
  const period = membersOf(source);
  const from = period?.start === undefined ? Number.NEGATIVE_INFINITY : startOf(period.start);
  const until = period?.end === undefined ? Number.POSITIVE_INFINITY : endOf(period.end);
  if (period && from !== undefined && until !== undefined) return { from, until };
  unknown.add(name);
  return undefined;
}

function startOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !DATE.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function endOf(text: unknown): number | undefined {
  const start = startOf(text);
  if (start === undefined) return undefined;
  const date = new Date(start);
  switch ((text as string).length) {
    case 4:
      return date.setUTCFullYear(date.getUTCFullYear() + 1);
    case 7:
      return date.setUTCMonth(date.getUTCMonth() + 1);
    case 10:
      return date.setUTCDate(date.getUTCDate() + 1);
    default:
      return start + ((text as string).includes('.') ? 1 : 1000);
  }
}
