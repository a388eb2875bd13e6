import { createHash } from 'node:crypto';
import { ConversionError, type ConversionResult, type Converter } from '../evidence/converter.ts';
import { Fidelity } from '../evidence/fidelity.ts';
import { table } from './concept-maps.ts';
import { account } from './read/accounting.ts';
import { readEncounter } from './read/activities.ts';
import { people } from './read/common.ts';
import { concept, dateTime, identifier, identifiers, interval, text, zoneOf } from './read/datatypes.ts';
import { narrativePlaces } from './read/narrative.ts';
import { organization, practitioner, readPatient } from './read/people.ts';
import { Reading, type Reference } from './read/reading.ts';
import { ORIGINAL, readSections } from './read/sections.ts';
import { parseXml, type XmlElement } from './xml.ts';

export interface CdaToFhirOptions {
  /**
   * The patient whose record it is, such as `Patient/6f2c…`, where the caller has found the person by the identifiers of
   * the header. Without it the result holds a Patient of its own.
   */
  patient?: string;
  /** For times without a zone, such as `+08:00`; else the zone of the document's own date is taken. */
  zone?: string;
}

/**
 * C-CDA R1.1 and R2.1, and CDA R2 near them, to FHIR R4: a Composition with all sections and their narrative, a resource
 * for each entry that is understood, and the document itself as DocumentReference and Binary, so that nothing is lost.
 * Every element with content is accounted for. Ids follow from the digest of the source; the same document gives the same
 * resources, and writing them twice changes nothing.
 *
 * @throws ConversionError where the source is no CDA document, or passes the limits of `parseXml`
 */
export const cdaToFhir = {
  name: 'ccda-to-fhir',
  version: '1.0.0',
  from: 'application/hl7-cda+xml',
  to: 'application/fhir+json',
  convert(source: Uint8Array, options: CdaToFhirOptions): ConversionResult {
    const document = parseXml(source);
    if (document.name !== 'ClinicalDocument')
      throw new ConversionError('This is not a CDA document: its root is not ClinicalDocument.');
    const [role, second] = document.all('recordTarget').flatMap((target) => target.all('patientRole'));
    if (!role) throw new ConversionError('The document names no patient (recordTarget). Add one at its source.');
    if (second) throw new ConversionError('The document is about more than one patient. Send one document for each.');
    const fidelity = new Fidelity();
    const digest = createHash('sha256').update(source).digest('hex');
    const zone = options.zone ?? zoneOf(document.child('effectiveTime')?.attributes.value);
    const narrative = narrativePlaces(document);
    const reading = new Reading({
      digest: `${digest}\n${options.patient ?? ''}`,
      fidelity,
      narrative,
      zone,
      sourceLength: source.length,
    });
    reading.patient = options.patient === undefined ? readPatient(role, reading) : { reference: options.patient };
    readDocument(document, source, reading);
    for (const child of document.elements())
      if (child.name !== 'component') account(child, 'ClinicalDocument', ORIGINAL, fidelity);
    return { resources: reading.resources, fidelity: fidelity.report() };
  },
} satisfies Converter<CdaToFhirOptions>;

function readDocument(document: XmlElement, source: Uint8Array, reading: Reading): void {
  const authors = people(document, 'author', reading);
  const custodian = organization(
    document.at('custodian', 'assignedCustodian', 'representedCustodianOrganization'),
    reading,
  );
  const encompassing = document.at('componentOf', 'encompassingEncounter');
  const encounter = encompassing && hasContent(encompassing) ? readEncounter(encompassing, reading)[0] : undefined;
  const id = document.child('id');
  const common = {
    type: concept(document.child('code'), reading),
    author: authors,
    custodian,
  };
  const written = dateTime(document.child('effectiveTime'), reading);
  const title = text(document.child('title'), reading);
  const body = document.at('component', 'structuredBody');
  const confidentiality = document.child('confidentialityCode');
  const level = confidentiality?.attributes.code;
  const isKnown = level !== undefined && /^[ULMNRV]$/.test(level);
  if (confidentiality && isKnown) confidentiality.read = true;
  const language = document.child('languageCode');
  const languageCode = language?.attributes.code?.trim();
  if (language && languageCode) language.read = true;
  if (body)
    reading.add({
      resourceType: 'Composition',
      language: languageCode,
      identifier: id && identifier(id),
      status: 'final',
      ...common,
      type: common.type ?? { text: title ?? 'Clinical document' },
      subject: reading.patient,
      encounter,
      date: written ?? '1900',
      author: authors.length > 0 ? authors : [{ display: 'Not stated in the document' }],
      title: title ?? 'Clinical document',
      confidentiality: isKnown ? level : undefined,
      attester: attesters(document, reading),
      relatesTo: relations(document),
      event: events(document, reading),
      section: readSections(body, reading),
    });
  readOriginal(document, source, { ...common, title, written, encounter, languageCode, id }, reading);
}

