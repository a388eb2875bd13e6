import type { Filter } from '@meridian/fhir';

/**
 * A condition on stored resources that decides who may see them. One rule has two readings that must agree: compiled to
 * SQL for searches, so that hidden rows neither appear, count, sort nor page; and evaluated on opened records for reads,
 * histories, inclusions, exports and blobs.
 */
export type Rule =
  | { kind: 'always' }
  | { kind: 'never' }
  | { kind: 'all'; of: readonly Rule[] }
  | { kind: 'any'; of: readonly Rule[] }
  | { kind: 'not'; of: Rule }
  /** The resource is of one of these types. */
  | { kind: 'types'; types: readonly string[] }
  /** It is in the record of one of these patients (numbers, see ids.ts). */
  | { kind: 'patients'; patients: readonly bigint[] }
  /** It is in nobody's record: organisations, practitioners, definitions. */
  | { kind: 'nobody' }
  /** It carries at least one of these labels (bits, see labels.ts). */
  | { kind: 'labels'; mask: number }
  /** It is of one of `types` and fulfils a search filter on those. */
  | { kind: 'filter'; types: readonly string[]; filter: Filter }
  /** What the inner rule admits is admitted for this reason: it stands in the event of the view. */
  | { kind: 'because'; basis: string; rule: Rule };

/** What a search or read is about, as far as it is known before. */
export interface VisibilityScope {
  /** Types of the resources; all types where it is empty. */
  types: readonly string[];
  /**
   * The one patient in whose record everything is looked for; 0: in nobody's. A number that belongs to no patient is
   * asked for as well, where something does not exist: the answer must take the same way then.
   */
  patient?: bigint;
}

/** What of the store one caller may see and change. There is no default: whoever calls the store must say. */
export interface Visibility {
  /** The rule at this moment; asked anew for every request, page, and batch of an export. */
  ruleFor(scope: VisibilityScope): Promise<Rule>;
  /**
   * Whether a write is allowed. `before` is the version that stands, visible or not; `after` what shall be written,
   * undefined for a deletion. Answers undefined, or the sentence that refuses it.
   */
  refusesWrite(change: WriteAttempt): Promise<string | undefined>;
}

/** A write before it is carried out. */
export interface WriteAttempt {
  action: 'create' | 'update' | 'delete';
  type: string;
  id: string | undefined;
  /** The patient in whose record it is or will be; 0 for nobody's. */
  patient: bigint;
  before: { json: Buffer; labels: number } | undefined;
  after: { json: Buffer; labels: number } | undefined;
}

/** For the system itself: admits all and refuses nothing. */
export const EVERYTHING: Visibility = {
  ruleFor: () => Promise.resolve(ALWAYS),
  refusesWrite: () => Promise.resolve(undefined),
};

const ALWAYS: Rule = { kind: 'always' };
