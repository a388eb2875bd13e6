import { type KeyObject, randomInt } from 'node:crypto';
import { patientIdOf, type Resource } from '@meridian/fhir';
import type { Pool, PoolClient } from 'pg';
import { StoreError } from './errors.ts';
import { EVENT_KIND } from './events/event.ts';
import { sealEvent } from './events/outbox.ts';
import { Group } from './group.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { type PreparedVersion, type Preparer, prepareDeletion, prepareVersion, storedJson } from './prepare.ts';
import type { Reader } from './reader.ts';
import { eventBucket } from './sealing/bucket.ts';
import type { SearchEngine } from './search/engine.ts';
import { inTransaction, isTransient } from './sql/run.ts';
import { type WritableVersion, writeVersions } from './sql/write-versions.ts';
import type { Context, StoredVersion, Write, WriteResult } from './store.ts';
import type { OpenedVersion } from './stored-row.ts';
import type { CodeAliases } from './tokens/code-aliases.ts';
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
}

/**
 * All writes. A write is decided against the version it found and written only over that version; whoever loses a race
 * decides again. So nothing is lost without a word: each write is a version, or a refusal.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #group: Group<WritableVersion, boolean>;
  /** Versions whose commit failed, which may have been before or after it took place. */
  readonly #uncertain = new WeakSet<WritableVersion>();

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#group = new Group((versions) => this.#commitOrDoubt(versions), {
      most: 128,
      parallel: 3,
      queue: 10_000,
      keyOf: (version) => version.prepared.rid,
    });
  }

  /** One write, committed together with others that are under way. */
  async write(write: Write, context: Context): Promise<WriteResult> {
    if (write.op === 'create' && write.ifNoneExist) return only(await this.#createUnlessFound(write, context));
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const decision = this.#decide(write, await this.#current(write));
      if ('result' in decision) return decision.result;
      const writable = await this.#seal(decision.version, decision.outcome, context);
      if (await this.#group.submit(writable)) return resultOf(decision, writable);
      if (this.#uncertain.has(writable) && (await this.#stands(writable))) return resultOf(decision, writable);
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

  /** All or nothing. */
  async writeAll(writes: readonly Write[], context: Context): Promise<WriteResult[]> {
    refuseRepeats(writes);
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      try {
        return await inTransaction(this.#parts.pool, (client) => this.#writeAllIn(client, writes, context));
      } catch (error) {
        if (!(error instanceof LostRace) && !isTransient(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, randomInt(5, 20) * attempt));
      }
    }
    throw new StoreError('conflict', 409, 'Others keep changing resources of this transaction; send it again.');
  }

  async #writeAllIn(client: PoolClient, writes: readonly Write[], context: Context): Promise<WriteResult[]> {
    for (const write of writes) if (write.op === 'create') await this.#refuseIfFound(client, write);
    const changing: Write[] = writes.filter((write) => write.op !== 'create');
    const current = await this.#parts.reader.currentOf(client, changing.map(nameOf));
    const found = new Map<Write, OpenedVersion | undefined>(changing.map((write, i) => [write, current[i]]));
    const decisions = writes.map((write) => this.#decide(write, found.get(write)));
    const sealed = await this.#sealAll(decisions, context);
    const writables = sealed.filter((writable) => writable !== undefined);
    const written = await this.#commit(client, writables);
    const lost = writables.find((_, i) => !written[i]);
    // for an id that is taken already, deciding again would not help
    if (lost) throw writes[sealed.indexOf(lost)]?.op === 'create' ? idTaken(lost.prepared.stored) : new LostRace();
    return decisions.map((decision, i) => {
      const writable = sealed[i];
      return 'result' in decision || !writable
        ? (decision as { result: WriteResult }).result
        : resultOf(decision, writable);
    });
  }

  /** A conditional create inside a transaction: its search must still find nothing, or the caller starts again. */
  async #refuseIfFound(client: PoolClient, write: Write & { op: 'create' }): Promise<void> {
    if (!write.ifNoneExist) return;
    await this.#parts.search.lock(client, write.ifNoneExist);
    const matches = await this.#parts.search.few(client, write.ifNoneExist);
    if (matches.length > 0) {
      throw new StoreError(
        'conflict',
        409,
        'A resource that this transaction creates conditionally was just created by another request; send it again.',
      );
    }
  }

  /** The single conditional create: the search and the write are one transaction under a lock on the condition. */
  async #createUnlessFound(write: Write & { op: 'create' }, context: Context): Promise<WriteResult[]> {
    const { ifNoneExist, ...create } = write;
    if (!ifNoneExist) return [await this.write(create, context)];
    return inTransaction(this.#parts.pool, async (client) => {
      await this.#parts.search.lock(client, ifNoneExist);
      const matches = await this.#parts.search.few(client, ifNoneExist);
      if (matches.length > 1) {
        throw new StoreError(
          'multiple-matches',
          412,
          'More than one resource fulfils If-None-Exist; make the condition narrower.',
        );
      }
      const [match] = matches;
      if (match) return [{ outcome: 'unchanged', stored: match.stored }];
      return this.#writeAllIn(client, [create], context);
    });
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

function writable(
  version: PreparedVersion,
  key: KeyObject,
  auditKey: KeyObject,
  outcome: WriteResult['outcome'],
  context: Context,
): WritableVersion {
  const { stored, patient, digest } = version;
  const kind = outcome === 'deleted' ? 'deleted' : outcome === 'created' ? 'created' : 'updated';
  const event = sealEvent(auditKey, patient, {
    kind: EVENT_KIND[kind],
    at: stored.lastUpdated,
    context,
    subjects: [`${stored.type}/${stored.id}/_history/${stored.version}`],
    digest,
  });
  return { prepared: version, key, event };
}

function resultOf(decision: { outcome: WriteResult['outcome'] }, written: WritableVersion): WriteResult {
  const event = BigInt.asUintN(64, written.event.event).toString(16).padStart(16, '0');
  return { outcome: decision.outcome, stored: written.prepared.stored, event };
}

function only(results: readonly WriteResult[]): WriteResult {
  const [result] = results;
  if (!result) throw new Error('a write gave no result');
  return result;
}
