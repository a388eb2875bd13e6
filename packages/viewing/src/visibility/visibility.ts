import { resourceTypes } from '@meridian/fhir';
import { type Rule, StoreError, type Visibility, type VisibilityScope, type WriteAttempt } from '@meridian/records';
import type { Recipient } from '../consent/bind.ts';
import type { DecisionTable } from '../decision/decision-table.ts';
import type { Evidence } from '../evidence.ts';
import type { Grants } from '../grants/grant.ts';
import { type CareTerms, DEFAULT_CARE_TERMS } from '../relations/care-facts.ts';
import { ClassRules } from '../rules/class-rule.ts';
import { ALWAYS, allOf, anyOf, NEVER, notOf } from '../rules/combine.ts';
import { authoredBy } from '../rules/filters.ts';
import { TokenScopes } from '../scopes/scopes.ts';
import type { Viewer } from '../viewer.ts';
import { refusesWrite } from '../writes/refuses-write.ts';
import { branch, branchesFor, isCaring, type Situation } from './branches.ts';
import { type Candidates, candidatePatients, MOST_PATIENTS } from './candidates.ts';
import { PatientKnowledge } from './patient-knowledge.ts';
import { type Branch, opening, patientRule } from './patient-rule.ts';

export interface VisibilityOptions {
  evidence: Evidence;
  /** `new DecisionTable(openPolicies(…))`: one for the process. */
  decisions: DecisionTable;
  grants: Grants;
  /** Epoch milliseconds. */
  clock: () => number;
  /** Our own base, such as `https://example.org/fhir`: references below it are local. */
  baseUrl?: string;
  terms?: CareTerms;
}

/** Decides who sees what. One for the process. */
export interface Visibilities {
  /** What one viewer sees. Cheap: make one for every request. */
  for(viewer: Viewer): Visibility;
  /** Ways in which a viewer stands to one patient, for explanations. */
  situation(viewer: Viewer, patient: bigint): Promise<Situation>;
}

/** Rules across patients that are kept, and how long, in milliseconds; any change of a consent or of care ends them. */
const MOST_RULES = 200;
const LONGEST_RULE = 10_000;
/** Sets of types asked for, kept with their class rules; one for each type and a few more. */
const MOST_TYPE_SETS = 500;

/**
 * Puts rules together from what policies say of classes (Cedar, cached), who the viewer is to the patient, and the
 * patient's consents. What is not known opens nothing.
 */
export function createVisibility(options: VisibilityOptions): Visibilities {
  const engine = new Engine(options);
  return {
    for: (viewer) => ({
      ruleFor: (scope) => engine.ruleFor(viewer, scope),
      refusesWrite: (change) => engine.refusesWrite(viewer, change),
    }),
    situation: (viewer, patient) => engine.situation(viewer, patient),
  };
}

class Engine {
  readonly #options: VisibilityOptions & { terms: CareTerms };
  readonly #table: DecisionTable;
  readonly #knowledge: PatientKnowledge;
  readonly #classRules = new Map<string, ClassRules>();
  readonly #scopes = new Map<string, TokenScopes>();
  readonly #across = new Map<string, { rule: Promise<Rule>; at: number; changes: number }>();

  constructor(options: VisibilityOptions) {
    const { terms = DEFAULT_CARE_TERMS, baseUrl, evidence, clock } = options;
    this.#options = { ...options, terms };
    this.#table = options.decisions;
    this.#knowledge = new PatientKnowledge({ evidence, clock, terms, baseUrl });
  }

  async ruleFor(viewer: Viewer, scope: VisibilityScope): Promise<Rule> {
    const types = scope.types.length > 0 ? scope.types : resourceTypes();
    const allowed = this.#scopesOf(viewer).rule(types, this.#launchPatient(viewer));
    if (allowed.kind === 'never') return NEVER;
    const rules = this.#rulesFor(types);
    const everything = this.#sameForAll(viewer, rules);
    if (everything) return allOf(allowed, everything);
    const nobody = this.#nobodyRule(viewer, types, rules);
    const patients =
      scope.patient === undefined
        ? await this.#acrossPatients(viewer, types, rules)
        : scope.patient === 0n
          ? NEVER
          : await this.#onePatient(viewer, scope.patient, types, rules);
    return allOf(allowed, anyOf(await nobody, patients));
  }

