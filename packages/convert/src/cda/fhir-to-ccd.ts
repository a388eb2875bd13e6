import { parseJson, type Resource } from '@meridian/fhir';
import { ConversionError, type ConversionResult, type Converter } from '../evidence/converter.ts';
import { Fidelity } from '../evidence/fidelity.ts';
import { GENDER, inverse } from './concept-maps.ts';
import {
  address,
  concept,
  type Fields,
  fields,
  humanName,
  identifiers,
  list,
  string,
  strings,
  telecom,
  time,
  timestamp,
} from './write/datatypes.ts';
import { element, type Markup, templates } from './write/markup.ts';
import { SECTIONS, writeSection } from './write/sections.ts';
import { accountFor } from './write/written.ts';

export interface FhirToCcdOptions {
  /** When the document is made, as a FHIR dateTime with zone. */
  at: string;
  /** UUID of the document. */
  documentId: string;
  /** Software and organisation that make it and keep it. */
  author: { software: string; organization: string; organizationId: string };
  title?: string;
  /** `N` (normal), `R`, `V`. */
  confidentiality?: string;
}

const MOST_DEPTH = 100;

/**
 * A patient's resources as a Continuity of Care Document, C-CDA R2.1: header, the required sections (with nullFlavor NI
 * where nothing is known) and those that have entries. The source is a Bundle in JSON with exactly one Patient.
 *
 * @throws ConversionError where the source is no such Bundle
 */
export const fhirToCcd = {
  name: 'fhir-to-ccd',
  version: '1.0.0',
  from: 'application/fhir+json',
  to: 'application/hl7-cda+xml',
  convert(source: Uint8Array, options: FhirToCcdOptions): ConversionResult {
    return ccdOf(resourcesOf(source), options);
  },
} satisfies Converter<FhirToCcdOptions>;

function resourcesOf(source: Uint8Array): Resource[] {
  let bundle: Fields | undefined;
  try {
    bundle = fields(parseJson(Buffer.from(source).toString('utf8'), { depth: MOST_DEPTH }));
  } catch {
    throw new ConversionError('The source is not JSON. Send a FHIR Bundle in JSON.');
  }
  if (bundle?.resourceType !== 'Bundle') throw new ConversionError('The source is not a FHIR Bundle.');
  return list(bundle.entry).flatMap((entry) => (fields(entry.resource) ? [entry.resource as Resource] : []));
}

