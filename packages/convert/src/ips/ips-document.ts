import type { Resource } from '@meridian/fhir';

const LOINC = 'http://loinc.org';
const SECTIONS_PROFILE = 'http://hl7.org/fhir/uv/ips/StructureDefinition';

interface Section {
  title: string;
  /** LOINC code of the section (IPS 2.0.0, Composition-uv-ips). */
  code: string;
  display: string;
  types: readonly string[];
  /** Sections that IPS requires stand even where nothing is known, and then say so. */
  required?: true;
  admits(resource: Plain): boolean;
}

/** Resources as the builder reads them: their elements are checked where they are used. */
type Plain = Resource & { readonly [element: string]: unknown };

const SECTIONS: readonly Section[] = [
  {
    title: 'Allergies and intolerances',
    code: '48765-2',
    display: 'Allergies and adverse reactions Document',
    types: ['AllergyIntolerance'],
    required: true,
    admits: (resource) => !isEnteredInError(resource) && codeIn(resource.clinicalStatus) !== 'resolved',
  },
  {
    title: 'Medication summary',
    code: '10160-0',
    display: 'History of Medication use Narrative',
    types: ['MedicationStatement', 'MedicationRequest'],
    required: true,
    admits: ({ status }) => status === 'active' || status === 'on-hold' || status === 'intended',
  },
  {
    title: 'Problems',
    code: '11450-4',
    display: 'Problem list - Reported',
    types: ['Condition'],
    required: true,
    admits: (resource) =>
      !isEnteredInError(resource) && ['active', 'recurrence', 'relapse', ''].includes(codeIn(resource.clinicalStatus)),
  },
  {
    title: 'Immunizations',
    code: '11369-6',
    display: 'History of Immunization note',
    types: ['Immunization'],
    admits: ({ status }) => status === 'completed',
  },
  {
    title: 'Procedures',
    code: '47519-4',
    display: 'History of Procedures Document',
    types: ['Procedure'],
    admits: ({ status }) => status === 'completed' || status === 'in-progress',
  },
  {
    title: 'Results',
    code: '30954-2',
    display: 'Relevant diagnostic tests/laboratory data note',
    types: ['Observation'],
    admits: (resource) =>
      isFinal(resource) && ['laboratory', 'imaging', 'exam'].some((name) => hasCategory(resource, name)),
  },
  {
    title: 'Vital signs',
    code: '8716-3',
    display: 'Vital signs note',
    types: ['Observation'],
    admits: (resource) => isFinal(resource) && hasCategory(resource, 'vital-signs'),
  },
  {
    title: 'Social history',
    code: '29762-2',
    display: 'Social history note',
    types: ['Observation'],
    admits: (resource) => isFinal(resource) && hasCategory(resource, 'social-history'),
  },
  {
    title: 'Past illness',
    code: '11348-0',
    display: 'History of Past illness note',
    types: ['Condition'],
    admits: (resource) =>
      !isEnteredInError(resource) && ['inactive', 'remission', 'resolved'].includes(codeIn(resource.clinicalStatus)),
  },
];

/** Entries of one section: the newest. A summary that is as long as the record is none. */
const MOST_IN_SECTION = 50;

export interface IpsOptions {
  /** When the summary is made. */
  at: Date;
  /** Logical ids for Composition and Bundle identifier; UUIDs. */
  newId: () => string;
  /** Of the FHIR API, for full URLs. */
  baseUrl: string;
  /** Who vouches for the summary, such as the organisation that runs the server. */
  author: string;
}

/**
 * The International Patient Summary of a record as a FHIR document (HL7 IPS 2.0.0; ISO 27269): Composition, Patient and
 * the resources of each section, newest first. A required section without entries states that nothing is known here,
 * which is not the same as that there is nothing.
 *
 * @param resources the patient's resources, the Patient among them; others than IPS asks for are left out
 * @throws RangeError without exactly one Patient
 */