function hasContent(element: XmlElement): boolean {
  return element.elements().some((child) => child.attributes.nullFlavor === undefined);
}

function attesters(document: XmlElement, reading: Reading): unknown[] {
  return (['legalAuthenticator', 'authenticator'] as const).flatMap((name) =>
    document.all(name).flatMap((one) => {
      const party = practitioner(one.child('assignedEntity'), reading);
      const time = dateTime(one.child('time'), reading);
      const signature = one.child('signatureCode');
      if (signature) signature.read = true;
      return party ? [{ mode: name === 'legalAuthenticator' ? 'legal' : 'professional', time, party }] : [];
    }),
  );
}

const RELATIONS: Readonly<Record<string, string>> = table({ RPLC: 'replaces', APND: 'appends', XFRM: 'transforms' });

function relations(document: XmlElement): unknown[] {
  return document.all('relatedDocument').flatMap((one) => {
    const code = RELATIONS[one.attributes.typeCode ?? ''];
    const id = one.at('parentDocument', 'id');
    const targetIdentifier = id && identifier(id);
    return code && targetIdentifier ? [{ code, targetIdentifier }] : [];
  });
}

/** What the document is about, with who did it (`documentationOf/serviceEvent`). */
function events(document: XmlElement, reading: Reading): unknown[] {
  return document.all('documentationOf').flatMap((one) => {
    const service = one.child('serviceEvent');
    if (!service) return [];
    const { at, period } = interval(service.child('effectiveTime'), reading);
    const code = concept(service.child('code'), reading);
    const detail = people(service, 'performer', reading);
    const event = {
      code: code ? [code] : [],
      period: period ?? (at === undefined ? undefined : { start: at }),
      detail,
    };
    return code || event.period || detail.length > 0 ? [event] : [];
  });
}

interface Header {
  type: unknown;
  author: Reference[];
  custodian: Reference | undefined;
  title: string | undefined;
  written: string | undefined;
  encounter: Reference | undefined;
  languageCode: string | undefined;
  id: XmlElement | undefined;
}

/** The document as it came, and what a body that is not XML holds. */
function readOriginal(document: XmlElement, source: Uint8Array, header: Header, reading: Reading): void {
  const isText = (attachment: unknown): boolean => attachment !== undefined;
  const original = reading.add({
    resourceType: 'Binary',
    contentType: 'application/xml',
    securityContext: reading.patient,
    data: Buffer.from(source).toString('base64'),
  });
  const attached = nonXmlBody(document, reading);
  const setId = document.child('setId');
  const master = header.id && identifier(header.id);
  reading.add({
    resourceType: 'DocumentReference',
    masterIdentifier: master,
    identifier: [...(setId ? [identifier(setId)] : []), ...identifiers(document)],
    status: 'current',
    docStatus: 'final',
    type: header.type,
    subject: reading.patient,
    date: header.written !== undefined && header.written.length > 10 ? header.written : undefined,
    author: header.author,
    custodian: header.custodian,
    description: header.title,
    content: [
      {
        attachment: {
          contentType: 'application/xml',
          language: header.languageCode,
          url: original.reference,
          title: header.title,
          creation: header.written,
        },
        format: documentFormat(document),
      },
      ...[attached].filter(isText).map((attachment) => ({ attachment })),
    ],
    context: header.encounter && { encounter: [header.encounter] },
  });
}

/** R2.1 gives its templates an extension, the date of the release; R1.1 does not (HL7 document format codes). */
function documentFormat(document: XmlElement): unknown {
  const release = document.all('templateId').some(({ attributes }) => attributes.extension !== undefined)
    ? '2.1'
    : '1.1';
  const body = document.at('component', 'structuredBody') ? 'structuredBody' : 'nonXMLBody';
  return {
    system: 'http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode',
    code: `urn:hl7-org:sdwg:ccda-${body}:${release}`,
  };
}

function nonXmlBody(document: XmlElement, reading: Reading): unknown {
  const body = document.at('component', 'nonXMLBody', 'text');
  if (!body) return undefined;
  const contentType = /^[\w.+-]+\/[\w.+-]+$/.exec(body.attributes.mediaType ?? '')?.[0] ?? 'application/octet-stream';
  const link = body.child('reference')?.attributes.value;
  if (link !== undefined) {
    reading.fidelity.kept('component/nonXMLBody/text/reference', 'DocumentReference.content.attachment.url');
    return /^https?:\/\/[!-~]+$/.test(link) ? { contentType, url: link } : { contentType, title: link };
  }
  reading.fidelity.mapped('component/nonXMLBody/text');
  const data =
    body.attributes.representation === 'B64'
      ? Buffer.from(body.text().replace(/\s+/g, ''), 'base64')
      : Buffer.from(body.text());
  const binary = reading.add({
    resourceType: 'Binary',
    contentType,
    securityContext: reading.patient,
    data: data.toString('base64'),
  });
  return { contentType, url: binary.reference, size: data.length };
}
