import { EVENT_KIND, type MayOpen, type RecordStore } from '@meridian/records';
import type { Bearer } from '../access/tokens.ts';
import { contextOf, type VisibilityOf } from '../access/visibility-of.ts';

export interface EventOpenersParts {
  store: Pick<RecordStore, 'sees' | 'patientNumber'>;
  visibilityOf: VisibilityOf;
  /** Epoch milliseconds. */
  now: () => number;
}

/** Kinds of events that say of one version that it was written, and so no more than the version itself. */
const OF_VERSION: ReadonlySet<number> = new Set([
  EVENT_KIND.created,
  EVENT_KIND.updated,
  EVENT_KIND.deleted,
  EVENT_KIND.imported,
  EVENT_KIND.consentGiven,
  EVENT_KIND.consentWithdrawn,
]);
const VERSION = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})\/_history\/([1-9]\d{0,8})$/;

/**
 * Who may see what an event of the ledger says: whoever caused it, the patient in whose chain it stands and that patient's
 * proxies, whoever may see the version that it says was written, and programs that may read everything. Who looked at a
 * record is for its patient to know, not for others who may look at it.
 */
export class EventOpeners {
  readonly #parts: EventOpenersParts;

  constructor(parts: EventOpenersParts) {
    this.#parts = parts;
  }

  of(bearer: Bearer): MayOpen {
    if (readsEverything(bearer)) return () => true;
    const { store } = this.#parts;
    const own = new Set(this.#ownPatients(bearer).map((id) => store.patientNumber(id)));
    return async (event, patient) => {
      if (own.has(patient)) return true;
      if (!event) return false;
      if (event.actor === bearer.actor) return true;
      return OF_VERSION.has(event.kind) && this.#seesAll(event.subjects, bearer);
    };
  }

  /** Whether this is the bearer's own record, or that of somebody whose proxy the bearer is. */
  isOwn(bearer: Bearer, patientId: string): boolean {
    return this.#ownPatients(bearer).includes(patientId);
  }

  /** Events of a chain are AuditEvents to FHIR: an app that was not given those does not get them here either. */
  #ownPatients({ viewer, scopes }: Bearer): string[] {
    if (!scopes.allow('r', 'AuditEvent')) return [];
    const now = this.#parts.now();
    const proxied = viewer.proxyFor.filter(({ from, until }) => from <= now && (until === undefined || now < until));
    return [
      ...(viewer.patientId === undefined ? [] : [viewer.patientId]),
      ...proxied.map(({ patientId }) => patientId),
    ];
  }

  async #seesAll(subjects: readonly string[], { viewer }: Bearer): Promise<boolean> {
    const { store, visibilityOf } = this.#parts;
    const context = contextOf(viewer, '', visibilityOf);
    for (const subject of subjects) {
      const [, type, id, version] = VERSION.exec(subject) ?? [];
      if (type === undefined || id === undefined) return false;
      if (!(await store.sees(type, id, Number(version), context))) return false;
    }
    return subjects.length > 0;
  }
}

/** A program that may read everything. */
export function readsEverything(bearer: Bearer): boolean {
  return bearer.actor === 'system' && bearer.scopes.allow('r', undefined);
}
