import { ENCOUNTER_STATUS, PROCEDURE_STATUS, REQUEST_STATUS, table } from '../concept-maps.ts';
import type { XmlElement } from '../xml.ts';
import {
  authoredOn,
  concepts,
  hasTemplate,
  identifierPart,
  isNegated,
  markStructure,
  notes,
  people,
  reasons,
  statements,
  statusIn,
  statusOf,
} from './common.ts';
import { readCondition } from './conditions.ts';
import { coding, concept, identifiers, interval, requiredConcept, text, timed } from './datatypes.ts';
import { location, organization, practitioner } from './people.ts';
import type { Reading, Reference } from './reading.ts';

/** A procedure, as procedure, act or observation (C-CDA R2.1, 3.81 to 3.84; C-CDA on FHIR, "Procedures"). */
export function readProcedure(element: XmlElement, reading: Reading): Reference {
  const place = participants(element, 'LOC')[0];
  const outcome = element.name === 'observation' ? concept(element.child('value'), reading) : undefined;
  return reading.add({
    resourceType: 'Procedure',
    ...identifierPart(element),
    status: isNegated(element) ? 'not-done' : statusIn(PROCEDURE_STATUS, element, 'unknown'),
    code: requiredConcept(element.child('code'), reading),
    subject: reading.patient,
    ...timed('performed', element.child('effectiveTime'), reading),
    recorder: people(element, 'author', reading)[0],
    performer: people(element, 'performer', reading).map((actor) => ({ actor })),
    location: location(place, reading),
    reasonCode: reasons(element, reading),
    bodySite: concepts(element, 'targetSiteCode', reading),
    outcome,
    usedCode: [],
    focalDevice: participants(element, 'DEV').map((role) => {
      const device = readDevice(role, reading);
      return device && { manipulated: device };
    }),
    note: notes(element, reading),
  });
}

/** The roles of participants of one type code. */
function participants(element: XmlElement, typeCode: string): XmlElement[] {
  return element
    .all('participant')
    .filter((one) => one.attributes.typeCode === typeCode)
    .flatMap((one) => one.all('participantRole'));
}

const UDI_SYSTEMS: Readonly<Record<string, string>> = table({
  '2.16.840.1.113883.3.3719': 'http://hl7.org/fhir/NamingSystem/fda-udi',
});

/** A product instance (C-CDA R2.1, 3.85) as Device. */
function readDevice(role: XmlElement, reading: Reading): Reference | undefined {
  const playing = role.child('playingDevice');
  const type = concept(playing?.child('code'), reading);
  const model = text(playing?.child('manufacturerModelName'), reading);
  const ids = identifiers(role);
  if (!type && model === undefined && ids.length === 0) return undefined;
  const udi = role.all('id').find(({ attributes: { root } }) => UDI_SYSTEMS[root ?? ''] !== undefined)?.attributes;
  return reading.share(`device:${JSON.stringify([ids, type, model])}`, () =>
    reading.add(
      {
        resourceType: 'Device',
        identifier: ids,
        udiCarrier: udi?.extension ? [{ issuer: UDI_SYSTEMS[udi.root ?? ''], carrierHRF: udi.extension }] : [],
        deviceName: model === undefined ? [] : [{ name: model, type: 'model-name' }],
        type,
        patient: reading.patient,
        owner: organization(role.child('scopingEntity'), reading),
      },
      type?.text ?? model,
    ),
  );
}

/** A supply that is no drug: the device and its use (C-CDA R2.1, 3.67). */
export function readSupply(element: XmlElement, reading: Reading): Reference[] {
  const product = element.at('product', 'manufacturedProduct', 'manufacturedMaterial');
  const productType = concept(product?.child('code'), reading);
  const devices = participants(element, 'PRD').flatMap((role) => readDevice(role, reading) ?? []);
  if (productType && devices.length === 0)
    devices.push(reading.add({ resourceType: 'Device', type: productType, patient: reading.patient }));
  return devices.map((device) =>
    reading.add({
      resourceType: 'DeviceUseStatement',
      ...identifierPart(element),
      status: statusIn({ completed: 'completed', active: 'active', aborted: 'stopped' }, element, 'active'),
      subject: reading.patient,
      ...timed('timing', element.child('effectiveTime'), reading),
      device,
      note: notes(element, reading),
    }),
  );
}