  async situation(viewer: Viewer, patient: bigint): Promise<Situation> {
    const [names, care, grants] = await Promise.all([
      this.#namesOf(viewer),
      patient === 0n ? [] : this.#knowledge.careOf(patient),
      this.#options.grants.inForce(viewer, undefined),
    ]);
    const isPatient = (id: string): boolean => this.#options.evidence.patientNumber(id) === patient;
    return {
      ...{ viewer, names, care, isPatient, now: this.#options.clock() },
      grants: grants.filter((grant) => isPatient(grant.patientId)),
    };
  }

  async refusesWrite(viewer: Viewer, change: WriteAttempt): Promise<string | undefined> {
    const situation = await this.situation(viewer, change.patient);
    return refusesWrite(change, situation, this.#table, this.#scopesOf(viewer), this.#launchPatient(viewer));
  }

  /** Where neither patient nor consent can make a difference (a system token), there is one rule for all. */
  #sameForAll(viewer: Viewer, rules: ClassRules): Rule | undefined {
    const none = branch(viewer, 'none', ALWAYS).standing;
    const rule = rules.rule(none, 'read', 'none');
    if (rule.kind !== 'because' || rule.rule.kind !== 'always' || rules.heedsConsent(none, 'read')) return undefined;
    const nobody = rules.rule(branch(viewer, 'nobody', ALWAYS).standing, 'read', 'none');
    return nobody.kind === 'because' && nobody.rule.kind === 'always' ? rule : undefined;
  }

  async #nobodyRule(viewer: Viewer, types: readonly string[], rules: ClassRules): Promise<Rule> {
    const author = branch(viewer, 'author', ALWAYS);
    const open = rules.rule(branch(viewer, 'nobody', ALWAYS).standing, 'read', 'none');
    const written = rules.rule(author.standing, 'read', 'none');
    const own = written.kind === 'never' ? NEVER : authoredBy(types, (await this.#namesOf(viewer)).people);
    return allOf({ kind: 'nobody' }, anyOf(open, allOf(own, written)));
  }

  async #onePatient(viewer: Viewer, patient: bigint, types: readonly string[], rules: ClassRules): Promise<Rule> {
    const situation = await this.situation(viewer, patient);
    const branches = opening(branchesFor(situation, types), rules);
    const heeds = branches.some(({ standing }) => rules.heedsConsent(standing, 'read'));
    const consents = heeds ? await this.#knowledge.consentsOf(patient) : [];
    const rule = patientRule(branches, consents, recipientOf(situation, branches), rules, types, true);
    return allOf({ kind: 'patients', patients: [patient] }, rule);
  }

  async #acrossPatients(viewer: Viewer, types: readonly string[], rules: ClassRules): Promise<Rule> {
    const now = this.#options.clock();
    const grants = await this.#options.grants.inForce(viewer, undefined);
    const key = JSON.stringify([viewer, grants, types]);
    const { changes } = this.#knowledge;
    const kept = this.#across.get(key);
    if (kept && kept.changes === changes && now - kept.at < LONGEST_RULE && now >= kept.at) return kept.rule;
    const rule = this.#buildAcross(viewer, types, rules);
    if (this.#across.size >= MOST_RULES) this.#across.clear();
    this.#across.set(key, { rule, at: now, changes });
    rule.catch(() => this.#across.delete(key));
    return rule;
  }

  /**
   * Patients to whom the viewer stands in some relation, or whose consents name the viewer, each get their own rule; equal
   * ones are put together. All others share one: what policy opens to somebody without relation, and what the viewer wrote,
   * except for patients with consents of their own.
   */
  async #buildAcross(viewer: Viewer, types: readonly string[], rules: ClassRules): Promise<Rule> {
    const names = await this.#namesOf(viewer);
    const strangers = opening(
      [branch(viewer, 'author', authoredBy(types, names.people)), branch(viewer, 'none', ALWAYS)],
      rules,
    );
    const without = (relation: string): boolean =>
      strangers.some(
        ({ standing }) => standing.relation === relation && rules.rule(standing, 'read', 'none').kind !== 'never',
      );
    const { evidence, terms, clock, baseUrl, grants } = this.#options;
    const found = await candidatePatients({
      ...{ evidence, terms, viewer, names, baseUrl, now: clock() },
      grants: await grants.inForce(viewer, undefined),
      allWithConsent: without('none'),
    });
    if (found === 'too-many') throw tooMany();
    const shapes = await this.#candidateShapes(viewer, found, types, rules);
    const others = this.#strangersRule(found, strangers, rules);
    return anyOf(others, ...shapes);
  }

  async #candidateShapes(
    viewer: Viewer,
    found: Candidates,
    types: readonly string[],
    rules: ClassRules,
  ): Promise<Rule[]> {
    const shapes = new Map<string, { rule: Rule; patients: bigint[] }>();
    const base = await this.situation(viewer, 0n);
    const grants = await this.#options.grants.inForce(viewer, undefined);
    const authored = authoredBy(types, base.names.people);
    const withConsent = found.withConsent && new Set(found.withConsent);
    for (const [patient, care] of found.patients) {
      const isPatient = (id: string): boolean => this.#options.evidence.patientNumber(id) === patient;
      const own = grants.filter((grant) => isPatient(grant.patientId));
      const situation = { ...base, isPatient, care, grants: own };
      const branches = opening(branchesFor(situation, types, authored), rules);
      const mayConsent = withConsent?.has(patient) ?? true;
      const consents = mayConsent ? await this.#knowledge.consentsOf(patient) : [];
      // without consents and grants the rule follows from the relations alone
      const plain = consents.length === 0 && own.length === 0;
      const rule = (): Rule => patientRule(branches, consents, recipientOf(situation, branches), rules, types, false);
      const made = plain ? undefined : rule();
      const key = made ? JSON.stringify(made) : branches.map(({ standing }) => standing.relation).join();
      const shape = shapes.get(key);
      if (shape) shape.patients.push(patient);
      else shapes.set(key, { rule: made ?? rule(), patients: [patient] });
    }
    return [...shapes.values()].map(({ rule, patients }) => allOf({ kind: 'patients', patients }, rule));
  }

