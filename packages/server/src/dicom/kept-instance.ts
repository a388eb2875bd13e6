import type { InstanceIndex, JsonDataSet } from '@meridian/convert';
import type { BlobOwner, BlobStore, Vault, VaultChange, VaultContent } from '@meridian/records';

/** An instance as it is kept: sealed under its patient's keys, beside the blob with its bytes. */
export interface KeptInstance {
  study: string;
  series: string;
  instance: string;
  patientId: string;
  transferSyntax: string;
  /** Of the bytes as they came (PS3.10): hex SHA-256, and how many. */
  digest: string;
  size: number;
  /** Of the data set alone, without meta information. */
  dataSetDigest: string;
  /** Attributes for searches at all levels. */
  summary: JsonDataSet;
  /** The index itself where it is small, else the digest of the blob with its JSON. */
  index: InstanceIndex | { digest: string };
}

/** Bytes of JSON that stand in the document itself. */
const INLINE = 100_000;
/** Instances of one study that are read at a time, and at most. */
const PAGE = 500;
const MOST_INSTANCES = 20_000;

/** What searches answer, match and file by (PS3.18 §10.6.3). */
const SUMMARY_TAGS = (
  '00080005 00080016 00080018 00080020 00080021 00080030 00080031 00080050 00080060 00080090 00080201 0008103E 00081030 ' +
  '00081032 00081050 00100010 00100020 00100021 00100030 00100040 00180015 0020000D 0020000E 00200010 00200011 00200013 ' +
  '00280008 00280010 00280011 00280100 00400244 00400245 00400275 0040A043'
).split(' ');

export function summaryOf(dataSet: JsonDataSet): JsonDataSet {
  return Object.fromEntries(SUMMARY_TAGS.flatMap((tag) => (dataSet[tag] ? [[tag, dataSet[tag]]] : [])));
}

/** Where instances are found again. */
export class KeptInstances {
  readonly #vault: Vault;
  readonly #blobs: BlobStore;

  constructor(vault: Vault, blobs: BlobStore) {
    this.#vault = vault;
    this.#blobs = blobs;
  }

  async get(instance: string): Promise<KeptInstance | undefined> {
    const found = await this.#vault.get<VaultContent>('other', nameOf(instance));
    return found?.content as KeptInstance | undefined;
  }

  /** All of one study. */
  async ofStudy(study: string): Promise<KeptInstance[]> {
    const all: KeptInstance[] = [];
    let after: string | undefined;
    while (all.length < MOST_INSTANCES) {
      const page = await this.#vault.find<VaultContent>('other', `dicom-study:${study}`, PAGE, after);
      all.push(...page.map(({ content }) => content as unknown as KeptInstance));
      after = page.at(-1)?.id;
      if (page.length < PAGE) break;
    }
    return all;
  }

  /** One of a study, for what is the same in all. */
  async oneOfStudy(study: string): Promise<KeptInstance | undefined> {
    const [found] = await this.#vault.find<VaultContent>('other', `dicom-study:${study}`, 1);
    return found?.content as KeptInstance | undefined;
  }

  /**
   * Keeps a new instance together with the note that its study does not know of it yet: should the process end before the
   * study is written, the next one finds the note. Throws VaultConflict where the instance is kept already.
   */
  async add(kept: Omit<KeptInstance, 'index'>, index: InstanceIndex): Promise<void> {
    const json = Buffer.from(JSON.stringify(index));
    const place = json.length <= INLINE ? index : { digest: await this.#keepIndex(kept.patientId, json) };
    const content = { ...kept, index: place } as unknown as VaultContent;
    const { instance, patientId, study } = kept;
    await this.#vault.change([
      {
        op: 'put',
        kind: 'other',
        id: nameOf(instance),
        content,
        lookups: [`dicom-study:${study}`],
        revision: 0,
        patientId,
      },
      { op: 'put', kind: 'other', id: noteOf(instance), content: { instance }, lookups: [UNFILED], patientId },
    ]);
  }

  async #keepIndex(patientId: string, json: Buffer): Promise<string> {
    const { Readable } = await import('node:stream');
    return (await this.#blobs.put({ patientId }, Readable.from([json]), MOST_INDEX)).digest;
  }

  async indexOf({ index, patientId }: KeptInstance): Promise<InstanceIndex> {
    if ('dataSet' in index) return index;
    const chunks: Buffer[] = [];
    const found = await this.#blobs.get({ patientId }, index.digest);
    for await (const chunk of found?.content ?? []) chunks.push(chunk as Buffer);
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as InstanceIndex;
  }

  /** Instances of which their studies do not know; at most 1,000. */
  async unfiled(): Promise<KeptInstance[]> {
    const notes = await this.#vault.find<VaultContent>('other', UNFILED, 1000);
    const all = await Promise.all(notes.map(({ content }) => this.get(String(content.instance))));
    return all.filter((kept) => kept !== undefined);
  }

  /** The studies of these instances know of them now. */
  async filed(instances: readonly string[]): Promise<void> {
    const changes = instances.map((instance): VaultChange => ({ op: 'remove', kind: 'other', id: noteOf(instance) }));
    await this.#vault.change(changes);
  }

  /** Undoes `add` for instances that were refused after all. */
  async forget(instances: readonly KeptInstance[]): Promise<void> {
    for (const { instance, patientId, digest, index } of instances) {
      await this.#vault.change([
        { op: 'remove', kind: 'other', id: nameOf(instance) },
        { op: 'remove', kind: 'other', id: noteOf(instance) },
      ]);
      await this.#blobs.release({ patientId }, digest);
      if ('digest' in index) await this.#blobs.release({ patientId }, index.digest);
    }
  }
}

const UNFILED = 'dicom-unfiled';
/** A data set holds at most 16 MiB of values; in JSON they may be several times that. */
const MOST_INDEX = 256 * 1024 * 1024;

function nameOf(instance: string): string {
  return `dicom/${instance}`;
}

function noteOf(instance: string): string {
  return `dicom-unfiled/${instance}`;
}

export function ownerOf({ patientId }: KeptInstance): BlobOwner {
  return { patientId };
}
