import { type KeyObject, randomInt } from 'node:crypto';
import { patientIdOf, type Resource } from '@meridian/fhir';
import type { Pool, PoolClient } from 'pg';
import { StoreError } from './errors.ts';
import { EVENT_KIND } from './events/event.ts';
import { eventNumber } from './events/record-events.ts';
import { Group } from './group.ts';
import type { Ids } from './ids.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { type PreparedVersion, type Preparer, prepareDeletion, prepareVersion, storedJson } from './prepare.ts';
import type { Reader } from './reader.ts';
import { eventBucket } from './sealing/bucket.ts';
import type { SearchEngine } from './search/engine.ts';
import { sightOf } from './search/sight.ts';
import { inTransaction, isTransient } from './sql/run.ts';
import { type WritableVersion, writeVersions } from './sql/write-versions.ts';
import type { Change, Context, StoredVersion, ViewContext, Write, WriteResult } from './store.ts';
import type { OpenedVersion } from './stored-row.ts';
import type { CodeAliases } from './tokens/code-aliases.ts';
import type { Views } from './views.ts';
import type { Judge } from './visibility/judge.ts';
import { writable } from './writable-version.ts';
import { Permissions, type Permitted } from './write-permissions.ts';
import { idOf, idTaken, nameOf, refuseRepeats, requireMatch, wouldMove } from './write-rules.ts';

/** How often a write that lost a race is tried again before the caller hears of it. */
const TRIES = 8;

/** A write decided against the state it found: either nothing to do, or a version to put on top of it. */
type Decision = { result: WriteResult } | { version: PreparedVersion; outcome: WriteResult['outcome'] };

export interface WriterParts {
  pool: Pool;
  keys: KeyRing;
  reader: Reader;
  search: SearchEngine;
  preparer: Preparer;
  now: () => number;
  aliases: CodeAliases;
  ids: Ids;
  views: Views;
  judge: Judge;
  /** Told of each committed write before it is answered. */
  tell: (change: Change) => void;
}

