import { parseReference, type Resource } from '@meridian/fhir';

/** Somebody has a patient in care for a time: what one Encounter, Appointment, referral … says. */
export interface CareFact {
  /** `Encounter/1`: stands in the event of a view that it allows. */
  basis: string;
  /** References of the people: Practitioner, PractitionerRole. */
  people: readonly string[];
  /** References of Organizations. */
  organizations: readonly string[];
  /** Epoch milliseconds, half-open. */
  from: number;
  until: number;
}

/** How long care lasts beyond what is written. All in days. */
export interface CareTerms {
  /** After an Encounter ended: results come in, letters are written. */
  afterEncounter: number;
  /** An Encounter that nobody closed counts no longer than this from its start. */
  longestEncounter: number;
  /** Before and after an Appointment. */
  aroundAppointment: number;
  /** A ServiceRequest that stays active counts no longer than this from when it was written. */
  longestReferral: number;
}

export const DEFAULT_CARE_TERMS: CareTerms = {
  afterEncounter: 30,
  longestEncounter: 365,
  aroundAppointment: 7,
  longestReferral: 180,
};

export const DAY = 86_400_000;

/** The types that care follows from. */
export const CARE_TYPES = [
  'Encounter',
  'Appointment',
  'ServiceRequest',
  'CareTeam',
  'EpisodeOfCare',
  'Patient',
] as const;

/** Reads care from a resource; undefined where it says none. Dates that are missing or unreadable say none. */
export function careFact(resource: Resource, terms: CareTerms, baseUrl?: string): CareFact | undefined {
  const reader = READERS[resource.resourceType];
  const found = reader?.(new Source(resource, baseUrl), terms);
  if (!found || !(found.from < found.until)) return undefined;
  const people = found.people.filter(isCarer);
  const organizations = found.organizations.filter((reference) => reference.startsWith('Organization/'));
  if (people.length === 0 && organizations.length === 0) return undefined;
  return { ...found, basis: `${resource.resourceType}/${resource.id}`, people, organizations };
}

/** Whether a reference names somebody who can treat; patients and relatives take part in appointments too. */
export function isCarer(reference: string): boolean {
  return reference.startsWith('Practitioner/') || reference.startsWith('PractitionerRole/');
}

type Reader = (source: Source, terms: CareTerms) => Omit<CareFact, 'basis'> | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  Encounter: (source, terms) => {
    const { start, end } = source.period('period');
    const people = source.list('participant').flatMap((participant) => participant.references('individual'));
    const organizations = source.references('serviceProvider');
    if (start === undefined) return undefined;
    if (source.is('status', ['arrived', 'triaged', 'in-progress', 'onleave'])) {
      return { people, organizations, from: start, until: start + terms.longestEncounter * DAY };
    }
    if (!source.is('status', ['finished']) || end === undefined) return undefined;
    return { people, organizations, from: start, until: end + terms.afterEncounter * DAY };
  },
  Appointment: (source, terms) => {
    const start = source.instant('start');
    if (start === undefined || !source.is('status', ['pending', 'booked', 'arrived', 'checked-in', 'fulfilled'])) {
      return undefined;
    }
    const people = source
      .list('participant')
      .filter((participant) => !participant.is('status', ['declined']))
      .flatMap((participant) => participant.references('actor'));
    const around = terms.aroundAppointment * DAY;
    return { people, organizations: [], from: start - around, until: start + around };
  },
  ServiceRequest: (source, terms) => {
    const written = source.instant('authoredOn');
    if (written === undefined || !source.is('status', ['active']) || source.is('intent', ['proposal']))
      return undefined;
    const performers = source.references('performer');
    return {
      people: performers,
      organizations: performers,
      from: written,
      until: written + terms.longestReferral * DAY,
    };
  },
  CareTeam: (source) => {
    if (!source.is('status', ['active'])) return undefined;
    const { start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY, broken } = source.period('period');
    // organisations in a care team hold it together; their people count when the team names them. A member whose own
    // time in the team is limited counts where the whole time of the team is within it
    const people = source
      .list('participant')
      .filter((participant) => {
        const own = participant.period('period');
        return (
          !own.broken &&
          (own.start ?? Number.NEGATIVE_INFINITY) <= start &&
          (own.end ?? Number.POSITIVE_INFINITY) >= end
        );
      })
      .flatMap((participant) => participant.references('member'));
    return broken ? undefined : { people, organizations: [], from: start, until: end };
  },
  EpisodeOfCare: (source) => {
    const { start, end = Number.POSITIVE_INFINITY, broken } = source.period('period');
    if (start === undefined || broken || !source.is('status', ['active', 'onhold'])) return undefined;
    const people = source.references('careManager');
    return { people, organizations: source.references('managingOrganization'), from: start, until: end };
  },
  Patient: (source) => {
    const people = source.references('generalPractitioner');
    return { people, organizations: [], from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  },
};

/** Elements of parsed JSON of which nothing is certain. */
class Source {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #baseUrl: string | undefined;

  constructor(members: unknown, baseUrl: string | undefined) {
    this.#members = typeof members === 'object' && members !== null ? (members as Record<string, unknown>) : {};
    this.#baseUrl = baseUrl;
  }

  is(name: string, codes: readonly string[]): boolean {
    const code = this.#members[name];
    return typeof code === 'string' && codes.includes(code);
  }

  list(name: string): Source[] {
    const list = this.#members[name];
    return Array.isArray(list) ? list.slice(0, MAX_LIST).map((entry) => new Source(entry, this.#baseUrl)) : [];
  }

  /** `Type/id` of one Reference or of a list of them. */
  references(name: string): string[] {
    const value = this.#members[name];
    const list: unknown[] = Array.isArray(value) ? value.slice(0, MAX_LIST) : [value];
    return list.flatMap((entry) => {
      const text = (entry as { reference?: unknown } | null | undefined)?.reference;
      if (typeof text !== 'string') return [];
      const parsed = parseReference(text, this.#baseUrl);
      return parsed.kind === 'local' ? [`${parsed.type}/${parsed.id}`] : [];
    });
  }

  instant(name: string): number | undefined {
    const text = this.#members[name];
    const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  }

  /** `broken`: a bound is there and cannot be read. An end that names a whole day includes it. */
  period(name: string): { start?: number; end?: number; broken: boolean } {
    const period = new Source(this.#members[name], this.#baseUrl);
    const start = period.instant('start');
    const end = period.instant('end');
    const whole = String(period.#members.end).length === 10 ? DAY : 0;
    return {
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end: end + whole }),
      broken: ['start', 'end'].some((bound) => bound in period.#members && period.instant(bound) === undefined),
    };
  }
}

const MAX_LIST = 500;
