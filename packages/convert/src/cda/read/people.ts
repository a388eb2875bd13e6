import { GENDER } from '../concept-maps.ts';
import type { XmlElement } from '../xml.ts';
import { coding, concept, date, each, identifiers, interval, text } from './datatypes.ts';
import { address, humanName, telecom } from './persons.ts';
import type { Reading, Reference } from './reading.ts';

const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition';

type Maybe = XmlElement | undefined;

/** `recordTarget/patientRole` as Patient (C-CDA R2.1, 1.1.2; C-CDA on FHIR, "Patient"). */
export function readPatient(role: XmlElement, reading: Reading): Reference {
  const person = role.child('patient');
  const gender = person?.child('administrativeGenderCode');
  const code = gender?.attributes.code?.trim();
  if (gender) gender.read = true;
  const deceasedAt = date(person?.child('deceasedTime'), reading);
  const deceased = person?.child('deceasedInd');
  if (deceased) deceased.read = true;
  const names = each(person, 'name', (name) => humanName(name, reading));
  return reading.add(
    {
      resourceType: 'Patient',
      extension: person
        ? [
            ...origins(person, 'race', 'raceCode', reading),
            ...origins(person, 'ethnicity', 'ethnicGroupCode', reading),
            ...personal(person, reading),
          ]
        : [],
      identifier: identifiers(role),
      name: names,
      telecom: each(role, 'telecom', telecom),
      gender: gender && (GENDER[code ?? ''] ?? 'unknown'),
      birthDate: date(person?.child('birthTime'), reading),
      deceasedDateTime: deceasedAt,
      deceasedBoolean: deceasedAt === undefined && deceased?.attributes.value === 'true' ? true : undefined,
      address: each(role, 'addr', (addr) => address(addr, reading)),
      maritalStatus: concept(person?.child('maritalStatusCode'), reading),
      contact: each(person, 'guardian', (guardian) => readGuardian(guardian, reading)),
      communication: each(person, 'languageCommunication', (language) => communication(language)),
      managingOrganization: organization(role.child('providerOrganization'), reading),
    },
    fullName(names[0]),
  );
}

/** US Core race and ethnicity: the OMB categories first, then the detailed codes; a text is always there. */
function origins(person: XmlElement, name: string, element: string, reading: Reading): unknown[] {
  const codes = each(person, element, (one) => coding(one));
  const said = person.all(element).map((one) => one.attributes.displayName ?? text(one.child('originalText'), reading));
  if (codes.length === 0) return [];
  const categories = new Set(['1002-5', '2028-9', '2054-5', '2076-8', '2106-3', '2135-2', '2186-5']);
  return [
    {
      url: `${US_CORE}/us-core-${name}`,
      extension: [
        ...codes.map((valueCoding) => ({
          url: categories.has(valueCoding.code ?? '') ? 'ombCategory' : 'detailed',
          valueCoding,
        })),
        { url: 'text', valueString: said.filter(Boolean).join(', ') || codes.map(({ code }) => code).join(', ') },
      ],
    },
  ];
}

function personal(person: XmlElement, reading: Reading): unknown[] {
  const religion = concept(person.child('religiousAffiliationCode'), reading);
  const birthplace = person.at('birthplace', 'place', 'addr');
  const born = birthplace && address(birthplace, reading);
  return [
    ...(religion
      ? [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-religion', valueCodeableConcept: religion }]
      : []),
    ...(born ? [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: born }] : []),
  ];
}

function communication(element: XmlElement): unknown {
  const language = element.child('languageCode');
  const code = language?.attributes.code?.trim();
  if (!language || !code) return undefined;
  language.read = true;
  const preferred = element.child('preferenceInd');
  if (preferred) preferred.read = true;
  return {
    language: { coding: [{ system: 'urn:ietf:bcp:47', code }] },
    preferred: preferred?.attributes.value === 'true' ? true : undefined,
  };
}

function readGuardian(guardian: XmlElement, reading: Reading): unknown {
  const name = guardian.at('guardianPerson', 'name');
  const said = name && humanName(name, reading);
  const addr = guardian.child('addr');
  const relationship = concept(guardian.child('code'), reading);
  const contact = {
    relationship: relationship ? [relationship] : [],
    name: said,
    telecom: each(guardian, 'telecom', telecom),
    address: addr && address(addr, reading),
  };
  return said || contact.telecom.length > 0 || contact.address ? contact : undefined;
}

