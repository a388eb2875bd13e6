import { StoreError } from './errors.ts';
import type { Ids } from './ids.ts';
import type { PreparedVersion } from './prepare.ts';
import type { Reader } from './reader.ts';
import { ALL_SIGHT, type Sight, sightOf } from './search/sight.ts';
import type { ViewContext, Write } from './store.ts';
import type { OpenedVersion } from './stored-row.ts';
import type { Views } from './views.ts';
import type { Judge } from './visibility/judge.ts';
import { EVERYTHING, type WriteAttempt } from './visibility.ts';
import { nameOf } from './write-rules.ts';

interface PermissionParts {
  reader: Reader;
  judge: Judge;
  views: Views;
  ids: Ids;
}

/** A write of something that may stand already. */
type Changing = Write & { op: 'update' | 'delete' };

/** What was decided about the writes of a transaction before it began. */
export interface Permitted {
  /** What stands for this write, given what the transaction found; `changed`: it is not what was decided about. */
  standing(write: Write, found: OpenedVersion | undefined): OpenedVersion | undefined | 'changed';
  /** What the condition of a create may see. */
  sight(write: Write): Sight;
}

const ALL: Permitted = { standing: (_write, found) => found, sight: () => ALL_SIGHT };

/** Asks whether writes are allowed, and keeps hidden resources out of them. */
export class Permissions {
  readonly #parts: PermissionParts;

  constructor(parts: PermissionParts) {
    this.#parts = parts;
  }

  /**
   * What stands, as far as the writer may see it. Whoever does not see everything updates only what they see: to update
   * what is hidden, or what there is not, is answered as a read of it would be, 404, so that ids cannot be probed by
   * writing (FHIR R4, RESTful API §3.1.0.4.1: servers may refuse an update that would create). To delete it, or to ask for
   * a version of it, is answered as for what does not exist.
   */
  async standing(
    write: Changing,
    found: OpenedVersion | undefined,
    context: ViewContext,
  ): Promise<OpenedVersion | undefined> {
    const { judge, views } = this.#parts;
    const name = nameOf(write);
    const rule = await judge.ruleForName(name, found, context);
    if (rule.kind === 'always') return found;
    const [seen] = found ? await judge.byRule(rule, [found]) : [];
    if (seen) return found;
    if (found) await views.recordRefused([found], context);
    else await views.nothing();
    if (write.op === 'update' && write.ifMatch === undefined) {
      throw new StoreError('not-found', 404, `There is no ${name.type} with this id.`);
    }
    return undefined;
  }

  /** Throws 403 with the reason where the write is not allowed. */
  async require(version: PreparedVersion, before: OpenedVersion | undefined, context: ViewContext): Promise<void> {
    const sentence = await context.visibility.refusesWrite(attemptOf(version, before));
    if (sentence === undefined) return;
    if (before) await this.#parts.views.recordRefused([before], context);
    throw new StoreError('forbidden', 403, sentence);
  }

  /**
   * The same for all writes of a transaction, before anything of it is written.
   *
   * @param prepare the version that a write would put on top of what stands; undefined where it would change nothing
   */
  async forAll(
    writes: readonly Write[],
    context: ViewContext,
    prepare: (write: Write, current: OpenedVersion | undefined) => PreparedVersion | undefined,
  ): Promise<Permitted> {
    if (context.visibility === EVERYTHING) return ALL;
    const { reader, ids } = this.#parts;
    const changing = writes.filter((write): write is Changing => write.op !== 'create');
    const standing = new Map<Write, { version: number | undefined; visible: boolean }>();
    const sights = new Map<Write, Sight>();
    const found = await Promise.all(changing.map((write) => reader.current(nameOf(write))));
    const current = new Map<Write, OpenedVersion | undefined>();
    for (const [i, write] of changing.entries()) {
      const seen = await this.standing(write, found[i], context);
      standing.set(write, { version: found[i]?.stored.version, visible: seen !== undefined });
      current.set(write, seen);
    }
    for (const write of writes) {
      if (write.op === 'create' && write.ifNoneExist) sights.set(write, await sightOf(write.ifNoneExist, context, ids));
      const version = prepare(write, current.get(write));
      if (version) await this.require(version, current.get(write), context);
    }
    return {
      standing(write, now) {
        const then = standing.get(write);
        if (then?.version !== now?.stored.version) return 'changed';
        return then?.visible ? now : undefined;
      },
      // a condition that nobody asked about sees nothing
      sight: (write) => sights.get(write) ?? { found: { kind: 'never' }, passed: { kind: 'never' } },
    };
  }
}

function attemptOf(version: PreparedVersion, before: OpenedVersion | undefined): WriteAttempt {
  const { stored, patient, labels } = version;
  const standing = before?.stored.json;
  return {
    action: stored.deleted ? 'delete' : standing ? 'update' : 'create',
    type: stored.type,
    id: stored.id,
    patient,
    before: before && standing ? { json: standing, labels: before.labels } : undefined,
    after: stored.json ? { json: stored.json, labels } : undefined,
  };
}
