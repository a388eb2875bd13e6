import type { Role, Viewer } from '@meridian/viewing';

/** Acting for a patient. */
type ActingFor = Viewer['proxyFor'][number];

/** A professional registration, from `Practitioner.qualification` or given by the administrator. */
export type Registration = 'western-medicine' | 'chinese-medicine' | 'nursing' | 'pharmacy' | 'laboratory';

/** Somebody or something that can sign in. Secrets are kept apart, in its credentials. */
export type Account = {
  id: string;
  /** Lower case; what a person types. */
  username: string;
  /** As shown on screens. */
  name: string;
  kind: 'person' | 'service';
  /** The FHIR resource it acts as, such as `Practitioner/8f…`: the actor of its events. */
  resource: string;
  roles: Role[];
  /** Logical ids of Organizations. Empty: those of the PractitionerRoles of the Practitioner. */
  organizations: string[];
  registrations: Registration[];
  proxies: ActingFor[];
  /** Subjects at external identity providers. */
  subjects: { issuer: string; subject: string }[];
  state: 'active' | 'suspended';
  /** Made for the demonstration: good only while that is on. */
  demo: boolean;
  /** Epoch milliseconds. */
  created: number;
};

/** What an administrator gives for a new account, or for one to be changed. */
export type AccountInput = Omit<Account, 'id' | 'created' | 'demo'>;

export const ROLES: readonly Role[] = [
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
];

const REGISTRATIONS: readonly Registration[] = [
  'western-medicine',
  'chinese-medicine',
  'nursing',
  'pharmacy',
  'laboratory',
];

/** Roles that only a registered person may have, and the registration each needs. */
const REGISTRATION_OF: Readonly<Partial<Record<Role, Registration>>> = {
  'western-practitioner': 'western-medicine',
  'tcm-practitioner': 'chinese-medicine',
  nurse: 'nursing',
  pharmacist: 'pharmacy',
  laboratory: 'laboratory',
};

/** An account that cannot be as asked. The message is a sentence for the administrator. */
export class AccountError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AccountError';
  }
}

const USERNAME = /^[a-z0-9][a-z0-9._@-]{1,63}$/;
const RESOURCE = /^(?:Practitioner|Patient|RelatedPerson|Device)\/[A-Za-z0-9\-.]{1,64}$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const FIELDS = new Set([
  'username',
  'name',
  'kind',
  'resource',
  'roles',
  'organizations',
  'registrations',
  'proxies',
  'subjects',
  'state',
]);

/** The form in which usernames are compared: case and Unicode variants are one (PRECIS, RFC 8265 §3.3, roughly). */
export function canonicalUsername(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/** Reads an account from JSON that an administrator sent. Unknown members are refused. @throws AccountError */
export function readAccount(json: unknown): AccountInput {
  const given = members(json, FIELDS, 'An account');
  const username = canonicalUsername(text(given.username, 'username'));
  if (!USERNAME.test(username)) {
    throw new AccountError('username must have 2 to 64 letters, digits or ._@- and begin with a letter or digit.');
  }
  const resource = text(given.resource, 'resource');
  if (!RESOURCE.test(resource)) {
    throw new AccountError(
      'resource must be a Practitioner, Patient, RelatedPerson or Device, such as Practitioner/42.',
    );
  }
  const account: AccountInput = {
    username,
    name: text(given.name ?? username, 'name'),
    kind: oneOf(given.kind ?? 'person', ['person', 'service'], 'kind'),
    resource,
    roles: list(given.roles, 'roles', (role) => oneOf(role, ROLES, 'roles')),
    organizations: list(given.organizations, 'organizations', (id) => logicalId(id, 'organizations')),
    registrations: list(given.registrations, 'registrations', (one) => oneOf(one, REGISTRATIONS, 'registrations')),
    proxies: list(given.proxies, 'proxies', readProxy, 8),
    subjects: list(given.subjects, 'subjects', readSubject, 4),
    state: oneOf(given.state ?? 'active', ['active', 'suspended'], 'state'),
  };
  checkRoles(account);
  return account;
}

function checkRoles({ roles, registrations, kind, resource, proxies }: AccountInput): void {
  for (const role of roles) {
    const needed = REGISTRATION_OF[role];
    if (needed && !registrations.includes(needed)) {
      throw new AccountError(`The role ${role} needs the registration ${needed}.`);
    }
  }
  if (roles.includes('system') && kind !== 'service') throw new AccountError('Only a service has the role system.');
  if (roles.includes('patient') && !resource.startsWith('Patient/')) {
    throw new AccountError('The role patient needs a resource of type Patient.');
  }
  if (proxies.length > 0 && !roles.includes('proxy')) throw new AccountError('Proxies need the role proxy.');
  // DESIGN §6: an administrator sees no record, and so must not be somebody who does
  if (roles.includes('administrator') && roles.length > 1) {
    throw new AccountError('An administrator has no other role; give the person a second account for that.');
  }
}

const PROXY_FIELDS = new Set(['patientId', 'relation', 'from', 'until', 'scope']);

function readProxy(json: unknown): ActingFor {
  const given = members(json, PROXY_FIELDS, 'A proxy');
  const from = time(given.from, 'from');
  const until = given.until === undefined ? undefined : time(given.until, 'until');
  if (from === undefined || (until !== undefined && until <= from)) {
    throw new AccountError('A proxy begins before it ends: give from, and until where it ends.');
  }
  const relation = oneOf(given.relation, ['parent', 'guardian', 'attorney'] as const, 'relation');
  if (relation === 'parent' && until === undefined) {
    throw new AccountError('A parent acts until a set age: give until, the day on which the child reaches it.');
  }
  return {
    patientId: logicalId(given.patientId, 'patientId'),
    relation,
    from,
    until,
    scope: oneOf(given.scope, ['read', 'decide', 'decide-jointly'] as const, 'scope'),
  };
}

function readSubject(json: unknown): { issuer: string; subject: string } {
  const given = members(json, new Set(['issuer', 'subject']), 'A subject');
  return { issuer: text(given.issuer, 'issuer'), subject: text(given.subject, 'subject') };
}

function members(json: unknown, allowed: ReadonlySet<string>, what: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new AccountError(`${what} must be a JSON object.`);
  }
  for (const name of Object.keys(json)) {
    if (!allowed.has(name)) throw new AccountError(`${what} has no member of that name; see docs/sign-in.md.`);
  }
  return json as Record<string, unknown>;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 256) {
    throw new AccountError(`${name} must be a text of 1 to 256 characters.`);
  }
  return value;
}

function logicalId(value: unknown, name: string): string {
  if (typeof value !== 'string' || !ID.test(value)) throw new AccountError(`${name} must hold logical ids of FHIR.`);
  return value;
}

function oneOf<Value extends string>(value: unknown, values: readonly Value[], name: string): Value {
  const found = values.find((one) => one === value);
  if (found === undefined) throw new AccountError(`${name} must be of: ${values.join(', ')}.`);
  return found;
}

function list<Item>(value: unknown, name: string, read: (item: unknown) => Item, most = 50): Item[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > most) {
    throw new AccountError(`${name} must be a list of at most ${most}.`);
  }
  return value.map(read);
}

function time(value: unknown, name: string): number | undefined {
  const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isSafeInteger(at)) throw new AccountError(`${name} must be a date, such as 2026-01-31.`);
  return at;
}
