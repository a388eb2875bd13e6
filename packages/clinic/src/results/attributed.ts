import type { Coding, Resource } from '@meridian/fhir';

/**
 * Interpretations of a report by named readers. They are FHIR R4 ClinicalImpression, since that is a clinician's assessment
 * that names what it investigated and what it found (DiagnosticReport.conclusion belongs to the laboratory and must not
 * be rewritten); a Provenance beside each carries the reader and the signature. Nothing overwrites: a reader who thinks
 * again adds a new one that names the one before (`ClinicalImpression.previous`).
 */
export interface AttributedInterpretation {
  id: string;
  /** `DiagnosticReport/…`. */
  report: string;
  /** `Patient/…`. */
  patient: string;
  reader: { reference: string; display?: string; qualification?: string };
  /** FHIR dateTime. */
  at: string;
  summary: string;
  findings: readonly ReadFinding[];
  /** `id` of the reader's own earlier interpretation that this one takes the place of. */
  supersedes?: string;
}

/** One thing that the reader looked for. */
export interface ReadFinding {
  code: Coding;
  presence: 'present' | 'absent' | 'uncertain';
  /** What it rests on, such as the value seen. */
  basis?: string;
}

/** The error of an interpretation that may not be added. */
export class AttributionError extends Error {
  override name = 'AttributionError';
}

const MOST_FINDINGS = 200;
const LONGEST_SUMMARY = 20_000;

/**
 * The interpretations with one more.
 *
 * @throws AttributionError if the id is taken, the report is another, the interpretation is older than what it supersedes,
 * supersedes somebody else's or an already superseded one, or is larger than 200 findings or 20,000 characters.
 */
export function addInterpretation(
  existing: readonly AttributedInterpretation[],
  added: AttributedInterpretation,
): readonly AttributedInterpretation[] {
  if (existing.some((one) => one.id === added.id)) {
    throw new AttributionError('An interpretation is never overwritten: give the new one an id of its own.');
  }
  if (existing.some((one) => one.report !== added.report)) {
    throw new AttributionError('Interpretations of different reports are kept apart.');
  }
  if (added.findings.length > MOST_FINDINGS || added.summary.length > LONGEST_SUMMARY) {
    throw new AttributionError(`Keep to ${MOST_FINDINGS} findings and ${LONGEST_SUMMARY} characters.`);
  }
  if (added.supersedes !== undefined) checkSuperseded(existing, added);
  return [...existing, added];
}

function checkSuperseded(existing: readonly AttributedInterpretation[], added: AttributedInterpretation): void {
  const before = existing.find((one) => one.id === added.supersedes);
  if (!before) throw new AttributionError('The interpretation to supersede is not there.');
  if (before.reader.reference !== added.reader.reference) {
    throw new AttributionError("Nobody supersedes another reader's interpretation: add your own beside it.");
  }
  if (existing.some((one) => one.supersedes === before.id)) {
    throw new AttributionError('That interpretation is superseded already: supersede the newest one.');
  }
  if (!(Date.parse(added.at) >= Date.parse(before.at))) {
    throw new AttributionError('The new interpretation must not be older than the one it supersedes.');
  }
}

/** The newest interpretation of each line of thought: those that no other supersedes. */
export function currentInterpretations(all: readonly AttributedInterpretation[]): AttributedInterpretation[] {
  const superseded = new Set(all.map((one) => one.supersedes));
  return all.filter((one) => !superseded.has(one.id));
}

/** One finding beside all readers. */
export interface ComparedFinding {
  code: Coding;
  verdict: 'agree' | 'disagree' | 'partly' | 'single';
  /** In the order of the readers; absent where a reader says nothing about it. */
  readings: readonly (ReadFinding | undefined)[];
}

/** Readers side by side. */
export interface Comparison {
  readers: readonly AttributedInterpretation[];
  findings: readonly ComparedFinding[];
  agreed: number;
  disagreed: number;
}

/**
 * Compares interpretations finding by finding (same system and code). `disagree`: one says present, another absent;
 * `partly`: somebody is uncertain and somebody is not; `single`: only one reader speaks of it; silence is not absence.
 * Disagreements come first.
 */
export function compareInterpretations(readers: readonly AttributedInterpretation[]): Comparison {
  const codes = new Map<string, Coding>();
  const byReader = readers.map((reader) => {
    const findings = new Map<string, ReadFinding>();
    for (const finding of reader.findings) {
      const key = `${finding.code.system ?? ''}|${finding.code.code ?? finding.code.display ?? ''}`;
      if (!codes.has(key)) codes.set(key, finding.code);
      findings.set(key, finding);
    }
    return findings;
  });
  const order = ['disagree', 'partly', 'single', 'agree'];
  const findings = [...codes]
    .map(([key, code]): ComparedFinding => {
      const readings = byReader.map((one) => one.get(key));
      return { code, readings, verdict: verdictOf(readings) };
    })
    .sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const count = (verdict: ComparedFinding['verdict']) => findings.filter((one) => one.verdict === verdict).length;
  return { readers, findings, agreed: count('agree'), disagreed: count('disagree') };
}

