import type { People } from '../identity/people.ts';

/** Somebody who acts for a patient, as the patient is shown it. */
export interface ShownProxy {
  /** What to call the person. */
  name: string;
  relation: 'parent' | 'guardian' | 'attorney';
  scope: 'read' | 'decide' | 'decide-jointly';
  /** ISO instants; without `until` it does not end by itself. */
  from: string;
  until: string | undefined;
}

/** Who acts for a patient: accounts are the administrators' to change, and the patient's to know of. */
export class PatientProxies {
  readonly #people: Pick<People, 'proxiesOf' | 'nameOf'>;

  constructor(people: Pick<People, 'proxiesOf' | 'nameOf'>) {
    this.#people = people;
  }

  /** All who do, did or will, in the order in which they begin. */
  async of(patientId: string): Promise<ShownProxy[]> {
    const found = await this.#people.proxiesOf(patientId);
    const shown = found.map(async ({ account, proxy }) => ({
      name: (await this.#people.nameOf(account)) ?? '',
      relation: proxy.relation,
      scope: proxy.scope,
      from: new Date(proxy.from).toISOString(),
      until: proxy.until === undefined ? undefined : new Date(proxy.until).toISOString(),
    }));
    return (await Promise.all(shown)).sort((a, b) => a.from.localeCompare(b.from));
  }
}