/**
 * All writes. A write is decided against the version it found and written only over that version; whoever loses a race
 * decides again. So nothing is lost without a word: each write is a version, or a refusal.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #permissions: Permissions;
  readonly #group: Group<WritableVersion, boolean>;
  /** Versions whose commit failed, which may have been before or after it took place. */
  readonly #uncertain = new WeakSet<WritableVersion>();

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#permissions = new Permissions(parts);
    this.#group = new Group((versions) => this.#commitOrDoubt(versions), {
      most: 128,
      parallel: 3,
      queue: 10_000,
      keyOf: (version) => version.prepared.rid,
    });
  }

  /** One write, committed together with others that are under way. */
  async write(write: Write, context: ViewContext): Promise<WriteResult> {
    if (write.op === 'create' && write.ifNoneExist) return only(await this.#createUnlessFound(write, context));
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const found = await this.#current(write);
      const current = write.op === 'create' ? undefined : await this.#permissions.standing(write, found, context);
      const decision = this.#decide(write, current);
      if ('result' in decision) return decision.result;
      await this.#permissions.require(decision.version, current, context);
      const writable = await this.#seal(decision.version, decision.outcome, context);
      const written = await this.#group.submit(writable);
      if (written || (this.#uncertain.has(writable) && (await this.#stands(writable)))) {
        return this.#committed(decision, writable);
      }
      if (write.op === 'create') throw idTaken(decision.version.stored);
    }
    throw new StoreError('conflict', 409, 'Others keep changing this resource; read it again and retry your change.');
  }

  /** A commit of many that failed is tried again one by one: what it did write must not look like another's work. */
  async #commitOrDoubt(versions: readonly WritableVersion[]): Promise<boolean[]> {
    try {
      return await this.#commit(this.#parts.pool, versions);
    } catch (error) {
      for (const version of versions) this.#uncertain.add(version);
      throw error;
    }
  }

  async #stands({ prepared }: WritableVersion): Promise<boolean> {
    const { type, id, version, lastUpdated, json } = prepared.stored;
    const standing = (await this.#parts.reader.current({ type, id }))?.stored;
    if (standing?.version !== version || standing.lastUpdated !== lastUpdated) return false;
    return json === undefined ? standing.deleted : standing.json?.equals(json) === true;
  }

  get backlog(): number {
    return this.#group.backlog;
  }

  /** Resolves when nothing waits to be committed. */
  drained(): Promise<void> {
    return this.#group.drained();
  }

  /** All or nothing. What may be written is decided before the transaction, which then holds only over what was decided on. */
  async writeAll(writes: readonly Write[], context: ViewContext): Promise<WriteResult[]> {
    refuseRepeats(writes);
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const permitted = await this.#permit(writes, context);
      try {
        const all = await inTransaction(this.#parts.pool, (client) =>
          this.#writeAllIn(client, writes, context, permitted),
        );
        return all.map(({ decision, writable }) => this.#committed(decision, writable));
      } catch (error) {
        if (!(error instanceof LostRace) && !isTransient(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, randomInt(5, 20) * attempt));
      }
    }
    throw new StoreError('conflict', 409, 'Others keep changing resources of this transaction; send it again.');
  }

  /** What of the writes is allowed, or throws. */
  #permit(writes: readonly Write[], context: ViewContext): Promise<Permitted> {
    return this.#permissions.forAll(writes, context, (write, current) => {
      const decision = this.#decide(write, current);
      return 'version' in decision ? decision.version : undefined;
    });
  }

  async #writeAllIn(
    client: PoolClient,
    writes: readonly Write[],
    context: Context,
    permitted: Permitted,
  ): Promise<{ decision: Decision; writable: WritableVersion | undefined }[]> {
    for (const write of writes) if (write.op === 'create') await this.#refuseIfFound(client, write, permitted);
    const changing: Write[] = writes.filter((write) => write.op !== 'create');
    const current = await this.#parts.reader.currentOf(client, changing.map(nameOf));
    const found = new Map<Write, OpenedVersion | undefined>();
    for (const [i, write] of changing.entries()) {
      const standing = permitted.standing(write, current[i]);
      if (standing === 'changed') throw new LostRace();
      found.set(write, standing);
    }
    const decisions = writes.map((write) => this.#decide(write, found.get(write)));
    const sealed = await this.#sealAll(decisions, context);
    const writables = sealed.filter((writable) => writable !== undefined);
    const written = await this.#commit(client, writables);
    const lost = writables.find((_, i) => !written[i]);
    // for an id that is taken already, deciding again would not help
    if (lost) throw writes[sealed.indexOf(lost)]?.op === 'create' ? idTaken(lost.prepared.stored) : new LostRace();
    return decisions.map((decision, i) => ({ decision, writable: sealed[i] }));
  }

  /** The result of what is committed, once those who listen have heard of it. */
  #committed(decision: Decision, writable: WritableVersion | undefined): WriteResult {
    if ('result' in decision) return decision.result;
    if (!writable) throw new Error('a version was committed that was never sealed');
    const { patient, stored } = writable.prepared;
    this.#parts.tell({ type: stored.type, id: stored.id, patient });
    return { outcome: decision.outcome, stored, event: eventNumber(writable.event.event) };
  }

  /** A conditional create inside a transaction: its search must still find nothing, or the caller starts again. */
  async #refuseIfFound(client: PoolClient, write: Write & { op: 'create' }, permitted: Permitted): Promise<void> {
    if (!write.ifNoneExist) return;
    await this.#parts.search.lock(client, write.ifNoneExist);
    const matches = await this.#parts.search.few(client, write.ifNoneExist, permitted.sight(write));
    if (matches.length > 0) {
      throw new StoreError(
        'conflict',
        409,
        'A resource that this transaction creates conditionally was just created by another request; send it again.',
      );
    }
  }

  /**
   * The single conditional create: the search and the write are one transaction under a lock on the condition. A match
   * that the caller may not see does not count: to say that it is there would reveal it, so a second one is created.
   */
  async #createUnlessFound(write: Write & { op: 'create' }, context: ViewContext): Promise<WriteResult[]> {
    const { ifNoneExist, ...create } = write;
    if (!ifNoneExist) return [await this.write(create, context)];
    const sight = await sightOf(ifNoneExist, context, this.#parts.ids);
    const permitted = await this.#permit([create], context);
    const all = await inTransaction(this.#parts.pool, async (client) => {
      await this.#parts.search.lock(client, ifNoneExist);
      const matches = await this.#parts.search.few(client, ifNoneExist, sight);
      if (matches.length > 1) {
        throw new StoreError(
          'multiple-matches',
          412,
          'More than one resource fulfils If-None-Exist; make the condition narrower.',
        );
      }
      const [match] = matches;
      if (match) return { match };
      return { written: await this.#writeAllIn(client, [create], context, permitted) };
    });
    if (all.written) return all.written.map(({ decision, writable }) => this.#committed(decision, writable));
    // the answer may hold the match
    await this.#parts.views.record(EVENT_KIND.viewed, [all.match], context);
    return [{ outcome: 'unchanged', stored: all.match.stored }];
  }

  async #current(write: Write): Promise<OpenedVersion | undefined> {
    return write.op === 'create' ? undefined : this.#parts.reader.current(nameOf(write));
  }

  #decide(write: Write, current: OpenedVersion | undefined): Decision {
    switch (write.op) {
      case 'create':
        return { version: this.#prepare(write.resource, this.#newId(write), 1, 'POST'), outcome: 'created' };
      case 'update':
        return this.#decideUpdate(write, current);
      case 'delete':
        return this.#decideDeletion(write, current);
    }
  }

  #decideUpdate(write: Write & { op: 'update' }, current: OpenedVersion | undefined): Decision {
    const { resource } = write;
    const id = idOf(resource);
    requireMatch(write.ifMatch, current);
    if (write.onlyIfNew && current && !current.stored.deleted) {
      throw new StoreError('conflict', 412, 'The resource exists already, and If-None-Match: * asked for a new one.');
    }
    const before = current?.stored;
    if (before?.json && storedJson(resource, id, before.version, before.lastUpdated).equals(before.json)) {
      return { result: { outcome: 'unchanged', stored: before } };
    }
    const version = this.#prepare(resource, id, (before?.version ?? 0) + 1, write.method ?? 'PUT');
    if (current && current.patient !== version.patient) {
      throw wouldMove();
    }
    return { version, outcome: before && !before.deleted ? 'updated' : 'created' };
  }

  #decideDeletion(write: Write & { op: 'delete' }, current: OpenedVersion | undefined): Decision {
    requireMatch(write.ifMatch, current);
    if (!current) {
      const stored = { type: write.type, id: write.id, version: 0, lastUpdated: 0, deleted: true, json: undefined };
      return { result: { outcome: 'absent', stored: { ...stored, method: 'DELETE' } } };
    }
    if (current.stored.deleted) return { result: { outcome: 'unchanged', stored: current.stored } };
    return { version: prepareDeletion(current, this.#parts.now()), outcome: 'deleted' };
  }

  #newId(write: Write & { op: 'create' }): string {
    const { ids, baseUrl } = this.#parts.preparer;
    return write.id ?? ids.assign(ids.patient(patientIdOf(write.resource, baseUrl)));
  }

  #prepare(resource: Resource, id: string, number: number, method: StoredVersion['method']): PreparedVersion {
    return prepareVersion(this.#parts.preparer, resource, { id, number, at: this.#parts.now(), method });
  }

  async #seal(version: PreparedVersion, outcome: WriteResult['outcome'], context: Context): Promise<WritableVersion> {
    const audit = { patient: version.patient, bucket: eventBucket(version.stored.lastUpdated) };
    const keys = this.#parts.keys;
    const [key, auditKey] =
      keys.cached(version) && keys.cached(audit)
        ? [keys.cached(version), keys.cached(audit)]
        : await keys.bucketKeys([version, audit]);
    return writable(version, key as KeyObject, auditKey as KeyObject, outcome, context);
  }

  async #sealAll(decisions: readonly Decision[], context: Context): Promise<(WritableVersion | undefined)[]> {
    const versions = decisions.filter((decision) => 'version' in decision).map((decision) => decision.version);
    await this.#parts.keys.bucketKeys(
      versions.flatMap((version) => [
        version,
        { patient: version.patient, bucket: eventBucket(version.stored.lastUpdated) },
      ]),
    );
    return Promise.all(
      decisions.map((decision) =>
        'version' in decision ? this.#seal(decision.version, decision.outcome, context) : undefined,
      ),
    );
  }

  async #commit(database: Pool | PoolClient, versions: readonly WritableVersion[]): Promise<boolean[]> {
    if (versions.length === 0) return [];
    await this.#parts.aliases.add(versions.flatMap((version) => version.prepared.columns.coded));
    return writeVersions(database, versions);
  }
}

/** Something changed between reading and writing inside a transaction. */
class LostRace extends Error {}

function only(results: readonly WriteResult[]): WriteResult {
  const [result] = results;
  if (!result) throw new Error('a write gave no result');
  return result;
}
