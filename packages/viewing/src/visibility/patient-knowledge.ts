import { parseSearch } from '@meridian/fhir';
import type { PatientConsent } from '../consent/provision.ts';
import { sweeping } from '../consent/provision.ts';
import { readConsent, referencesOf, relatedData } from '../consent/read-consent.ts';
import type { Evidence } from '../evidence.ts';
import { CARE_TYPES, type CareFact, type CareTerms, careFact } from '../relations/care-facts.ts';
import { careQueries } from '../relations/care-queries.ts';
import { Remembered } from './remembered.ts';

/** Active consents of one patient that are weighed; with more of them the record closes to all but the patient. */
const MOST_CONSENTS = 200;
/** Encounters and the like of one kind that are looked at; with more of them none of that kind counts. */
const MOST_FACTS = 500;

/** The names by which a viewer can be meant. */
export interface Names {
  /** Own actor and PractitionerRoles: as they take part in care. */
  people: readonly string[];
  /** Organizations, PractitionerRoles and CareTeams: as consents can name them. */
  memberOf: readonly string[];
}

export interface KnowledgeOptions {
  evidence: Evidence;
  clock: () => number;
  terms: CareTerms;
  baseUrl: string | undefined;
}

export const ACTIVE_CONSENTS = parseSearch(['Consent'], [['status', 'active']], { handling: 'strict', baseUrl: '' });

/**
 * What is known of patients and viewers from the store, kept for at most a minute and forgotten as soon as a write
 * changes it: a consent that is withdrawn counts no more in the next request.
 */
export class PatientKnowledge {
  readonly #options: KnowledgeOptions;
  readonly #consents: Remembered<bigint, readonly PatientConsent[]>;
  readonly #care: Remembered<bigint, readonly CareFact[]>;
  readonly #memberships: Remembered<string, Names>;
  /** Grows with every change that may matter to anybody. */
  #changes = 0;

  constructor(options: KnowledgeOptions) {
    this.#options = options;
    const { clock } = options;
    this.#consents = new Remembered(clock, (patient) => this.#loadConsents(patient));
    this.#care = new Remembered(clock, (patient) => this.#loadCare(patient));
    this.#memberships = new Remembered(clock, (actor) => this.#loadMemberships(actor));
    options.evidence.onCommitted(({ type, patient }) => this.#forget(type, patient));
  }

  get changes(): number {
    return this.#changes;
  }

  consentsOf(patient: bigint): Promise<readonly PatientConsent[]> {
    return this.#consents.get(patient);
  }

  careOf(patient: bigint): Promise<readonly CareFact[]> {
    return this.#care.get(patient);
  }

  /** PractitionerRoles and CareTeams of an actor. */
  membershipsOf(actor: string): Promise<Names> {
    return this.#memberships.get(actor);
  }

  #forget(type: string, patient: bigint | undefined): void {
    if (type === 'Consent') {
      this.#changes++;
      this.#consents.forget(patient);
    } else if ((CARE_TYPES as readonly string[]).includes(type)) {
      this.#changes++;
      this.#care.forget(patient);
    }
    if (type === 'PractitionerRole' || type === 'CareTeam') {
      this.#changes++;
      this.#memberships.forget(undefined);
    }
  }

  async #loadConsents(patient: bigint): Promise<readonly PatientConsent[]> {
    const { evidence, baseUrl } = this.#options;
    const found = await evidence.ofPatient(patient, ACTIVE_CONSENTS, MOST_CONSENTS);
    if (!found) return [{ id: 'too-many', patientId: '', provision: sweeping('deny') }];
    const related = new Map<string, readonly string[]>();
    for (const reference of new Set(found.flatMap((consent) => relatedData(consent, baseUrl)))) {
      const [type = '', id = ''] = reference.split('/');
      const resource = await evidence.read(type, id);
      if (resource) related.set(reference, referencesOf(resource, baseUrl));
    }
    const options = { ...(baseUrl !== undefined && { baseUrl }), relatedTo: (text: string) => related.get(text) };
    return found.flatMap((consent) => readConsent(consent, options) ?? []);
  }

  async #loadCare(patient: bigint): Promise<readonly CareFact[]> {
    const { evidence, terms, baseUrl, clock } = this.#options;
    const pages = await Promise.all(
      careQueries(clock(), terms).map((query) => evidence.ofPatient(patient, query, MOST_FACTS)),
    );
    return pages.flatMap((page) => page ?? []).flatMap((resource) => careFact(resource, terms, baseUrl) ?? []);
  }

  async #loadMemberships(actor: string): Promise<Names> {
    const { evidence, terms, baseUrl, clock } = this.#options;
    if (!actor.startsWith('Practitioner/')) return { people: [actor], memberOf: [] };
    const now = clock();
    const found = await evidence.search(rolesOf(actor), MOST_FACTS);
    const roles = (found ?? []).filter((role) => role.active !== false && holdsAt(role.period, now));
    const people = [actor, ...roles.map(({ id }) => `PractitionerRole/${id}`)];
    const teams = (await evidence.search(teamsOf(people), MOST_FACTS)) ?? [];
    const current = teams
      .flatMap((team) => careFact(team, terms, baseUrl) ?? [])
      .filter((fact) => fact.from <= now && now < fact.until && fact.people.some((person) => people.includes(person)));
    return { people, memberOf: [...people.slice(1), ...current.map(({ basis }) => basis)] };
  }
}

function rolesOf(actor: string) {
  return parseSearch(['PractitionerRole'], [['practitioner', actor]], { handling: 'strict', baseUrl: '' });
}

function teamsOf(people: readonly string[]) {
  const parameters: [string, string][] = [
    ['status', 'active'],
    ['participant', people.slice(0, 100).join(',')],
  ];
  return parseSearch(['CareTeam'], parameters, { handling: 'strict', baseUrl: '' });
}

function holdsAt(period: unknown, now: number): boolean {
  const { start, end } = (period ?? {}) as { start?: unknown; end?: unknown };
  const from = start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(String(start));
  const until =
    end === undefined
      ? Number.POSITIVE_INFINITY
      : Date.parse(String(end)) + (String(end).length === 10 ? 86_400_000 : 0);
  return from <= now && now < until;
}
