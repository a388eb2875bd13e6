import type { Relation } from '../decision/vocabulary.ts';
import type { Viewer } from '../viewer.ts';
import type { CareFact } from './care-facts.ts';

/** What a viewer is to a patient, and by what. */
export interface Tie {
  relation: Relation;
  /** `Encounter/1`, `parent` …; empty where the relation says all. */
  basis: string;
}

/**
 * The relations of a viewer to one patient that come from who they are and from care. Grants, authorship and `none` are
 * added by those who know them.
 *
 * @param isPatient whether a logical id is that of the patient
 * @param names references by which the viewer takes part in care: own actor, PractitionerRoles
 */
export function relationsTo(
  viewer: Viewer,
  isPatient: (id: string) => boolean,
  facts: readonly CareFact[],
  names: readonly string[],
  now: number,
): Tie[] {
  const found: Tie[] = [];
  const own = viewer.roles.includes('patient') && viewer.patientId !== undefined && isPatient(viewer.patientId);
  if (own) found.push({ relation: 'self', basis: '' });
  for (const proxy of viewer.proxyFor) {
    if (!isPatient(proxy.patientId) || now < proxy.from || now >= (proxy.until ?? Number.POSITIVE_INFINITY)) continue;
    found.push({ relation: proxy.scope === 'decide' ? 'proxy-deciding' : 'proxy-reading', basis: proxy.relation });
  }
  const organizations = viewer.organizations.map((id) => `Organization/${id}`);
  const current = facts.filter(({ from, until }) => from <= now && now < until);
  const inPerson = current.find(({ people }) => people.some((person) => names.includes(person)));
  if (inPerson) found.push({ relation: 'treating-person', basis: inPerson.basis });
  const atWork = current.find((fact) =>
    fact.organizations.some((organization) => organizations.includes(organization)),
  );
  if (atWork) found.push({ relation: 'treating-organisation', basis: atWork.basis });
  return found;
}

/**
 * When a parent's proxy ends by age: the birthday on which the patient becomes `age`, as epoch milliseconds. Undefined
 * where the birth date is not known to the day: then somebody has to set the end.
 */
export function endOfParenthood(birthDate: string, age: number): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate);
  if (!match) return undefined;
  const [, year, month, day] = match as unknown as [string, string, string, string];
  return Date.UTC(Number(year) + age, Number(month) - 1, Number(day));
}
