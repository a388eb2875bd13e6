import type { RecordStore } from '@meridian/records';
import type { Notice, Role, Viewer } from '@meridian/viewing';
import { LRUCache } from 'lru-cache';

/** Reads a resource for the house itself: nobody sees it, so it is no view. */
export type ReadForUs = RecordStore['evidence']['read'];

/** Names change seldom; a minute late is soon enough for a list of who looked. */
const FRESH = 60_000;
const MOST = 5000;

interface HumanName {
  text?: string;
  family?: string;
  given?: string[];
}

/** How actors and organisations are shown to patients: names of people who work, never of patients. */
export class Names {
  readonly #read: ReadForUs;
  readonly #known = new LRUCache<string, { name: string }>({ max: MOST, ttl: FRESH });

  constructor(read: ReadForUs) {
    this.#read = read;
  }

  /** The name of a Practitioner, Organization, RelatedPerson or Device; the reference itself where there is none. */
  async of(reference: string): Promise<string> {
    const known = this.#known.get(reference);
    if (known) return known.name;
    const name = (await this.#load(reference)) ?? reference;
    this.#known.set(reference, { name });
    return name;
  }

  /** The names of many, for a page of events. */
  async all(references: Iterable<string>): Promise<Map<string, string>> {
    const wanted = [...new Set(references)];
    const names = await Promise.all(wanted.map((reference) => this.of(reference)));
    return new Map(wanted.map((reference, i) => [reference, names[i] as string]));
  }

  async ofViewer(viewer: Viewer): Promise<{ name: string; role: string; organization?: string }> {
    const [organization] = viewer.organizations;
    return {
      name: await this.of(viewer.actor),
      role: principalRole(viewer.roles),
      ...(organization !== undefined && { organization: `Organization/${organization}` }),
    };
  }

  /** An actor as a notice names it. */
  async ofActor(actor: string, role: string, organization?: string): Promise<NonNullable<Notice['by']>> {
    return { actor, name: await this.of(actor), role, ...(organization !== undefined && { organization }) };
  }

  async #load(reference: string): Promise<string | undefined> {
    const [type = '', id = ''] = reference.split('/');
    if (!SHOWN.has(type)) return undefined;
    const stored = await this.#read(type, id);
    if (!stored?.json) return undefined;
    const { name, deviceName } = JSON.parse(stored.json.toString('utf8')) as {
      name?: string | HumanName[];
      deviceName?: { name?: string }[];
    };
    if (typeof name === 'string') return name;
    return name?.map(written).join(' ') ?? deviceName?.[0]?.name;
  }
}

const SHOWN = new Set(['Practitioner', 'Organization', 'RelatedPerson', 'Device']);

function written({ text, family, given }: HumanName): string {
  return text ?? [...(given ?? []), ...(family === undefined ? [] : [family])].join(' ');
}

/** The role in which somebody with several roles treats patients, or else the first. */
export function principalRole(roles: readonly Role[]): Role | 'none' {
  const clinical: readonly Role[] = ['western-practitioner', 'tcm-practitioner', 'nurse', 'pharmacist', 'laboratory'];
  return clinical.find((role) => roles.includes(role)) ?? roles[0] ?? 'none';
}
