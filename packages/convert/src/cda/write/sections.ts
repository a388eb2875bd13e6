import { writeEncounter, writePlan, writeProcedure } from './activities.ts';
import { writeAllergy, writeCondition } from './conditions.ts';
import { anyCode, decimalOf, type Fields, fields, list, string } from './datatypes.ts';
import { element, type Markup, templates } from './markup.ts';
import { writeImmunization, writeMedication } from './medications.ts';
import { writeObservation, writeOrganizer } from './observations.ts';
import type { EntryWriter } from './statement.ts';

interface SectionRule {
  title: string;
  code: string;
  template: string;
  release: string;
  /** Stands in every CCD, with nullFlavor NI where nothing is known (C-CDA R2.1, 1.1.3). */
  required?: true;
  admits(resource: Fields): boolean;
  /** Entries of the section for these resources; `line` gives the ID of what the narrative says. */
  entries(resources: readonly Fields[], line: (resource: Fields) => string): Markup[];
}

const each =
  (write: EntryWriter) =>
  (resources: readonly Fields[], line: (resource: Fields) => string): Markup[] =>
    resources.map((resource) => write(resource, line(resource)));

const isType =
  (...types: readonly string[]) =>
  ({ resourceType }: Fields): boolean =>
    types.includes(String(resourceType));

function hasCategory(resource: Fields, ...codes: readonly string[]): boolean {
  return list(resource.category).some((category) => codes.includes(anyCode(category) ?? ''));
}

const isObservation = isType('Observation');
const OWN_SECTION = ['vital-signs', 'social-history', 'survey', 'exam', 'activity', 'therapy'];

export const SECTIONS: readonly SectionRule[] = [
  {
    title: 'Allergies and Intolerances',
    code: '48765-2',
    template: '22.2.6.1',
    release: '2015-08-01',
    required: true,
    admits: isType('AllergyIntolerance'),
    entries: each(writeAllergy),
  },
  {
    title: 'Medications',
    code: '10160-0',
    template: '22.2.1.1',
    release: '2014-06-09',
    required: true,
    admits: isType('MedicationStatement', 'MedicationRequest'),
    entries: each(writeMedication),
  },
  {
    title: 'Problems',
    code: '11450-4',
    template: '22.2.5.1',
    release: '2015-08-01',
    required: true,
    admits: isType('Condition'),
    entries: each(writeCondition),
  },
  {
    title: 'Procedures',
    code: '47519-4',
    template: '22.2.7.1',
    release: '2014-06-09',
    admits: isType('Procedure'),
    entries: each(writeProcedure),
  },
  {
    title: 'Results',
    code: '30954-2',
    template: '22.2.3.1',
    release: '2015-08-01',
    required: true,
    admits: (resource) =>
      resource.resourceType === 'DiagnosticReport' ||
      (isObservation(resource) && !hasCategory(resource, ...OWN_SECTION)),
    entries: results,
  },
  {
    title: 'Social History',
    code: '29762-2',
    template: '22.2.17',
    release: '2015-08-01',
    required: true,
    admits: (resource) => isObservation(resource) && hasCategory(resource, 'social-history'),
    entries: each(writeObservation('22.4.38', '2015-08-01')),
  },
  {
    title: 'Vital Signs',
    code: '8716-3',
    template: '22.2.4.1',
    release: '2015-08-01',
    required: true,
    admits: (resource) => isObservation(resource) && hasCategory(resource, 'vital-signs'),
    entries: vitalSigns,
  },
  {
    title: 'Functional Status',
    code: '47420-5',
    template: '22.2.14',
    release: '2014-06-09',
    admits: (resource) => isObservation(resource) && hasCategory(resource, 'survey', 'exam', 'activity', 'therapy'),
    entries: each(writeObservation('22.4.67', '2014-06-09')),
  },
  {
    title: 'Immunizations',
    code: '11369-6',
    template: '22.2.2.1',
    release: '2015-08-01',
    admits: isType('Immunization'),
    entries: each(writeImmunization),
  },
  {
    title: 'Encounters',
    code: '46240-8',
    template: '22.2.22.1',
    release: '2015-08-01',
    admits: isType('Encounter'),
    entries: each(writeEncounter),
  },
  {
    title: 'Plan of Treatment',
    code: '18776-5',
    template: '22.2.10',
    release: '2014-06-09',
    admits: isType('ServiceRequest'),
    entries: each(writePlan),
  },
];

