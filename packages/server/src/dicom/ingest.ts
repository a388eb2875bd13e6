import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ConversionError, DicomReader, type InstanceIndex, instanceIndex, jsonText } from '@meridian/convert';
import { type BlobInfo, type BlobOwner, type Vault, VaultConflict, type ViewContext } from '@meridian/records';
import { type FilingParts, fileStudy, findStudy } from './filing.ts';
import { type KeptInstance, summaryOf } from './kept-instance.ts';
import { type HeldReason, matchPatient, type PatientFacts, patientFacts } from './patient-match.ts';

/** Most bytes of one instance. */
export const INSTANCE_LIMIT = 8 * 1024 ** 3;
/** Most bytes before the patient is known: those wait in memory, because the keys are the patient's. */
const MOST_HEAD = 4 * 1024 * 1024;
/** The patient module is read once an attribute behind it has begun. */
const BEHIND_PATIENT = '00100031';

export interface IngestParts extends FilingParts {
  vault: Vault;
  /** Identifier systems of issuers of patient ids. */
  systems: ReadonlyMap<string, string>;
}

/** What became of an instance. */
export type Received =
  | { outcome: 'kept' | 'repeated'; kept: KeptInstance }
  /** It waits for a person to say whose it is. */
  | { outcome: 'held'; reason: HeldReason; instance: string; sopClass: string; study: string };

/** An instance that waits, as the vault keeps it. Its bytes are a blob of nobody. */
export interface HeldInstance {
  reason: HeldReason;
  patient: PatientFacts;
  study: string;
  instance: string;
  sopClass: string;
  digest: string;
  size: number;
  /** Epoch milliseconds. */
  at: number;
  [more: string]: unknown;
}

/** An instance of another study than the one that was announced. */
export class WrongStudy extends Error {
  constructor() {
    super('The instance belongs to another study than the URL names.');
    this.name = 'WrongStudy';
  }
}

/** The bytes of an instance, and its data set without meta information, which senders write differently. */
type KeptBytes = BlobInfo & { dataSetDigest: string };

/** Under which instances that wait are found in the vault. */
export const HELD_LOOKUP = 'dicom';

/**
 * Takes in instances as they stream by: to the blobs of the patient, or of nobody where it is not sure whose they are. What
 * is answered is durable; the studies learn of the instances by `file`.
 */
export class Ingest {
  readonly #parts: IngestParts;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  /**
   * Throws ConversionError for what is not DICOM.
   *
   * @param source a file (PS3.10) or a bare data set
   * @param patientId whose it is, where a person has said so
   * @param study the only study that is taken; WrongStudy is thrown for others
   */
  async receive(source: AsyncIterable<Buffer>, patientId?: string, study?: string): Promise<Received> {
    const reader = new DicomReader();
    const chunks = source[Symbol.asyncIterator]();
    const head = await readHead(chunks, reader);
    const facts = patientFacts(reader);
    const match = patientId === undefined ? await matchPatient(facts, this.#parts) : { patientId };
    let index: InstanceIndex | undefined;
    const hash = createHash('sha256');
    let failure: unknown;
    const read = async (chunk: Buffer | undefined): Promise<void> => {
      try {
        if (chunk !== undefined) return await reader.write(chunk);
        await reader.end();
        index = instanceIndex(reader);
        if (study !== undefined && jsonText(index.dataSet, '0020000D') !== study) throw new WrongStudy();
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    async function* content(): AsyncGenerator<Buffer> {
      const start = Buffer.concat(head);
      hash.update(start.subarray(reader.file.dataSetFrom ?? start.length));
      yield start;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
        await read(next.value);
        hash.update(next.value);
        yield next.value;
      }
      // what is refused here leaves nothing behind
      await read(undefined);
    }
    const owner: BlobOwner = 'held' in match ? {} : { patientId: match.patientId };
    const { blobs } = this.#parts.store;
    const info = await blobs.put(owner, Readable.from(content()), INSTANCE_LIMIT).catch((error: unknown) => {
      // the blob store tells only that its source broke
      throw failure ?? error;
    });
    if (index === undefined) throw new ConversionError('The instance could not be read; send it again.');
    if ('held' in match) {
      // what a person has filed once need not be filed by one again
      const standing = await this.#parts.kept.get(jsonText(index.dataSet, '00080018') as string);
      if (standing?.dataSetDigest !== hash.digest('hex')) return this.#hold(match.held, facts, index, info);
      await this.#parts.store.blobs.release({}, info.digest);
      return { outcome: 'repeated', kept: standing };
    }
    return this.#keep(match.patientId, facts, index, { ...info, dataSetDigest: hash.digest('hex') });
  }

  async #keep(patientId: string, facts: PatientFacts, index: InstanceIndex, info: KeptBytes): Promise<Received> {
    const { dataSet } = index;
    const uid = (tag: string): string => jsonText(dataSet, tag) as string;
    const kept = {
      study: uid('0020000D'),
      series: uid('0020000E'),
      instance: uid('00080018'),
      patientId,
      transferSyntax: index.transferSyntax,
      ...info,
      summary: summaryOf(dataSet),
    };
    const study = await findStudy(kept.study, this.#parts);
    if (study && subjectOf(study.resource) !== `Patient/${patientId}`) {
      return this.#move('study-of-another-patient', patientId, facts, index, info);
    }
    const standing = await this.#parts.kept.get(kept.instance);
    if (standing) return this.#again(standing, kept, facts, index, info);
    try {
      await this.#parts.kept.add(kept, index);
    } catch (error) {
      if (!(error instanceof VaultConflict)) throw error;
      const winner = await this.#parts.kept.get(kept.instance);
      if (winner) return this.#again(winner, kept, facts, index, info);
      throw error;
    }
    return { outcome: 'kept', kept: { ...kept, index } };
  }

  async #again(
    standing: KeptInstance,
    { patientId, dataSetDigest }: { patientId: string; dataSetDigest: string },
    facts: PatientFacts,
    index: InstanceIndex,
    info: BlobInfo,
  ): Promise<Received> {
    if (standing.dataSetDigest === dataSetDigest && standing.patientId === patientId) {
      // the same data set with other meta information: it came another way
      if (standing.digest !== info.digest) await this.#parts.store.blobs.release({ patientId }, info.digest);
      return { outcome: 'repeated', kept: standing };
    }
    return this.#move('uid-taken', patientId, facts, index, info);
  }

  /** From the patient's blobs to those of nobody: it is not sure that it is the patient's. */
  async #move(
    reason: HeldReason,
    patientId: string,
    facts: PatientFacts,
    index: InstanceIndex,
    info: BlobInfo,
  ): Promise<Received> {
    const { blobs } = this.#parts.store;
    const found = await blobs.get({ patientId }, info.digest);
    if (found) await blobs.put({}, found.content, INSTANCE_LIMIT);
    const kept = await this.#parts.kept.get(jsonText(index.dataSet, '00080018') as string);
    if (kept?.digest !== info.digest) await blobs.release({ patientId }, info.digest);
    return this.#hold(reason, facts, index, info);
  }