export function ipsDocument(resources: readonly Resource[], options: IpsOptions): Resource {
  const patients = resources.filter(({ resourceType }) => resourceType === 'Patient');
  const [patient] = patients;
  if (!patient?.id || patients.length !== 1) throw new RangeError('A patient summary needs exactly one Patient.');
  const chosen = SECTIONS.map((section) => ({ section, entries: entriesOf(section, resources as readonly Plain[]) }));
  const url = ({ resourceType, id }: Resource): string => `${options.baseUrl}/${resourceType}/${id}`;
  const composition = compositionOf(patient, chosen, options);
  const entries = [...new Set(chosen.flatMap((each) => each.entries))];
  return {
    resourceType: 'Bundle',
    meta: { profile: [`${SECTIONS_PROFILE}/Bundle-uv-ips`] },
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${options.newId()}` },
    type: 'document',
    timestamp: options.at.toISOString(),
    entry: [
      { fullUrl: `urn:uuid:${composition.id}`, resource: composition },
      { fullUrl: url(patient), resource: patient },
      ...entries.map((resource) => ({ fullUrl: url(resource), resource })),
    ],
  } as Resource;
}

function compositionOf(
  patient: Resource,
  chosen: readonly { section: Section; entries: readonly Plain[] }[],
  { at, newId, author, baseUrl }: IpsOptions,
): Resource {
  const sections = chosen
    .filter(({ section, entries }) => section.required || entries.length > 0)
    .map(({ section, entries }) => ({
      title: section.title,
      code: { coding: [{ system: LOINC, code: section.code, display: section.display }] },
      text: narrative(entries),
      ...(entries.length > 0
        ? { entry: entries.map(({ resourceType, id }) => ({ reference: `${baseUrl}/${resourceType}/${id}` })) }
        : { emptyReason: { coding: [EMPTY] } }),
    }));
  return {
    resourceType: 'Composition',
    id: newId(),
    meta: { profile: [`${SECTIONS_PROFILE}/Composition-uv-ips`] },
    status: 'final',
    type: { coding: [{ system: LOINC, code: '60591-5', display: 'Patient summary Document' }] },
    subject: { reference: `${baseUrl}/Patient/${patient.id}` },
    date: at.toISOString(),
    author: [{ display: author }],
    title: 'International Patient Summary',
    section: sections,
  } as Resource;
}

const EMPTY = {
  system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason',
  code: 'unavailable',
  display: 'Unavailable',
};

function entriesOf(section: Section, resources: readonly Plain[]): Plain[] {
  const found = resources.filter(
    (resource) => section.types.includes(resource.resourceType) && section.admits(resource),
  );
  return found.sort((a, b) => dateOf(b).localeCompare(dateOf(a))).slice(0, MOST_IN_SECTION);
}

/** The date by which entries are put in order; an undated one comes last. */
function dateOf(resource: Plain): string {
  const named = [
    'effectiveDateTime',
    'onsetDateTime',
    'occurrenceDateTime',
    'performedDateTime',
    'authoredOn',
    'recordedDate',
  ];
  for (const name of named) if (typeof resource[name] === 'string') return resource[name];
  const { effectivePeriod, performedPeriod } = resource as { [name: string]: { start?: unknown } | undefined };
  const start = effectivePeriod?.start ?? performedPeriod?.start;
  return typeof start === 'string' ? start : '';
}

function isFinal({ status }: Plain): boolean {
  return status === 'final' || status === 'amended' || status === 'corrected';
}

function isEnteredInError({ verificationStatus }: Plain): boolean {
  const code = codeIn(verificationStatus);
  return code === 'entered-in-error' || code === 'refuted';
}

interface Concept {
  coding?: { code?: string; display?: string }[];
  text?: string;
}

function codeIn(concept: unknown): string {
  return (concept as Concept | undefined)?.coding?.[0]?.code ?? '';
}

function hasCategory({ category }: Plain, code: string): boolean {
  const categories = Array.isArray(category) ? (category as Concept[]) : [];
  return categories.some(({ coding }) => coding?.some((each) => each.code === code));
}

function narrative(entries: readonly Plain[]): { status: string; div: string } {
  const items = entries.map((entry) => `<li>${escaped(lineOf(entry))}</li>`).join('');
  const body = entries.length > 0 ? `<ul>${items}</ul>` : '<p>No information available here.</p>';
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${body}</div>` };
}

function lineOf(entry: Plain): string {
  const concept = (entry.code ?? entry.medicationCodeableConcept ?? entry.vaccineCode) as Concept | undefined;
  const name = concept?.text ?? concept?.coding?.find(({ display }) => display)?.display ?? entry.resourceType;
  const quantity = entry.valueQuantity as { value?: unknown; unit?: string } | undefined;
  const value = typeof quantity?.value === 'number' ? ` ${quantity.value} ${quantity.unit ?? ''}`.trimEnd() : '';
  const date = dateOf(entry).slice(0, 10);
  return `${name}${value}${date === '' ? '' : ` (${date})`}`;
}

function escaped(text: string): string {
  // control characters other than white space have no place in XHTML
  const printable = text.replaceAll(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, '');
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
