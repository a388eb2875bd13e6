import type { Coding, Resource } from '@meridian/fhir';
import { Fidelity, type FidelityReport } from '../evidence/fidelity.ts';
import { codingOf } from './codes.ts';
import { fhirDateTime } from './dates.ts';
import { nameText } from './imaging-study.ts';
import { type JsonDataSet, jsonItems, jsonName, jsonText } from './json-model.ts';

export const STRUCTURED_REPORT_CONVERTER = { name: 'dicom-sr-to-report', version: '1' } as const;

/** What a structured report became. */
export interface ReportResult {
  /** A DiagnosticReport, then its Observations. */
  resources: Resource[];
  fidelity: FidelityReport;
}

export interface ReportOptions {
  /** Such as `Patient/1`. */
  subject: string;
  /** Such as `ImagingStudy/1`. */
  study: string;
  /** The id of the nth resource, from 0: the same for the same report, so that taking it in again changes nothing. */
  idFor(at: number): string;
}

/** Observations of one report; the rest stays in its text. */
const MOST_OBSERVATIONS = 500;

/** Whether an instance is a structured document (PS3.3 §A.35): it has a content tree. */
export function isStructuredReport(dataSet: JsonDataSet): boolean {
  return jsonText(dataSet, '0040A040') === 'CONTAINER' && dataSet['0040A730'] !== undefined;
}

/**
 * A structured report as DiagnosticReport and Observations (PS3.3 §C.17.3): measurements, codes, texts and dates with a
 * concept name become Observations; the whole tree, references included, becomes the narrative.
 */
export function structuredReport(dataSet: JsonDataSet, options: ReportOptions): ReportResult {
  const fidelity = new Fidelity();
  for (const tag of Object.keys(dataSet)) {
    if (tag === '0040A730') continue;
    if (HEAD.has(tag)) fidelity.mapped(tag);
    else fidelity.kept(tag, 'the original instance');
  }
  const observations: Resource[] = [];
  const reportId = options.idFor(0);
  const effective = fhirDateTime(dataSet, '00080023', '00080033') ?? fhirDateTime(dataSet, '00080020', '00080030');
  const status = statusOf(dataSet);
  const visit = (item: JsonDataSet): string => {
    const found = observations.length < MOST_OBSERVATIONS ? observationOf(item) : undefined;
    const kind = `0040A730[${jsonText(item, '0040A040') ?? 'unknown'}]`;
    if (found) {
      fidelity.mapped(kind);
      observations.push({
        resourceType: 'Observation',
        id: options.idFor(observations.length + 1),
        status: status === 'final' ? 'final' : 'preliminary',
        subject: { reference: options.subject },
        derivedFrom: [{ reference: options.study }],
        ...(effective !== undefined && { effectiveDateTime: effective }),
        ...found,
      });
    } else fidelity.kept(kind, 'DiagnosticReport.text');
    const inner = jsonItems(item, '0040A730').map(visit).join('');
    const own = `<b>${escaped(conceptText(item))}</b> ${escaped(valueText(item))}`.trim();
    return `<li>${own}${inner === '' ? '' : `<ul>${inner}</ul>`}</li>`;
  };
  const narrative = jsonItems(dataSet, '0040A730').map(visit).join('');
  const title = codingOf(jsonItems(dataSet, '0040A043')[0]);
  const report: Resource = {
    resourceType: 'DiagnosticReport',
    id: reportId,
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml"><ul>${narrative || '<li>-</li>'}</ul></div>`,
    },
    identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${jsonText(dataSet, '00080018')}` }],
    status,
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'RAD' }] }],
    code: title ? concept(title) : { text: 'Structured report' },
    subject: { reference: options.subject },
    ...(effective !== undefined && { effectiveDateTime: effective }),
    ...(observations.length > 0 && { result: observations.map(({ id }) => ({ reference: `Observation/${id}` })) }),
    imagingStudy: [{ reference: options.study }],
  };
  return { resources: [report, ...observations], fidelity: fidelity.report() };
}

const HEAD: ReadonlySet<string> = new Set(
  '00080018 00080020 00080030 00080023 00080033 00080201 00100020 0020000D 0040A040 0040A043 0040A491 0040A493'.split(
    ' ',
  ),
);

/** Completion and verification (PS3.3 §C.17.2): only what somebody verified is final. */
function statusOf(dataSet: JsonDataSet): string {
  if (jsonText(dataSet, '0040A491') === 'PARTIAL') return 'partial';
  return jsonText(dataSet, '0040A493') === 'VERIFIED' ? 'final' : 'preliminary';
}

/** Code and value of a content item that says one thing; undefined for containers, references and unnamed items. */
function observationOf(item: JsonDataSet): { code: object; [value: string]: unknown } | undefined {
  const name = codingOf(jsonItems(item, '0040A043')[0]);
  if (name === undefined) return undefined;
  const code = concept(name);
  switch (jsonText(item, '0040A040')) {
    case 'NUM': {
      const quantity = quantityOf(item);
      return quantity && { code, valueQuantity: quantity };
    }
    case 'CODE': {
      const value = codingOf(jsonItems(item, '0040A168')[0]);
      return value && { code, valueCodeableConcept: concept(value) };
    }
    case 'TEXT': {
      const text = jsonText(item, '0040A160');
      return text === undefined ? undefined : { code, valueString: text };
    }
    default:
      return undefined;
  }
}

/** Measured Value Sequence (PS3.3 §C.18.1). */
function quantityOf(item: JsonDataSet): object | undefined {
  const [measured] = jsonItems(item, '0040A300');
  const value = Number(measured?.['0040A30A']?.Value?.[0] ?? Number.NaN);
  if (measured === undefined || !Number.isFinite(value)) return undefined;
  const unit = codingOf(jsonItems(measured, '004008EA')[0]);
  return {
    value,
    ...(unit?.display !== undefined && { unit: unit.display }),
    ...(unit?.system !== undefined && unit.code !== undefined && { system: unit.system, code: unit.code }),
  };
}

function concept(coding: Coding): object {
  return { coding: [coding], ...(coding.display !== undefined && { text: coding.display }) };
}

function conceptText(item: JsonDataSet): string {
  return codingOf(jsonItems(item, '0040A043')[0])?.display ?? '';
}

/** The value of any content item as it is read. */
function valueText(item: JsonDataSet): string {
  switch (jsonText(item, '0040A040')) {
    case 'NUM': {
      const [measured] = jsonItems(item, '0040A300');
      const unit = measured && codingOf(jsonItems(measured, '004008EA')[0])?.code;
      return `${measured?.['0040A30A']?.Value?.[0] ?? ''} ${unit ?? ''}`.trim();
    }
    case 'CODE':
      return codingOf(jsonItems(item, '0040A168')[0])?.display ?? '';
    case 'PNAME':
      return nameText(jsonName(item, '0040A123')) ?? '';
    case 'IMAGE':
    case 'COMPOSITE':
    case 'WAVEFORM':
      return jsonItems(item, '00081199')
        .map((one) => jsonText(one, '00081155') ?? '')
        .join(' ');
    default:
      return ['0040A160', '0040A121', '0040A122', '0040A120', '0040A124']
        .map((tag) => jsonText(item, tag) ?? '')
        .join('');
  }
}

function escaped(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