  async #hold(reason: HeldReason, patient: PatientFacts, index: InstanceIndex, info: BlobInfo): Promise<Received> {
    const uid = (tag: string): string => jsonText(index.dataSet, tag) as string;
    const { digest, size } = info;
    const held: HeldInstance = {
      reason,
      patient: { id: patient.id, issuer: patient.issuer, birthDate: patient.birthDate },
      study: uid('0020000D'),
      instance: uid('00080018'),
      sopClass: uid('00080016'),
      digest,
      size,
      at: this.#parts.now(),
    };
    // the same bytes wait once
    const [standing] = await this.#parts.vault.find('dead-letter', `dicom-digest:${digest}`, 1);
    await this.#parts.vault.change([
      {
        op: 'put',
        kind: 'dead-letter',
        id: standing?.id ?? randomUUID(),
        content: held,
        lookups: [HELD_LOOKUP, `dicom-digest:${digest}`],
      },
    ]);
    return { outcome: 'held', reason, instance: held.instance, sopClass: held.sopClass, study: held.study };
  }

  /** Makes instances part of their studies; of several studies, one after the other. */
  async file(instances: readonly KeptInstance[], context: ViewContext): Promise<void> {
    for (const group of Map.groupBy(instances, ({ study }) => study).values()) {
      await fileStudy(group, context, this.#parts);
    }
  }

  /** Makes new instances part of their study, or forgets them where the caller may not write it. */
  async fileOrForget(instances: readonly KeptInstance[], context: ViewContext): Promise<void> {
    try {
      await this.file(instances, context);
    } catch (error) {
      await this.#parts.kept.forget(instances);
      throw error;
    }
  }

  /** Finishes what a process that ended could not. */
  async recover(context: ViewContext): Promise<void> {
    for (let unfiled = await this.#parts.kept.unfiled(); unfiled.length > 0; ) {
      await this.file(unfiled, context);
      if (unfiled.length < 1000) return;
      unfiled = await this.#parts.kept.unfiled();
    }
  }
}

async function readHead(chunks: AsyncIterator<Buffer>, reader: DicomReader): Promise<Buffer[]> {
  const head: Buffer[] = [];
  let size = 0;
  while (reader.reached < BEHIND_PATIENT) {
    const next = await chunks.next();
    if (next.done) break;
    await reader.write(next.value);
    head.push(next.value);
    size += next.value.length;
    if (size > MOST_HEAD) {
      throw new ConversionError('The instance does not name its patient within 4 MiB; have it exported again.');
    }
  }
  return head;
}

function subjectOf(study: { [element: string]: unknown }): string | undefined {
  return (study.subject as { reference?: string } | undefined)?.reference;
}