/** Reports as organizers of their results; a result without a report gets an organizer of its own. */
function results(resources: readonly Fields[], line: (resource: Fields) => string): Markup[] {
  const write = writeObservation('22.4.2', '2015-08-01');
  const byReference = new Map(resources.map((resource) => [`${resource.resourceType}/${resource.id}`, resource]));
  const placed = new Set<Fields>();
  const organizers: Markup[] = [];
  for (const report of resources.filter(isType('DiagnosticReport'))) {
    const members = list(report.result)
      .map(({ reference }) => byReference.get(string(reference) ?? ''))
      .filter((member) => member !== undefined && !placed.has(member))
      .filter((member) => member !== undefined);
    for (const member of members) placed.add(member);
    organizers.push(
      writeOrganizer(
        '22.4.1',
        '2015-08-01',
        'BATTERY',
        report,
        members.flatMap((member) => withComponents(member).map((one) => write(one, line(member)))),
      ),
    );
  }
  for (const observation of resources.filter(isObservation)) {
    if (placed.has(observation)) continue;
    const panel = panelOf(observation, observation.code);
    const members = withComponents(observation).map((one) => write(one, line(observation)));
    organizers.push(writeOrganizer('22.4.1', '2015-08-01', 'BATTERY', panel, members));
  }
  return organizers;
}

const VITAL_SIGNS = {
  coding: [
    { system: 'http://snomed.info/sct', code: '46680005', display: 'Vital signs' },
    { system: 'http://loinc.org', code: '74728-7', display: 'Vital signs panel' },
  ],
};

/** One organizer for each time at which vital signs were taken. A panel that only lists its members is left to them. */
function vitalSigns(resources: readonly Fields[], line: (resource: Fields) => string): Markup[] {
  const write = writeObservation('22.4.27', '2014-06-09');
  const groups = new Map<string, Fields[]>();
  for (const resource of resources) {
    const isPanel =
      Array.isArray(resource.hasMember) && withComponents(resource)[0] === resource && !hasValue(resource);
    if (isPanel) continue;
    const key = JSON.stringify([resource.effectiveDateTime, resource.effectivePeriod]);
    groups.set(key, [...(groups.get(key) ?? []), resource]);
  }
  return [...groups.values()].map((members) =>
    writeOrganizer(
      '22.4.26',
      '2015-08-01',
      'CLUSTER',
      panelOf(members[0] ?? {}, VITAL_SIGNS),
      members.flatMap((member) => withComponents(member).map((one) => write(one, line(member)))),
    ),
  );
}

function hasValue(resource: Fields): boolean {
  return Object.keys(resource).some((name) => name.startsWith('value'));
}

/** What an organizer that exists only in C-CDA says of itself. */
function panelOf(member: Fields, code: unknown): Fields {
  const { status, effectiveDateTime, effectivePeriod } = member;
  return { resourceType: 'Panel', code, status, effectiveDateTime, effectivePeriod };
}

/** C-CDA has no components: each becomes an observation of its own (blood pressure: systolic and diastolic). */
function withComponents(resource: Fields): Fields[] {
  const components = list(resource.component);
  if (components.length === 0) return [resource];
  const { status, effectiveDateTime, effectivePeriod } = resource;
  const parts = components.map((component, index) => ({
    ...component,
    resourceType: 'Observation',
    id: `${resource.id}-${index + 1}`,
    status,
    effectiveDateTime,
    effectivePeriod,
  }));
  return hasValue(resource) ? [resource, ...parts] : parts;
}

/** The section, its narrative before its entries. */
export function writeSection(rule: SectionRule, resources: readonly Fields[]): Markup {
  const line = (resource: Fields): string =>
    `${rule.template.replaceAll('.', '-')}-${resources.indexOf(resource) + 1}`.replace(/^/, 'n');
  const narrative =
    resources.length === 0
      ? element('paragraph', {}, 'No information available here.')
      : element(
          'list',
          {},
          resources.map((resource) => element('item', { ID: line(resource) }, lineOf(resource))),
        );
  return element(
    'component',
    {},
    element(
      'section',
      { nullFlavor: resources.length === 0 ? 'NI' : undefined },
      templates(rule.template, rule.release),
      element('code', { code: rule.code, codeSystem: '2.16.840.1.113883.6.1', codeSystemName: 'LOINC' }),
      element('title', {}, rule.title),
      element('text', {}, narrative),
      rule.entries(resources, line).map((entry) => element('entry', {}, entry)),
    ),
  );
}

/** What a person reads of a resource: its name, value and date. */
function lineOf(resource: Fields): string {
  const named = [resource.code, resource.medicationCodeableConcept, resource.vaccineCode, list(resource.type)[0]];
  const concept = named.map(fields).find((one) => one !== undefined);
  const display = list(concept?.coding).map((coding) => string(coding.display) ?? string(coding.code))[0];
  const name = string(concept?.text) ?? display ?? String(resource.resourceType);
  const amount = fields(resource.valueQuantity);
  const value = amount ? ` ${decimalOf(amount) ?? ''} ${string(amount.unit) ?? ''}`.trimEnd() : '';
  const dates = ['effectiveDateTime', 'onsetDateTime', 'occurrenceDateTime', 'performedDateTime', 'authoredOn'];
  const date = dates.map((one) => string(resource[one])).find((one) => one !== undefined);
  return `${name}${value}${date === undefined ? '' : ` (${date.slice(0, 10)})`}`;
}
