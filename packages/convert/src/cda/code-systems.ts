import { createHash } from 'node:crypto';

/** Object identifiers and URIs of code systems (HL7 Terminology, "External code systems"; C-CDA on FHIR 1.2, "Mapping guidance"). */
const SYSTEMS: readonly (readonly [oid: string, uri: string, name: string])[] = [
  ['2.16.840.1.113883.6.1', 'http://loinc.org', 'LOINC'],
  ['2.16.840.1.113883.6.96', 'http://snomed.info/sct', 'SNOMED CT'],
  ['2.16.840.1.113883.6.88', 'http://www.nlm.nih.gov/research/umls/rxnorm', 'RxNorm'],
  ['2.16.840.1.113883.6.90', 'http://hl7.org/fhir/sid/icd-10-cm', 'ICD-10-CM'],
  ['2.16.840.1.113883.6.3', 'http://hl7.org/fhir/sid/icd-10', 'ICD-10'],
  ['2.16.840.1.113883.6.4', 'http://www.cms.gov/Medicare/Coding/ICD10', 'ICD-10-PCS'],
  ['2.16.840.1.113883.6.103', 'http://hl7.org/fhir/sid/icd-9-cm', 'ICD-9-CM'],
  ['2.16.840.1.113883.6.104', 'http://hl7.org/fhir/sid/icd-9-cm', 'ICD-9-CM'],
  ['2.16.840.1.113883.6.12', 'http://www.ama-assn.org/go/cpt', 'CPT'],
  ['2.16.840.1.113883.6.285', 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'HCPCS'],
  ['2.16.840.1.113883.6.69', 'http://hl7.org/fhir/sid/ndc', 'NDC'],
  ['2.16.840.1.113883.12.292', 'http://hl7.org/fhir/sid/cvx', 'CVX'],
  ['2.16.840.1.113883.6.59', 'http://hl7.org/fhir/sid/cvx', 'CVX'],
  ['2.16.840.1.113883.12.227', 'http://hl7.org/fhir/sid/mvx', 'MVX'],
  ['2.16.840.1.113883.6.8', 'http://unitsofmeasure.org', 'UCUM'],
  ['2.16.840.1.113883.4.9', 'http://fdasis.nlm.nih.gov', 'UNII'],
  ['2.16.840.1.113883.3.26.1.1', 'http://ncithesaurus-stage.nci.nih.gov', 'NCI Thesaurus'],
  ['2.16.840.1.113883.3.26.1.5', 'http://hl7.org/fhir/ndfrt', 'NDF-RT'],
  ['2.16.840.1.113883.6.101', 'http://nucc.org/provider-taxonomy', 'NUCC'],
  ['2.16.840.1.113883.6.238', 'urn:oid:2.16.840.1.113883.6.238', 'Race & Ethnicity - CDC'],
  ['2.16.840.1.113883.6.259', 'https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html', 'HSLOC'],
  ['2.16.840.1.113883.6.121', 'urn:ietf:bcp:47', 'Language'],
  ['1.2.840.10008.2.16.4', 'http://dicom.nema.org/resources/ontology/DCM', 'DCM'],
  ['2.16.840.1.113883.3.221.5', 'https://nahdo.org/sopt', 'Source of Payment Typology'],
  ['2.16.840.1.113883.5.1', 'http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender', 'AdministrativeGender'],
  ['2.16.840.1.113883.5.2', 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', 'MaritalStatus'],
  ['2.16.840.1.113883.5.4', 'http://terminology.hl7.org/CodeSystem/v3-ActCode', 'ActCode'],
  ['2.16.840.1.113883.5.6', 'http://terminology.hl7.org/CodeSystem/v3-ActClass', 'ActClass'],
  ['2.16.840.1.113883.5.7', 'http://terminology.hl7.org/CodeSystem/v3-ActPriority', 'ActPriority'],
  ['2.16.840.1.113883.5.8', 'http://terminology.hl7.org/CodeSystem/v3-ActReason', 'ActReason'],
  ['2.16.840.1.113883.5.25', 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', 'Confidentiality'],
  [
    '2.16.840.1.113883.5.83',
    'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
    'ObservationInterpretation',
  ],
  ['2.16.840.1.113883.5.84', 'http://terminology.hl7.org/CodeSystem/v3-ObservationMethod', 'ObservationMethod'],
  ['2.16.840.1.113883.5.88', 'http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction', 'ParticipationFunction'],
  ['2.16.840.1.113883.5.110', 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', 'RoleClass'],
  ['2.16.840.1.113883.5.111', 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'RoleCode'],
  [
    '2.16.840.1.113883.5.112',
    'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration',
    'RouteOfAdministration',
  ],
  ['2.16.840.1.113883.5.1052', 'http://terminology.hl7.org/CodeSystem/v3-ActSite', 'ActSite'],
  ['2.16.840.1.113883.5.1063', 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', 'ObservationValue'],
  ['2.16.840.1.113883.5.1076', 'http://terminology.hl7.org/CodeSystem/v3-ReligiousAffiliation', 'ReligiousAffiliation'],
  ['2.16.840.1.113883.5.1008', 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', 'NullFlavor'],
  ['2.16.840.1.113883.12.1', 'http://terminology.hl7.org/CodeSystem/v2-0001', 'HL7 table 0001'],
  ['2.16.840.1.113883.12.112', 'http://terminology.hl7.org/CodeSystem/v2-0112', 'HL7 table 0112'],
];

/** Of identifiers that FHIR knows by a URI (FHIR R4, Identifier Registry). */
const NAMESPACES: readonly (readonly [oid: string, uri: string])[] = [
  ['2.16.840.1.113883.4.1', 'http://hl7.org/fhir/sid/us-ssn'],
  ['2.16.840.1.113883.4.6', 'http://hl7.org/fhir/sid/us-npi'],
];

const URI_OF = new Map<string, string>([...SYSTEMS.map(([oid, uri]) => [oid, uri] as const), ...NAMESPACES]);
// the first identifier of a URI is the one to write
const OID_OF = new Map<string, readonly [oid: string, name: string]>(
  [...SYSTEMS].reverse().map(([oid, uri, name]) => [uri, [oid, name]] as const),
);
const NAMESPACE_OF = new Map(NAMESPACES.map(([oid, uri]) => [uri, oid] as const));

const OID = /^[0-2](?:\.(?:0|[1-9]\d*))+$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The URI of a `codeSystem` or `root`; none where it is neither OID nor UUID (local names of messy exports). */
export function uriOf(identifier: string): string | undefined {
  const known = URI_OF.get(identifier);
  if (known !== undefined) return known;
  if (OID.test(identifier)) return `urn:oid:${identifier}`;
  return UUID.test(identifier) ? `urn:uuid:${identifier.toLowerCase()}` : undefined;
}

/**
 * OID or UUID of a code system, with its name. A URI without a known OID gets a UUID that follows from it, and the URI
 * itself as the name, from which `uriNamed` finds it again.
 */
export function codeSystemOf(uri: string): { oid: string; name?: string } {
  const known = OID_OF.get(uri);
  if (known) return { oid: known[0], name: known[1] };
  const oid = /^urn:(?:oid|uuid):(.+)$/.exec(uri)?.[1];
  return oid === undefined ? { oid: uuidFrom(uri), name: uri } : { oid };
}

/** OID or UUID for the `root` of an identifier, and the name of who assigns it where only that tells the URI. */
export function rootOf(uri: string): { oid: string; name?: string } {
  const oid = NAMESPACE_OF.get(uri);
  return oid === undefined ? codeSystemOf(uri) : { oid };
}

/** The URI that stands as a name beside a UUID made by `uuidFrom`. */
export function uriNamed(root: string | undefined, name: string | undefined): string | undefined {
  return root !== undefined && name !== undefined && root.toLowerCase() === uuidFrom(name) ? name : undefined;
}

/** A UUID (RFC 9562, version 8) that follows from a text. */
export function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
