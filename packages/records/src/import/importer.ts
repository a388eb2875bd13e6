import { hasErrors, type Issue, isResourceType, mapReferences, type Resource, validate } from '@meridian/fhir';
import type { Pool } from 'pg';
import { type ContentParts, moveLargeContent } from '../content/large-content.ts';
import { StoreError } from '../errors.ts';
import { EVENT_KIND } from '../events/event.ts';
import { sealEvents } from '../events/outbox.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type PreparedVersion, type Preparer, prepareVersion, storedJson } from '../prepare.ts';
import type { Reader } from '../reader.ts';
import { isTransient } from '../sql/run.ts';
import { type WritableVersion, writeVersions } from '../sql/write-versions.ts';
import type { BlobStore, Context, ImportReport, ImportUnit } from '../store.ts';
import type { OpenedVersion } from '../stored-row.ts';
import type { CodeAliases } from '../tokens/code-aliases.ts';
import type { References } from './conditional-references.ts';
import { derivedId, type Entry, readEntries } from './entries.ts';
import { Tally } from './report.ts';

/** Versions in one statement. */
const BATCH = 250;
/** How often a version that another writer overtook is decided again. */
const TRIES = 5;

export interface ImporterParts {
  pool: Pool;
  keys: KeyRing;
  reader: Reader;
  preparer: Preparer;
  references: References;
  aliases: CodeAliases;
  blobs: BlobStore;
  baseUrl: string;
  now: () => number;
}

/** A valid resource on its way in. */
interface Incoming {
  index: number;
  resource: Resource;
  id: string;
  /** A Binary that an attachment became: stored with the rest, but nothing that was read. */
  added?: true;
}

/** Validates, prepares, seals and writes one unit. Runs in a worker thread, with connections of its own. */
export async function importUnit(parts: ImporterParts, unit: ImportUnit, context: Context): Promise<ImportReport> {
  const tally = new Tally();
  const incoming: Incoming[] = [];
  const entries = readEntries(unit);
  const resolve = await parts.references.resolver(entries.flatMap((entry) => entry.resource ?? []));
  for (const entry of entries) {
    const accepted = accept(entry, resolve, tally);
    if (accepted) incoming.push(...(await withoutLargeContent(parts, accepted, tally)));
  }
  for (const batch of batchesOf(incoming)) await writeBatch(parts, batch, context, tally);
  return tally.report;
}

/** The resource and the Binaries that its large attachments become: named by their content, so that again is the same. */
async function withoutLargeContent(parts: ImporterParts, one: Incoming, tally: Tally): Promise<Incoming[]> {
  const { blobs, baseUrl } = parts;
  const idFor: ContentParts['idFor'] = ({ owner, digest }) => derivedId(`${owner.patientId ?? ''} ${digest}`, 0);
  try {
    const binaries = await moveLargeContent(one.resource, { blobs, baseUrl, idFor });
    return [
      ...binaries.map((resource): Incoming => ({ index: one.index, resource, id: resource.id ?? '', added: true })),
      one,
    ];
  } catch (error) {
    if (!(error instanceof StoreError) || error.status >= 500) throw error;
    tally.reject(one.index, one.resource, [{ severity: 'error', code: error.code, diagnostics: error.message }]);
    return [];
  }
}

function accept(
  { index, resource, issue }: Entry,
  resolve: (reference: string) => string | undefined,
  tally: Tally,
): Incoming | undefined {
  if (!resource) {
    tally.reject(index, undefined, issue ? [issue] : []);
    return undefined;
  }
  let unresolved = 0;
  mapReferences(resource, (reference) => {
    if (!/^[A-Za-z]+\?/.test(reference)) return undefined;
    const found = resolve(reference);
    if (found === undefined) unresolved++;
    return found;
  });
  const issues = unresolved > 0 ? [notFound(unresolved)] : validate(resource);
  const known = isResourceType(resource.resourceType);
  if (!known || hasErrors(issues) || resource.id === undefined) {
    tally.reject(index, resource, issues);
    return undefined;
  }
  return { index, resource, id: resource.id };
}

function notFound(count: number): Issue {
  return {
    severity: 'error',
    code: 'not-found',
    diagnostics: `${count} conditional reference(s) find no resource, or more than one. Import what they refer to first, then this again.`,
  };
}