  #strangersRule(found: Candidates, strangers: readonly Branch[], rules: ClassRules): Rule {
    const heeding = strangers.filter(({ standing }) => rules.heedsConsent(standing, 'read'));
    const free = strangers.filter((one) => !heeding.includes(one));
    const open = (branches: readonly Branch[]): Rule =>
      anyOf(...branches.map(({ standing, condition }) => allOf(condition, rules.rule(standing, 'read', 'none'))));
    // where it is not known who has consents, nothing that a consent could forbid is opened to a stranger
    const { withConsent } = found;
    const unbound = withConsent
      ? allOf(withConsent.length > 0 ? notOf({ kind: 'patients', patients: withConsent }) : ALWAYS, open(heeding))
      : NEVER;
    return allOf(notOf({ kind: 'nobody' }), anyOf(open(free), unbound));
  }

  #namesOf(viewer: Viewer) {
    return this.#knowledge.membershipsOf(viewer.actor);
  }

  #launchPatient(viewer: Viewer): bigint | undefined {
    return viewer.launchPatient === undefined ? undefined : this.#options.evidence.patientNumber(viewer.launchPatient);
  }

  #rulesFor(types: readonly string[]): ClassRules {
    const key = types.join();
    let rules = this.#classRules.get(key);
    if (!rules) {
      if (this.#classRules.size >= MOST_TYPE_SETS) this.#classRules.clear();
      rules = new ClassRules(this.#table, [...new Set(types)]);
      this.#classRules.set(key, rules);
    }
    return rules;
  }

  #scopesOf({ scope }: Viewer): TokenScopes {
    let scopes = this.#scopes.get(scope);
    if (!scopes) {
      if (this.#scopes.size >= MOST_TYPE_SETS) this.#scopes.clear();
      scopes = new TokenScopes(scope);
      this.#scopes.set(scope, scopes);
    }
    return scopes;
  }
}

function recipientOf({ viewer, names, now }: Situation, branches: readonly Branch[]): Recipient {
  const organizations = viewer.organizations.map((id) => `Organization/${id}`);
  return {
    actor: viewer.actor,
    roles: viewer.roles,
    memberOf: [...organizations, ...names.memberOf],
    caring: isCaring(branches),
    purpose: viewer.purpose,
    action: 'read',
    now,
  };
}

function tooMany(): StoreError {
  return new StoreError(
    'too-costly',
    403,
    `This search would have to weigh the consents of more than ${MOST_PATIENTS} patients; name a patient, as in patient=….`,
  );
}
