import { codingsOfClass, RELEASE_RULES, type ReleaseWish, type ResultClass } from '@meridian/clinic';
import { type Coding, parseSearch, resourceTypes } from '@meridian/fhir';
import type { Rule, Visibility } from '@meridian/records';
import type { Viewer } from '@meridian/viewing';
import type { VisibilityOf } from '../access/visibility-of.ts';
import type { ReleaseWishes } from './release-wishes.ts';

export interface HeldResultsParts {
  wishesOf(patientId: string): Promise<ReleaseWishes>;
  patientNumber(patientId: string): bigint;
  /** Epoch milliseconds. */
  now: () => number;
}

/** What can wait for a word of the clinician. */
const HELD_TYPES = ['DiagnosticReport', 'Observation'] as const;
type HeldType = (typeof HELD_TYPES)[number];
const DAY = 86_400_000;
const NEVER: Rule = { kind: 'never' };

/**
 * Visibility of patients and proxies with fresh results held back as `releaseOf` of the clinic says. It is a further
 * condition in the one rule that reads, searches, counts and exports go by, so that none of them tells more than another.
 * Others, and the patient's other records, are not touched by it.
 */
export function withHeldResults(visibilityOf: VisibilityOf, parts: HeldResultsParts): VisibilityOf {
  return (viewer) => {
    const inner = visibilityOf(viewer);
    if (viewer.roles.includes('system')) return inner;
    const own = ownPatients(viewer);
    return own.length === 0 ? inner : new HeldVisibility(inner, own, parts);
  };
}

function ownPatients({ patientId, proxyFor }: Viewer): string[] {
  return [...new Set([...(patientId === undefined ? [] : [patientId]), ...proxyFor.map((proxy) => proxy.patientId)])];
}

class HeldVisibility implements Visibility {
  readonly #inner: Visibility;
  readonly #own: readonly string[];
  readonly #parts: HeldResultsParts;

  constructor(inner: Visibility, own: readonly string[], parts: HeldResultsParts) {
    this.#inner = inner;
    this.#own = own;
    this.#parts = parts;
  }

  refusesWrite: Visibility['refusesWrite'] = (change) => this.#inner.refusesWrite(change);

  ruleFor: Visibility['ruleFor'] = async (scope) => {
    const rule = await this.#inner.ruleFor(scope);
    const types = scope.types.length > 0 ? scope.types : resourceTypes();
    const held = HELD_TYPES.filter((type) => types.includes(type));
    if (held.length === 0 || rule.kind === 'never') return rule;
    const { patientNumber, wishesOf, now } = this.#parts;
    const own = this.#own.filter((id) => scope.patient === undefined || patientNumber(id) === scope.patient);
    const conditions = await Promise.all(
      own.map(async (id): Promise<Rule> => {
        const waiting = heldRule(held, await wishesOf(id), now());
        return any([not({ kind: 'patients', patients: [patientNumber(id)] }), not(waiting)]);
      }),
    );
    return conditions.length === 0 ? rule : { kind: 'all', of: [rule, ...conditions] };
  };
}

/** The results of a patient that wait. */
export function heldRule(types: readonly HeldType[], wishes: ReleaseWishes, now: number): Rule {
  return any(
    types.map((type) =>
      all([any(RELEASE_RULES.map((rule) => ofClass(type, rule, wishes, now))), not(opened(type, wishes))]),
    ),
  );
}

/** Results of one class that are not old enough; of all ages where the patient wants to hear of them first. */
function ofClass(
  type: HeldType,
  { class: resultClass, days }: { class: ResultClass; days: number },
  wishes: ReleaseWishes,
  now: number,
): Rule {
  const wish: ReleaseWish = wishes.byClass?.[resultClass] ?? wishes.general ?? 'by-rules';
  if (wish === 'at-once' || (wish === 'by-rules' && days === 0)) return NEVER;
  const members = membersOf(type, resultClass);
  return wish === 'after-clinician' ? members : all([members, not(agedSince(type, now - days * DAY))]);
}

function membersOf(type: HeldType, resultClass: ResultClass): Rule {
  if (resultClass === 'routine') {
    const others = RELEASE_RULES.filter((rule) => rule.class !== 'routine').map((rule) => membersOf(type, rule.class));
    return all([{ kind: 'types', types: [type] }, not(any(others))]);
  }
  const { report, section } = codingsOfClass(resultClass);
  return any([
    ...(report.length > 0 ? [filter(type, [['code', tokens(report)]])] : []),
    ...(type === 'DiagnosticReport' && section.length > 0 ? [filter(type, [['category', tokens(section)]])] : []),
  ]);
}

/**
 * Old enough: issued before, or of a time before where no issue is stated. An Observation is found by the time of its
 * specimen only (FHIR R4 has no search parameter for its issue), so that its wait is counted from there.
 */
function agedSince(type: HeldType, cutoff: number): Rule {
  const before = `le${new Date(cutoff).toISOString()}`;
  if (type === 'Observation') return filter(type, [['date', before]]);
  const undated = filter(type, [
    ['issued:missing', 'true'],
    ['date', before],
  ]);
  return any([filter(type, [['issued', before]]), undated]);
}

/** What the patient asked to see, or heard of. */
function opened(type: HeldType, { seeNow, spoke }: ReleaseWishes): Rule {
  const ids = [...seeNow, ...spoke.map(({ report }) => report)]
    .filter((reference) => reference.startsWith(`${type}/`))
    .map((reference) => reference.slice(type.length + 1));
  return ids.length === 0
    ? NEVER
    : { kind: 'filter', types: [type], filter: { kind: 'id', ids: [...new Set(ids)], negated: false } };
}

function filter(type: HeldType, parameters: [string, string][]): Rule {
  const { filters } = parseSearch([type], parameters, { handling: 'strict', baseUrl: '' });
  return all(filters.map((one): Rule => ({ kind: 'filter', types: [type], filter: one })));
}

function tokens(codings: readonly Coding[]): string {
  return codings.map(({ system, code }) => `${system}|${code}`).join(',');
}

function all(rules: readonly Rule[]): Rule {
  return rules.some(({ kind }) => kind === 'never') ? NEVER : { kind: 'all', of: rules };
}

function any(rules: readonly Rule[]): Rule {
  const some = rules.filter(({ kind }) => kind !== 'never');
  return some.length === 0 ? NEVER : { kind: 'any', of: some };
}

function not(rule: Rule): Rule {
  return rule.kind === 'never' ? { kind: 'always' } : { kind: 'not', of: rule };
}