/** Runs of distinct resources, so that a resource that occurs twice becomes two versions in their order. */
function* batchesOf(incoming: readonly Incoming[]): Generator<Incoming[]> {
  let batch = new Map<string, Incoming>();
  for (const one of incoming) {
    const name = `${one.resource.resourceType}/${one.id}`;
    if (batch.size >= BATCH || batch.has(name)) {
      yield [...batch.values()];
      batch = new Map();
    }
    batch.set(name, one);
  }
  if (batch.size > 0) yield [...batch.values()];
}

async function writeBatch(parts: ImporterParts, batch: Incoming[], context: Context, tally: Tally): Promise<void> {
  // most imports are of new records: only what is found to be there already is read
  let left = await writeOver(parts, batch, new Map(), context, tally);
  for (let attempt = 0; left.length > 0 && attempt < TRIES; attempt++) {
    const names = left.map((one) => ({ type: one.resource.resourceType, id: one.id }));
    const current = await parts.reader.currentOf(parts.pool, names);
    const standing = new Map(left.map((one, i) => [one, current[i]]));
    left = await writeOver(parts, left, standing, context, tally);
  }
  for (const one of left) tally.reject(one.index, one.resource, [overtaken()]);
}

/** Writes each version over what stands; gives back those that found something else standing. */
async function writeOver(
  parts: ImporterParts,
  batch: readonly Incoming[],
  standing: ReadonlyMap<Incoming, OpenedVersion | undefined>,
  context: Context,
  tally: Tally,
): Promise<Incoming[]> {
  const versions = new Map<Incoming, PreparedVersion>();
  for (const one of batch) {
    const current = standing.get(one);
    if (current && isUnchanged(one, current)) {
      if (!one.added) tally.count(one.resource.resourceType, 'unchanged');
      continue;
    }
    const version = prepare(parts, one, (current?.stored.version ?? 0) + 1);
    if (current && current.patient !== version.patient) tally.reject(one.index, one.resource, [moved()]);
    else versions.set(one, version);
  }
  if (versions.size === 0) return [];
  const written = await writePatiently(parts, await sealAll(parts, [...versions.values()], context));
  const left: Incoming[] = [];
  [...versions].forEach(([one, version], i) => {
    if (!written[i]) left.push(one);
    else if (!one.added) tally.count(one.resource.resourceType, version.stored.version === 1 ? 'created' : 'updated');
  });
  return left;
}

async function writePatiently(parts: ImporterParts, versions: WritableVersion[]): Promise<boolean[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeVersions(parts.pool, versions);
    } catch (error) {
      if (attempt >= TRIES || !isTransient(error)) throw error;
    }
  }
}

function isUnchanged(one: Incoming, { stored }: OpenedVersion): boolean {
  return !!stored.json && storedJson(one.resource, one.id, stored.version, stored.lastUpdated).equals(stored.json);
}

function prepare(parts: ImporterParts, one: Incoming, number: number): PreparedVersion {
  return prepareVersion(parts.preparer, one.resource, { id: one.id, number, at: parts.now(), method: 'PUT' });
}

async function sealAll(
  parts: ImporterParts,
  versions: readonly PreparedVersion[],
  context: Context,
): Promise<WritableVersion[]> {
  await parts.aliases.add(versions.flatMap((version) => version.columns.coded));
  const keys = await parts.keys.bucketKeys(versions);
  const events = await sealEvents(
    parts.keys,
    versions.map(({ patient, stored, digest }) => ({
      patient,
      content: {
        kind: EVENT_KIND.imported,
        at: stored.lastUpdated,
        context,
        subjects: [`${stored.type}/${stored.id}/_history/${stored.version}`],
        digest,
      },
    })),
  );
  return versions.flatMap((prepared, i) => {
    const [key, event] = [keys[i], events[i]];
    return key && event ? [{ prepared, key, event }] : [];
  });
}

function overtaken(): Issue {
  return { severity: 'error', code: 'conflict', diagnostics: 'Others kept changing this resource; import it again.' };
}

function moved(): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    diagnostics: 'There is a resource with this id in another patient’s record; a record cannot be moved by an import.',
  };
}
