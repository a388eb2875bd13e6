/** One clinical scope of SMART App Launch 2.2 (§ "Scopes for requesting FHIR Resources"). */
export interface ClinicalScope {
  context: 'patient' | 'user' | 'system';
  /** A resource type, or `*`. */
  type: string;
  /** In the order of `cruds`. */
  permissions: string;
  /** The search that narrows it, as it stands after the question mark. */
  search: string | undefined;
}

/** Scopes that say something about the launch or the person, not about records. */
export const STATIC_SCOPES = [
  'openid',
  'fhirUser',
  'launch',
  'launch/patient',
  'launch/encounter',
  'online_access',
  'offline_access',
] as const;

const CLINICAL =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.(?:(c?r?u?d?s?)|(read|write|\*))(?:\?([A-Za-z0-9_.:=&|/,%~+-]{1,200}))?$/;
const OLD_NAMES: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
/** More than this is not a request that anybody could read and answer. */
const MOST = 60;

/** Undefined for what is no clinical scope. */
export function parseClinicalScope(scope: string): ClinicalScope | undefined {
  const [, context, type, letters, old, search] = CLINICAL.exec(scope) ?? [];
  const permissions = letters || OLD_NAMES[old ?? ''];
  if (context === undefined || type === undefined || !permissions) return undefined;
  return { context: context as ClinicalScope['context'], type, permissions, search };
}

/** The scopes of a request that mean something here, in their order, once each. */
export function knownScopes(requested: string | undefined): string[] {
  const scopes = [...new Set((requested ?? '').split(' '))].slice(0, MOST);
  return scopes.filter((scope) => isStatic(scope) || parseClinicalScope(scope) !== undefined);
}

/** Whether one of the scopes that were registered for a client covers one that it asks for. */
export function covers(registered: readonly string[], requested: string): boolean {
  if (registered.includes(requested)) return true;
  const wanted = parseClinicalScope(requested);
  if (wanted === undefined) return false;
  return registered.some((text) => {
    const given = parseClinicalScope(text);
    return (
      given !== undefined &&
      given.context === wanted.context &&
      (given.type === '*' || given.type === wanted.type) &&
      [...wanted.permissions].every((letter) => given.permissions.includes(letter)) &&
      (given.search === undefined || given.search === wanted.search)
    );
  });
}

export function isStatic(scope: string): boolean {
  return (STATIC_SCOPES as readonly string[]).includes(scope);
}

const STATIC_SENTENCES: Readonly<Record<string, string>> = {
  openid: 'Know who you are.',
  fhirUser: 'Know which record of a person you are.',
  launch: 'Know which patient is open in the record system.',
  'launch/patient': 'Be told which patient you choose.',
  'launch/encounter': 'Be told which visit is open.',
  online_access: 'Stay signed in for as long as you are.',
  offline_access: 'Go on when you are not there, until you end it.',
};

const VERBS: Readonly<Record<string, string>> = { c: 'add', r: 'read', u: 'change', d: 'delete', s: 'search' };
const WHOSE: Readonly<Record<ClinicalScope['context'], string>> = {
  patient: 'of the patient you choose',
  user: 'that you may see',
  system: 'of all patients',
};

/** What a scope means, in plain words for who is asked. */
export function sentenceOf(scope: string): string {
  const fixed = STATIC_SENTENCES[scope];
  if (fixed !== undefined) return fixed;
  const parsed = parseClinicalScope(scope);
  if (parsed === undefined) return 'Something that this server does not know and does not give.';
  const verbs = [...parsed.permissions].map((letter) => VERBS[letter] ?? '');
  const last = verbs.pop() ?? '';
  const listed = verbs.length > 0 ? `${verbs.join(', ')} and ${last}` : last;
  const what = parsed.type === '*' ? 'all records' : `${parsed.type} records`;
  const narrowed = parsed.search === undefined ? '' : ', only some of them';
  return `${listed.charAt(0).toUpperCase()}${listed.slice(1)} ${what} ${WHOSE[parsed.context]}${narrowed}.`;
}