/** The same for resources that are parsed already. */
export function ccdOf(resources: readonly Resource[], options: FhirToCcdOptions): ConversionResult {
  const patients = resources.filter(({ resourceType }) => resourceType === 'Patient');
  const [patient] = patients;
  if (!patient || patients.length !== 1) throw new ConversionError('A CCD needs exactly one Patient in the Bundle.');
  if (timestamp(options.at) === undefined) throw new ConversionError('The time of the document is no FHIR dateTime.');
  const fidelity = new Fidelity();
  const taken = new Set<Resource>([patient]);
  const sections = SECTIONS.flatMap((rule) => {
    const chosen = resources.filter((resource) => !taken.has(resource) && rule.admits(resource));
    for (const resource of chosen) taken.add(resource);
    return chosen.length > 0 || rule.required ? [writeSection(rule, chosen)] : [];
  });
  for (const resource of resources) accountFor(resource, taken.has(resource), fidelity);
  const document = element(
    'ClinicalDocument',
    {
      xmlns: 'urn:hl7-org:v3',
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      'xmlns:sdtc': 'urn:hl7-org:sdtc',
    },
    header(patient, resources, options),
    element('component', {}, element('structuredBody', {}, sections)),
  );
  const content = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${document.xml}\n`);
  return { bytes: { content, contentType: 'application/hl7-cda+xml' }, fidelity: fidelity.report() };
}

/** The US Realm header with the template of the CCD (C-CDA R2.1, 1.1.1 and 1.1.3). */
function header(patient: Fields, resources: readonly Resource[], options: FhirToCcdOptions): Markup[] {
  const { author, at, documentId } = options;
  const organization = [element('id', { root: author.organizationId }), element('name', {}, author.organization)];
  const missing = [element('telecom', { nullFlavor: 'UNK' }), element('addr', { nullFlavor: 'UNK' })];
  return [
    element('realmCode', { code: 'US' }),
    element('typeId', { root: '2.16.840.1.113883.1.3', extension: 'POCD_HD000040' }),
    ...templates('22.1.1', '2015-08-01'),
    ...templates('22.1.2', '2015-08-01'),
    element('id', { root: documentId }),
    element('code', {
      code: '34133-9',
      codeSystem: '2.16.840.1.113883.6.1',
      displayName: 'Summarization of Episode Note',
    }),
    element('title', {}, options.title ?? 'Continuity of Care Document'),
    element('effectiveTime', { value: timestamp(at) }),
    element('confidentialityCode', { code: options.confidentiality ?? 'N', codeSystem: '2.16.840.1.113883.5.25' }),
    element('languageCode', { code: 'en' }),
    element('recordTarget', {}, patientRole(patient)),
    element(
      'author',
      {},
      element('time', { value: timestamp(at) }),
      element(
        'assignedAuthor',
        {},
        element('id', { nullFlavor: 'NI' }),
        element('addr', { nullFlavor: 'UNK' }),
        element('telecom', { nullFlavor: 'UNK' }),
        element(
          'assignedAuthoringDevice',
          {},
          element('manufacturerModelName', {}, author.software),
          element('softwareName', {}, author.software),
        ),
        element('representedOrganization', {}, organization),
      ),
    ),
    element(
      'custodian',
      {},
      element('assignedCustodian', {}, element('representedCustodianOrganization', {}, organization, missing)),
    ),
    element(
      'documentationOf',
      {},
      element(
        'serviceEvent',
        { classCode: 'PCPR' },
        element('effectiveTime', {}, element('low', carePeriod(resources)), element('high', { value: timestamp(at) })),
      ),
    ),
  ];
}

/** Since when there was care: the first encounter that is known. */
function carePeriod(resources: readonly Resource[]): Record<string, string> {
  const starts = resources
    .filter(({ resourceType }) => resourceType === 'Encounter')
    .map((encounter) => string(fields(encounter.period)?.start))
    .filter((start) => start !== undefined)
    .sort();
  const low = timestamp(starts[0]);
  return low === undefined ? { nullFlavor: 'UNK' } : { value: low };
}

const GENDER_CODES = inverse(GENDER);

function patientRole(patient: Fields): Markup {
  const addresses = list(patient.address).map(address);
  const telecoms = list(patient.telecom).map(telecom);
  const names = list(patient.name)
    .map(humanName)
    .filter((name) => name !== undefined);
  const gender = GENDER_CODES[string(patient.gender) ?? ''];
  const isDead = patient.deceasedBoolean === true || patient.deceasedDateTime !== undefined;
  return element(
    'patientRole',
    {},
    identifiers(patient),
    addresses.length > 0 ? addresses : element('addr', { nullFlavor: 'UNK' }),
    telecoms.length > 0 ? telecoms : element('telecom', { nullFlavor: 'UNK' }),
    element(
      'patient',
      {},
      names.length > 0 ? names : element('name', { nullFlavor: 'UNK' }),
      gender === undefined
        ? element('administrativeGenderCode', { nullFlavor: 'UNK' })
        : element('administrativeGenderCode', { code: gender, codeSystem: '2.16.840.1.113883.5.1' }),
      time('birthTime', patient.birthDate) ?? element('birthTime', { nullFlavor: 'UNK' }),
      isDead ? element('sdtc:deceasedInd', { value: 'true' }) : undefined,
      time('sdtc:deceasedTime', patient.deceasedDateTime),
      concept('maritalStatusCode', patient.maritalStatus),
      element('raceCode', { nullFlavor: 'UNK' }),
      element('ethnicGroupCode', { nullFlavor: 'UNK' }),
      list(patient.communication).map(language),
    ),
  );
}

function language(communication: Fields): Markup | undefined {
  const codes = list(fields(communication.language)?.coding).map((coding) => string(coding.code));
  const code = strings(codes)[0];
  if (code === undefined) return undefined;
  const preferred = communication.preferred === true ? element('preferenceInd', { value: 'true' }) : undefined;
  return element('languageCommunication', {}, element('languageCode', { code }), preferred);
}
