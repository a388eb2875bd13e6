import { inPatientCompartment } from '@meridian/fhir';
import type { Pool } from 'pg';
import { type Ids, NOBODY } from '../ids.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { ResourceName } from '../reader.ts';
import { int4Array, int8Array } from '../sql/binary-array.ts';
import { prepared, run } from '../sql/run.ts';
import type { ViewContext } from '../store.ts';
import { type LabelledRow, labelledHistoryColumns, type OpenedVersion, openRows } from '../stored-row.ts';
import type { Rule } from '../visibility.ts';
import { type AdmitOptions, admits } from './admits.ts';

/** A version that may be shown, and on what permission. */
export interface SeenVersion extends OpenedVersion {
  basis?: string;
}

const BEFORE_DELETION = prepared(/* sql */ `
  SELECT ${labelledHistoryColumns('h')}
    FROM unnest($1::int8[], $2::int8[], $3::int4[]) AS i(patient, rid, version)
    JOIN resource_history h USING (patient, rid, version)`);

/** Above this many patients one rule is asked for all of them together. */
const MOST_PATIENTS = 50;

export interface JudgeParts extends AdmitOptions {
  pool: Pool;
  keys: KeyRing;
  ids: Ids;
}

/** Decides about opened versions what of them may be shown. */
export class Judge {
  readonly #parts: JudgeParts;

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /**
   * The rule for what has this name. Where nothing was found, it is asked about the patient in whose record the name would
   * be, or about a number that is nobody's: the way to the answer must not tell whether there is something.
   */
  ruleForName({ type, id }: ResourceName, found: OpenedVersion | undefined, context: ViewContext): Promise<Rule> {
    return context.visibility.ruleFor({ types: [type], patient: found?.patient ?? this.#wouldBeIn(type, id) });
  }

  /** Those that the rule admits, in their order. */
  async byRule(rule: Rule, versions: readonly OpenedVersion[]): Promise<SeenVersion[]> {
    const seen = await this.#each(rule, versions);
    return seen.filter((version) => version !== undefined);
  }

  /** Each of them, or undefined where it may not be shown: by the rules for their patients. */
  async of(
    versions: readonly (OpenedVersion | undefined)[],
    context: ViewContext,
  ): Promise<(SeenVersion | undefined)[]> {
    const groups = Map.groupBy(
      versions.filter((version) => version !== undefined),
      (version) => version.patient,
    );
    const together = groups.size > MOST_PATIENTS;
    const seen = new Map<OpenedVersion, SeenVersion | undefined>();
    const judge = async (group: readonly OpenedVersion[], patient: bigint | undefined): Promise<void> => {
      const types = [...new Set(group.map(({ stored }) => stored.type))];
      const rule = await context.visibility.ruleFor({ types, ...(patient !== undefined && { patient }) });
      const judged = await this.#each(rule, group);
      for (const [i, version] of group.entries()) seen.set(version, judged[i]);
    };
    if (together) await judge([...groups.values()].flat(), undefined);
    else await Promise.all([...groups].map(([patient, group]) => judge(group, patient)));
    return versions.map((version) => version && seen.get(version));
  }

  async #each(rule: Rule, versions: readonly OpenedVersion[]): Promise<(SeenVersion | undefined)[]> {
    if (rule.kind === 'always') return [...versions];
    const before = await this.#beforeDeletion(versions);
    return versions.map((version) => {
      const judged = version.stored.deleted ? before.get(nameOf(version.rid, version.stored.version - 1)) : version;
      if (!judged) return undefined;
      const labels = version.labels | judged.labels;
      const { admitted, basis } = admits(rule, { ...judged, labels }, this.#parts);
      if (!admitted) return undefined;
      return basis === undefined ? version : { ...version, basis };
    });
  }

  /** A deletion says nothing by itself: it is shown to whoever may see what was deleted. */
  async #beforeDeletion(versions: readonly OpenedVersion[]): Promise<ReadonlyMap<string, OpenedVersion>> {
    const deleted = versions.filter(({ stored }) => stored.deleted);
    if (deleted.length === 0) return new Map();
    const { pool, keys } = this.#parts;
    const rows = await run<LabelledRow>(pool, BEFORE_DELETION, [
      int8Array(deleted.map(({ patient }) => patient)),
      int8Array(deleted.map(({ rid }) => rid)),
      int4Array(deleted.map(({ stored }) => stored.version - 1)),
    ]);
    const opened = await openRows(keys, rows);
    return new Map(opened.map((version) => [nameOf(version.rid, version.stored.version), version]));
  }

  #wouldBeIn(type: string, id: string): bigint {
    const { ids } = this.#parts;
    const hint = ids.hint(type, id);
    return hint === NOBODY && inPatientCompartment(type) ? ids.rid(type, id) : hint;
  }
}

function nameOf(rid: bigint, version: number): string {
  return `${rid} ${version}`;
}
