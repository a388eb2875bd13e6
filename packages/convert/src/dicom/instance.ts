import { ConversionError } from '../evidence/converter.ts';
import type { DataSet, Extent } from './data-set.ts';
import { type JsonDataSet, jsonText, toDicomJson } from './json-model.ts';
import type { DicomReader } from './read.ts';

/** What a store keeps beside an instance, so that its parts are found without reading it again. */
export interface InstanceIndex {
  transferSyntax: string;
  /** The whole data set in the DICOM JSON model, with relative BulkDataURIs: `bulkdata/PATH`. */
  dataSet: JsonDataSet;
  /** Where large values lie, by path. */
  bulk: { [path: string]: Extent };
  /** Compressed pixel data. */
  fragments?: { offsets: number[]; extents: Extent[] };
  /** Extents count bytes of the inflated stream, of which the first so many are not deflated. */
  deflatedFrom?: number;
}

const PIXEL_DATA = '7FE00010';

/** A UID (PS3.5 §9.1). Some writers put leading zeros into components; those are let in. */
const UID = /^[0-9]+(?:\.[0-9]+)*$/;

export function isUid(text: string): boolean {
  return text.length <= 64 && UID.test(text);
}

/** The index of an instance that was read to its end. Throws ConversionError where it lacks what makes it one. */
export function instanceIndex(reader: DicomReader): InstanceIndex {
  const { dataSet, transferSyntax } = reader.file;
  const bulk: InstanceIndex['bulk'] = {};
  gatherBulk(dataSet, '', bulk);
  const index: InstanceIndex = {
    transferSyntax,
    dataSet: toDicomJson(dataSet, (path) => `bulkdata/${path}`),
    bulk,
    ...(reader.deflatedFrom !== undefined && { deflatedFrom: reader.deflatedFrom }),
  };
  const pixels = dataSet.elements.get(PIXEL_DATA)?.value;
  if (pixels?.kind === 'fragments') index.fragments = { offsets: pixels.offsets, extents: pixels.fragments };
  for (const [tag, name] of REQUIRED) {
    const uid = jsonText(index.dataSet, tag);
    if (uid === undefined || !isUid(uid)) {
      throw new ConversionError(`The instance has no valid ${name}; have the sender export it again.`, tag);
    }
  }
  return index;
}

/** Type 1 for every composite instance (PS3.3 §C.12.1, §C.7.2.1, §C.7.3.1). */
const REQUIRED = [
  ['00080016', 'SOP Class UID'],
  ['00080018', 'SOP Instance UID'],
  ['0020000D', 'Study Instance UID'],
  ['0020000E', 'Series Instance UID'],
] as const;

function gatherBulk(dataSet: DataSet, path: string, into: InstanceIndex['bulk']): void {
  for (const { tag, value } of dataSet.elements.values()) {
    if (value.kind === 'bulk') into[`${path}${tag}`] = value.extent;
    if (value.kind === 'items') {
      value.items.forEach((item, at) => {
        gatherBulk(item, `${path}${tag}/${at + 1}/`, into);
      });
    }
  }
}