/** An encounter activity, or the encounter of the header (C-CDA R2.1, 3.27 and 1.1.11). */
export function readEncounter(element: XmlElement, reading: Reading): Reference[] {
  const code = element.child('code');
  const type = concept(code, reading);
  const classes = [code, ...(code?.all('translation') ?? [])].map(coding);
  const actClass = classes.find((one) => one?.system === ACT_CODE);
  const diagnoses = statements(element)
    .filter((act) => hasTemplate(act, '22.4.80'))
    .flatMap((act) => {
      markStructure(act);
      return statements(act).map((observation) =>
        readCondition(observation, undefined, 'encounter-diagnosis', reading),
      );
    });
  const { at, period } = interval(element.child('effectiveTime'), reading);
  const places = [
    ...participants(element, 'LOC'),
    ...[element.at('location', 'healthCareFacility')].filter((one) => one !== undefined),
  ];
  const persons = [
    ...people(element, 'performer', reading),
    ...['responsibleParty', 'encounterParticipant']
      .flatMap((name) => element.all(name))
      .map((one) => practitioner(one.child('assignedEntity'), reading))
      .filter((one) => one !== undefined),
  ].filter(({ reference }) => /^Practitioner(?:Role)?\//.test(reference));
  const discharge = concept(element.child('dischargeDispositionCode'), reading);
  const encounter = reading.add({
    resourceType: 'Encounter',
    ...identifierPart(element),
    status: statusIn(ENCOUNTER_STATUS, element, element.attributes.moodCode === 'INT' ? 'planned' : 'finished'),
    class: actClass ?? { system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'UNK' },
    type: [type],
    priority: concept(element.child('priorityCode'), reading),
    subject: reading.patient,
    participant: persons.map((individual) => ({ individual })),
    period: period ?? (at === undefined ? undefined : { start: at }),
    reasonCode: reasons(element, reading),
    diagnosis: diagnoses.map((condition) => ({ condition })),
    hospitalization: discharge && { dischargeDisposition: discharge },
    location: places.map((place) => ({ location: location(place, reading) })).filter((one) => one.location),
  });
  return [encounter, ...diagnoses];
}

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** Planned acts, observations, procedures, encounters and supplies as requests (C-CDA R2.1, 3.70 to 3.76). */
export function readPlan(element: XmlElement, reading: Reading): Reference {
  const mood = element.attributes.moodCode ?? '';
  const intent = mood === 'RQO' ? 'order' : mood === 'PRP' || mood === 'PRMS' ? 'proposal' : 'plan';
  const { at, period } = interval(element.child('effectiveTime'), reading);
  return reading.add({
    resourceType: 'ServiceRequest',
    ...identifierPart(element),
    status: statusIn(REQUEST_STATUS, element, 'active'),
    intent,
    doNotPerform: isNegated(element) ? true : undefined,
    code: requiredConcept(element.child('code'), reading),
    subject: reading.patient,
    occurrenceDateTime: at,
    occurrencePeriod: period,
    authoredOn: authoredOn(element, reading),
    requester: people(element, 'author', reading)[0],
    performer: people(element, 'performer', reading),
    reasonCode: reasons(element, reading),
    bodySite: concepts(element, 'targetSiteCode', reading),
    note: notes(element, reading),
  });
}

/** A goal observation (C-CDA R2.1, 3.38). */
export function readGoal(element: XmlElement, reading: Reading): Reference {
  const code = concept(element.child('code'), reading);
  const value = text(element.child('value'), reading) ?? concept(element.child('value'), reading)?.text;
  const { at, period } = interval(element.child('effectiveTime'), reading);
  const start = (at ?? period?.start)?.slice(0, 10);
  const due = period?.end?.slice(0, 10);
  return reading.add({
    resourceType: 'Goal',
    ...identifierPart(element),
    lifecycleStatus: statusIn(
      { active: 'active', completed: 'completed', cancelled: 'cancelled', aborted: 'cancelled', suspended: 'on-hold' },
      element,
      'active',
    ),
    description:
      value === undefined ? (code ?? requiredConcept(element.child('code'), reading)) : { ...code, text: value },
    subject: reading.patient,
    startDate: start,
    target: due === undefined ? [] : [{ dueDate: due }],
    expressedBy: people(element, 'author', reading).find(({ reference }) => reference.startsWith('Practitioner/')),
    note: notes(element, reading),
  });
}

/** An instruction to the patient (C-CDA R2.1, 3.49). */
export function readInstruction(element: XmlElement, reading: Reading): Reference {
  const said = text(element.child('text'), reading);
  const code = concept(element.child('code'), reading);
  return reading.add({
    resourceType: 'CommunicationRequest',
    ...identifierPart(element),
    status: statusIn(REQUEST_STATUS, element, 'active'),
    category: [{ text: 'instruction' }],
    subject: reading.patient,
    reasonCode: [code],
    payload: said === undefined ? [] : [{ contentString: said }],
    authoredOn: authoredOn(element, reading),
  });
}

/** A policy within a coverage activity (C-CDA R2.1, 3.18 and 3.78). */
export function readCoverage(activity: XmlElement, reading: Reading): Reference[] {
  markStructure(activity);
  return statements(activity).map((policy) => {
    const covered = participants(policy, 'COV')[0];
    const payer =
      policy.all('performer').find((one) => one.child('assignedEntity')?.at('code')?.attributes.code === 'PAYOR') ??
      policy.child('performer');
    const payerEntity = payer?.child('assignedEntity');
    const payorRef = practitioner(payerEntity, reading) ?? organization(payerEntity, reading);
    const ids = identifiers(covered);
    const relationship = concept(covered?.child('code'), reading);
    const { period } = interval(
      covered
        ? policy
            .all('participant')
            .find((one) => one.attributes.typeCode === 'COV')
            ?.child('time')
        : undefined,
      reading,
    );
    return reading.add({
      resourceType: 'Coverage',
      ...identifierPart(policy),
      status: statusOf(policy) === 'aborted' ? 'cancelled' : 'active',
      type: concept(policy.child('code'), reading),
      subscriberId: ids[0]?.value,
      beneficiary: reading.patient,
      relationship,
      period,
      payor: [
        payorRef && /^(?:Organization|Patient)\//.test(payorRef.reference)
          ? payorRef
          : { display: payorRef?.display ?? 'Not stated in the document' },
      ],
    });
  });
}

/** A note activity (C-CDA R2.1 Companion Guide, "Note Activity") as DocumentReference with its text. */
export function readNote(element: XmlElement, reading: Reading): Reference {
  const said = text(element.child('text'), reading);
  const { at, period } = interval(element.child('effectiveTime'), reading);
  const written = at ?? period?.start ?? authoredOn(element, reading);
  const attachment =
    said === undefined
      ? { contentType: 'text/plain', title: 'Note without text' }
      : { contentType: 'text/plain', data: Buffer.from(said).toString('base64') };
  return reading.add({
    resourceType: 'DocumentReference',
    ...identifierPart(element),
    status: 'current',
    type: requiredConcept(element.child('code'), reading),
    category: [
      {
        coding: [
          {
            system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category',
            code: 'clinical-note',
          },
        ],
      },
    ],
    subject: reading.patient,
    date: written !== undefined && written.length > 10 ? written : undefined,
    author: people(element, 'author', reading),
    content: [{ attachment }],
    context: written !== undefined && written.length <= 10 ? { period: { start: written } } : undefined,
  });
}