/** `assignedAuthor`, `assignedEntity`, `associatedEntity`: a Practitioner, a Device or an Organization, made once. */
export function practitioner(entity: Maybe, reading: Reading): Reference | undefined {
  if (!entity) return undefined;
  const person = entity.child('assignedPerson') ?? entity.child('associatedPerson');
  const device = entity.child('assignedAuthoringDevice');
  const ids = identifiers(entity);
  const names = each(person, 'name', (name) => humanName(name, reading));
  const work = organization(entity.child('representedOrganization') ?? entity.child('scopingOrganization'), reading);
  if (device) return authoringDevice(device, ids, reading);
  if (names.length === 0 && ids.length === 0) return work;
  const qualification = concept(entity.child('code'), reading);
  const draft = {
    resourceType: 'Practitioner',
    identifier: ids,
    name: names,
    telecom: each(entity, 'telecom', telecom),
    address: each(entity, 'addr', (addr) => address(addr, reading)),
    qualification: qualification ? [{ code: qualification }] : [],
  };
  // An author that is named by its identifier alone is the one who was named in full before.
  const known = names.length === 0 ? `who:${JSON.stringify(ids)}` : `who:${JSON.stringify([ids, names])}`;
  const reference = reading.share(known, () => reading.add(draft, fullName(names[0])));
  reading.share(`who:${JSON.stringify(ids)}`, () => reference);
  return reference;
}

function authoringDevice(device: XmlElement, ids: unknown[], reading: Reading): Reference {
  const model = text(device.child('manufacturerModelName'), reading);
  const software = text(device.child('softwareName'), reading);
  const names = [
    ...(model ? [{ name: model, type: 'model-name' }] : []),
    ...(software ? [{ name: software, type: 'other' }] : []),
  ];
  return reading.share(`device:${JSON.stringify([ids, names])}`, () =>
    reading.add({ resourceType: 'Device', identifier: ids, deviceName: names }, software ?? model),
  );
}

/** An Organization, made once; none without identifier and name (org-1). */
export function organization(element: Maybe, reading: Reading): Reference | undefined {
  if (!element) return undefined;
  const ids = identifiers(element);
  const name = text(element.child('name'), reading);
  if (ids.length === 0 && name === undefined) return undefined;
  const telecoms = each(element, 'telecom', telecom);
  const addresses = each(element, 'addr', (addr) => address(addr, reading));
  for (const one of telecoms) if (one.use === 'home') delete one.use; // org-3
  for (const one of addresses) if (one.use === 'home') delete one.use; // org-2
  return reading.share(`organisation:${JSON.stringify([ids, name])}`, () =>
    reading.add({ resourceType: 'Organization', identifier: ids, name, telecom: telecoms, address: addresses }, name),
  );
}

/** A service delivery location, `participant[LOC]` or `healthCareFacility`, as Location. */
export function location(role: Maybe, reading: Reading): Reference | undefined {
  if (!role) return undefined;
  const place = role.child('playingEntity') ?? role.child('location');
  const name = text(place?.child('name'), reading);
  const addr = role.child('addr') ?? place?.child('addr');
  const type = concept(role.child('code'), reading);
  const ids = identifiers(role);
  if (name === undefined && !type && ids.length === 0) return undefined;
  const draft = {
    resourceType: 'Location',
    identifier: ids,
    name,
    type: type ? [type] : [],
    telecom: each(role, 'telecom', telecom),
    address: addr && address(addr, reading),
    managingOrganization: organization(role.child('serviceProviderOrganization'), reading),
  };
  return reading.share(`place:${JSON.stringify(draft)}`, () => reading.add(draft, name ?? type?.text));
}

/** A relative, agent or other person who took part, named in the header. */
export function participation(element: XmlElement, reading: Reading): unknown {
  const when = interval(element.child('time'), reading).period;
  const entity = element.child('associatedEntity');
  const who = practitioner(entity, reading);
  return who ? { who, when } : undefined;
}

function fullName(name: Record<string, unknown> | undefined): string | undefined {
  if (!name) return undefined;
  if (typeof name.text === 'string') return name.text;
  const parts = [name.prefix, name.given, name.family, name.suffix].flat();
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' ') || undefined;
}
