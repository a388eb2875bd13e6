import type { Http } from '../api/http.ts';

/** Roles as the server names them. */
export type Role =
  | 'patient'
  | 'proxy'
  | 'western-practitioner'
  | 'tcm-practitioner'
  | 'nurse'
  | 'pharmacist'
  | 'laboratory'
  | 'records-officer'
  | 'privacy-officer'
  | 'auditor'
  | 'researcher'
  | 'administrator';

/** A patient for whom the account acts. */
export interface ProxyFor {
  patientId: string;
  relation: string;
  scope: string;
}

/** Who is signed in, of `GET /oauth/account`. */
export interface Account {
  id: string;
  /** What to call the person. */
  name: string;
  username: string;
  /** Such as `Practitioner/8f…`. */
  fhirUser: string | undefined;
  roles: readonly Role[];
  patientId: string | undefined;
  proxyFor: readonly ProxyFor[];
  organizations: readonly string[];
  /** When the person last proved who they are; some acts ask for a fresh proof. */
  authenticatedAt: string | undefined;
}

/** The parts of the application. An account may open several. */
export type Area = 'patient' | 'practitioner' | 'officer';

export const AREA_PATHS: Readonly<Record<Area, string>> = {
  patient: '/me',
  practitioner: '/clinic',
  officer: '/office',
};

const PRACTITIONERS: readonly Role[] = [
  'western-practitioner',
  'tcm-practitioner',
  'nurse',
  'pharmacist',
  'laboratory',
];
const OFFICERS: readonly Role[] = ['records-officer', 'privacy-officer', 'auditor', 'researcher', 'administrator'];

/** The areas of an account; the first is where it begins. Work comes before the own record. */
export function areasOf({ roles, patientId, proxyFor }: Account): Area[] {
  const areas: Area[] = [];
  if (roles.some((role) => PRACTITIONERS.includes(role))) areas.push('practitioner');
  if (roles.some((role) => OFFICERS.includes(role))) areas.push('officer');
  if (patientId !== undefined || proxyFor.length > 0) areas.push('patient');
  return areas;
}

export async function fetchAccount(http: Http, signal: AbortSignal): Promise<Account> {
  return readAccount(await http.json<unknown>('/oauth/account', { signal }));
}

/** Reads an answer of `/oauth/account`; what is not understood is left out. */
export function readAccount(value: unknown): Account {
  const from = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return {
    id: text(from.id) ?? '',
    name: text(from.name) ?? text(from.username) ?? '',
    username: text(from.username) ?? '',
    fhirUser: text(from.fhirUser),
    roles: texts(from.roles) as Role[],
    patientId: text(from.patient),
    proxyFor: (Array.isArray(from.proxies) ? from.proxies : []).flatMap(readProxy),
    organizations: texts(from.organizations),
    authenticatedAt: text(from.authenticatedAt),
  };
}

function readProxy(value: unknown): ProxyFor[] {
  const { patientId, relation, scope } = (value ?? {}) as Record<string, unknown>;
  return typeof patientId === 'string'
    ? [{ patientId, relation: text(relation) ?? '', scope: text(scope) ?? 'read' }]
    : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((one) => text(one) ?? []) : [];
}
