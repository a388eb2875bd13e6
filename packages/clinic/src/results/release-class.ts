import type { Coding, Resource } from '@meridian/fhir';
import { allAnalytes, analyteOf } from './analytes.ts';
import type { ReleasableReport, ResultClass } from './release.ts';

const LOINC = 'http://loinc.org';
const DIAGNOSTIC_SERVICE = 'http://terminology.hl7.org/CodeSystem/v2-0074';

/** Classes by LOINC code of the report or of a result in it. */
const BY_LOINC: ReadonlyMap<string, ResultClass> = new Map([
  ...codes('hiv', ['75622-1', '7918-6', '5220-9', '20447-9', '48345-3', '56888-1']),
  ...codes('cancer-pathology', ['22637-3', '11526-1', '60568-3', '47527-7']),
  ...codes('genetics', ['51969-4', '55232-3', '81247-9']),
  ...codes('sexual-health', ['20507-0', '21613-5', '24111-7']),
  ...codes('imaging-cancer', ['24606-6', '24604-1']),
]);

/** Classes by the section of the service (HL7 table 0074). */
const BY_SECTION: ReadonlyMap<string, ResultClass> = new Map([
  ...codes('genetics', ['GE']),
  ...codes('cancer-pathology', ['SP', 'CP']),
]);

/** The most careful class that a report holds wins. */
const CARE: readonly ResultClass[] = [
  'genetics',
  'cancer-pathology',
  'hiv',
  'prenatal',
  'imaging-cancer',
  'sexual-health',
  'tumour-marker',
  'routine',
];

function codes(resultClass: ResultClass, list: readonly string[]): [string, ResultClass][] {
  return list.map((code) => [code, resultClass]);
}

/** The class of a report by its codes, its sections and the codes of its results; `routine` when none is known. */
export function resultClassOf(codings: readonly Coding[]): ResultClass {
  const found = new Set<ResultClass>();
  for (const { system, code } of codings) {
    if (code === undefined) continue;
    const one =
      system === LOINC ? classOfLoinc(code) : system === DIAGNOSTIC_SERVICE ? BY_SECTION.get(code) : undefined;
    if (one) found.add(one);
  }
  return CARE.find((one) => found.has(one)) ?? 'routine';
}

/** The codes by which a report or a result is of a class; none for `routine`, which is everything else. */
export function codingsOfClass(resultClass: ResultClass): { report: Coding[]; section: Coding[] } {
  const named = (table: ReadonlyMap<string, ResultClass>, system: string): Coding[] =>
    [...table].filter(([, one]) => one === resultClass).map(([code]) => ({ system, code }));
  const markers =
    resultClass === 'tumour-marker' ? allAnalytes().filter(({ group }) => group === 'tumour-markers') : [];
  return {
    report: [
      ...named(BY_LOINC, LOINC),
      ...markers.flatMap(({ loinc }) => loinc.map((code) => ({ system: LOINC, code }))),
    ],
    section: named(BY_SECTION, DIAGNOSTIC_SERVICE),
  };
}

function classOfLoinc(code: string): ResultClass | undefined {
  return BY_LOINC.get(code) ?? (analyteOf(code)?.group === 'tumour-markers' ? 'tumour-marker' : undefined);
}

const STATUS = [
  'registered',
  'partial',
  'preliminary',
  'final',
  'amended',
  'corrected',
  'appended',
  'cancelled',
  'entered-in-error',
] as const;

/** A DiagnosticReport and the Observations of it, as `releaseOf` takes them; undefined without id, status or time. */
export function toReleasableReport(report: Resource, results: readonly Resource[]): ReleasableReport | undefined {
  const shape = report as unknown as ReportShape;
  const status = STATUS.find((one) => one === shape.status);
  const issued = shape.issued ?? shape.effectiveDateTime;
  if (report.resourceType !== 'DiagnosticReport' || !shape.id || !status || !issued) return undefined;
  const codings = [
    ...(shape.code?.coding ?? []),
    ...(shape.category ?? []).flatMap((category) => category.coding ?? []),
    ...results.flatMap((one) => (one as unknown as ReportShape).code?.coding ?? []),
  ];
  return { id: `DiagnosticReport/${shape.id}`, class: resultClassOf(codings), status, issued };
}

interface ReportShape {
  id?: string;
  status?: string;
  issued?: string;
  effectiveDateTime?: string;
  code?: { coding?: Coding[] };
  category?: { coding?: Coding[] }[];
}