function verdictOf(readings: readonly (ReadFinding | undefined)[]): ComparedFinding['verdict'] {
  const said = readings.filter((one) => one !== undefined).map((one) => one.presence);
  if (said.length < 2) return 'single';
  if (said.includes('present') && said.includes('absent')) return 'disagree';
  return new Set(said).size === 1 ? 'agree' : 'partly';
}

const PRESENCE = 'https://meridian.example/fhir/StructureDefinition/finding-presence';
const READER_QUALIFICATION = 'https://meridian.example/fhir/StructureDefinition/reader-qualification';

/** The interpretation as a FHIR R4 ClinicalImpression. */
export function toClinicalImpression(one: AttributedInterpretation): Resource {
  const { reference, display, qualification } = one.reader;
  return {
    resourceType: 'ClinicalImpression',
    id: one.id,
    status: 'completed',
    subject: { reference: one.patient },
    date: one.at,
    assessor: {
      reference,
      ...(display !== undefined && { display }),
      ...(qualification !== undefined && { extension: [{ url: READER_QUALIFICATION, valueString: qualification }] }),
    },
    ...(one.supersedes !== undefined && { previous: { reference: `ClinicalImpression/${one.supersedes}` } }),
    investigation: [{ code: { text: 'Report that was read' }, item: [{ reference: one.report }] }],
    summary: one.summary,
    ...(one.findings.length > 0 && {
      finding: one.findings.map(({ code, presence, basis }) => ({
        extension: [{ url: PRESENCE, valueCode: presence }],
        itemCodeableConcept: { coding: [code] },
        ...(basis !== undefined && { basis }),
      })),
    }),
  };
}

/** The Provenance that attributes a stored version to its reader; `signature` is a FHIR Signature made by the caller. */
export function toProvenance(
  one: AttributedInterpretation,
  versionId: string,
  signature: Record<string, unknown>,
): Resource {
  return {
    resourceType: 'Provenance',
    target: [{ reference: `ClinicalImpression/${one.id}/_history/${versionId}` }],
    recorded: one.at,
    agent: [
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' }],
        },
        who: { reference: one.reader.reference },
      },
    ],
    entity: [{ role: 'source', what: { reference: one.report } }],
    signature: [signature],
  };
}

/** Reads what `toClinicalImpression` writes; undefined for a ClinicalImpression that names no report or reader. */
export function fromClinicalImpression(resource: Resource): AttributedInterpretation | undefined {
  const impression = resource as unknown as ImpressionShape;
  const report = impression.investigation
    ?.flatMap((group) => group.item ?? [])
    .find((item) => item.reference?.startsWith('DiagnosticReport/'))?.reference;
  const reader = impression.assessor?.reference;
  const { id, date } = impression;
  const patient = impression.subject?.reference;
  if (resource.resourceType !== 'ClinicalImpression' || !report || !reader || !id || !date || !patient)
    return undefined;
  const display = impression.assessor?.display;
  const qualification = impression.assessor?.extension?.find((one) => one.url === READER_QUALIFICATION)?.valueString;
  const supersedes = impression.previous?.reference?.split('/')[1];
  return {
    id,
    report,
    patient,
    reader: {
      reference: reader,
      ...(display !== undefined && { display }),
      ...(qualification !== undefined && { qualification }),
    },
    at: date,
    summary: impression.summary ?? '',
    findings: (impression.finding ?? []).slice(0, MOST_FINDINGS).flatMap((finding) => readFinding(finding) ?? []),
    ...(supersedes !== undefined && { supersedes }),
  };
}

interface ImpressionShape {
  id?: string;
  date?: string;
  subject?: { reference?: string };
  assessor?: { reference?: string; display?: string; extension?: { url?: string; valueString?: string }[] };
  previous?: { reference?: string };
  investigation?: { item?: { reference?: string }[] }[];
  summary?: string;
  finding?: FindingShape[];
}

interface FindingShape {
  extension?: { url?: string; valueCode?: string }[];
  itemCodeableConcept?: { coding?: Coding[] };
  basis?: string;
}

/** A finding without the presence extension was written down as found. */
function readFinding(finding: FindingShape): ReadFinding | undefined {
  const code = finding.itemCodeableConcept?.coding?.[0];
  if (!code) return undefined;
  const stated = finding.extension?.find((one) => one.url === PRESENCE)?.valueCode;
  const presence = stated === 'absent' || stated === 'uncertain' ? stated : 'present';
  return { code, presence, ...(finding.basis !== undefined && { basis: finding.basis }) };
}
