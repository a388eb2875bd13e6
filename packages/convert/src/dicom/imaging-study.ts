import type { Resource } from '@meridian/fhir';
import { Fidelity, type FidelityReport } from '../evidence/fidelity.ts';
import { codingOf, modalityCoding } from './codes.ts';
import { fhirDateTime } from './dates.ts';
import { type JsonDataSet, type JsonPersonName, jsonItems, jsonName, jsonNumber, jsonText } from './json-model.ts';

export const IMAGING_STUDY_CONVERTER = { name: 'dicom-to-imaging-study', version: '1' } as const;

interface Series {
  uid: string;
  instance: { uid: string; sopClass: { system: string; code: string }; number?: number; title?: string }[];
  [element: string]: unknown;
}

/** The parts of an ImagingStudy (FHIR R4) that are written here. */
interface ImagingStudy extends Resource {
  series?: Series[];
}

/** Where in an ImagingStudy each attribute goes. All others stay in the instance. */
const MAPPED: ReadonlySet<string> = new Set(
  (
    '00080016 00080018 00080020 00080030 00080050 00080060 00080090 00080201 00081030 00081032 0008103E 00080021 ' +
    '00080031 00100010 00100020 00100021 00100024 00180015 00081050 0020000D 0020000E 00200011 00200013'
  ).split(' '),
);

/** What of instances became part of the study, and what stays in them. */
export function imagingFidelity(instances: readonly JsonDataSet[]): FidelityReport {
  const fidelity = new Fidelity();
  for (const dataSet of instances) {
    for (const tag of Object.keys(dataSet)) {
      if (MAPPED.has(tag)) fidelity.mapped(tag);
      else fidelity.kept(tag, 'the original instance');
    }
  }
  return fidelity.report();
}

/**
 * One ImagingStudy for all instances of a study (FHIR R4, ImagingStudy; mappings to DICOM in its section 8.16.7): what
 * stands, with these instances added. An instance that is there already is replaced, so the order of arrival and
 * repetitions do not matter to the result.
 *
 * @param standing the study as it is kept; undefined: these are its first instances
 * @param subject such as `Patient/1`
 */
export function imagingStudy(
  standing: Resource | undefined,
  instances: readonly JsonDataSet[],
  subject: string,
): Resource {
  const study: ImagingStudy = standing ? (structuredClone(standing) as ImagingStudy) : begun(instances[0], subject);
  const series = new Map((study.series ?? []).map((one) => [one.uid, one]));
  for (const dataSet of instances) addInstance(series, dataSet);
  const ordered = [...series.values()].sort(byNumberThenUid);
  const modalities = [...new Set(ordered.map((one) => (one.modality as { code: string }).code))].sort();
  return {
    ...study,
    modality: modalities.map(modalityCoding),
    numberOfSeries: ordered.length,
    numberOfInstances: ordered.reduce((sum, one) => sum + one.instance.length, 0),
    series: ordered,
  };
}

function begun(first: JsonDataSet | undefined, subject: string): ImagingStudy {
  const dataSet = first ?? {};
  const accession = jsonText(dataSet, '00080050');
  const started = fhirDateTime(dataSet, '00080020', '00080030');
  const referrer = nameText(jsonName(dataSet, '00080090'));
  const description = jsonText(dataSet, '00081030');
  const procedures = jsonItems(dataSet, '00081032').flatMap((item) => codingOf(item) ?? []);
  return {
    resourceType: 'ImagingStudy',
    identifier: [
      { system: 'urn:dicom:uid', value: `urn:oid:${jsonText(dataSet, '0020000D')}` },
      ...(accession !== undefined ? [{ type: ACCESSION, value: accession }] : []),
    ],
    status: 'available',
    subject: { reference: subject },
    ...(started !== undefined && { started }),
    ...(referrer !== undefined && { referrer: { display: referrer } }),
    ...(procedures.length > 0 && { procedureCode: procedures.map((coding) => ({ coding: [coding] })) }),
    ...(description !== undefined && { description }),
  };
}

const ACCESSION = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] };

function addInstance(series: Map<string, Series>, dataSet: JsonDataSet): void {
  const uid = jsonText(dataSet, '0020000E') as string;
  const one = series.get(uid) ?? newSeries(uid, dataSet);
  series.set(uid, one);
  const number = positive(jsonNumber(dataSet, '00200013'));
  const instance = {
    uid: jsonText(dataSet, '00080018') as string,
    sopClass: { system: 'urn:ietf:rfc:3986', code: `urn:oid:${jsonText(dataSet, '00080016')}` },
    ...(number !== undefined && { number }),
  };
  one.instance = [...one.instance.filter((other) => other.uid !== instance.uid), instance].sort(byNumberThenUid);
  one.numberOfInstances = one.instance.length;
}

function newSeries(uid: string, dataSet: JsonDataSet): Series {
  const number = positive(jsonNumber(dataSet, '00200011'));
  const description = jsonText(dataSet, '0008103E');
  const started = fhirDateTime(dataSet, '00080021', '00080031');
  const bodyPart = jsonText(dataSet, '00180015');
  const performer = nameText(jsonName(dataSet, '00081050'));
  return {
    uid,
    ...(number !== undefined && { number }),
    // Modality is type 1; where a writer left it out it is "other" (CID 29)
    modality: modalityCoding(jsonText(dataSet, '00080060') ?? 'OT'),
    ...(description !== undefined && { description }),
    ...(bodyPart !== undefined && { bodySite: { display: bodyPart } }),
    ...(started !== undefined && { started }),
    ...(performer !== undefined && { performer: [{ actor: { display: performer } }] }),
    instance: [],
  };
}

/** `unsignedInt` of FHIR. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : undefined;
}

function byNumberThenUid(a: object, b: object): number {
  const [one, other] = [a, b] as { number?: number; uid: string }[];
  const difference = (one?.number ?? 2 ** 31) - (other?.number ?? 2 ** 31);
  return difference || ((one?.uid ?? '') < (other?.uid ?? '') ? -1 : 1);
}

/** A name for a reader: characters before letters, given before family where it is in letters (PS3.5 §6.2.1). */
export function nameText(name: JsonPersonName | undefined): string | undefined {
  if (name?.Ideographic) return name.Ideographic.replaceAll('^', '');
  const [family, given, middle, prefix, suffix] = (name?.Alphabetic ?? '').split('^');
  return [prefix, given, middle, family, suffix].filter(Boolean).join(' ') || undefined;
}
