import { createHash } from 'node:crypto';
import { type Random, seeded } from '../../e2e/random.ts';

/** The synthetic ward of the benchmarks: the same seed gives the same resources and the same order of requests. */
export const IDENTIFIERS = 'urn:oid:2.16.840.1.113883.19.5.99999';
export const LOINC = 'http://loinc.org';

const GIVEN =
  'Ada Bruno Chiara Dmitri Elena Farid Grace Hiro Ines Jonas Kofi Leila Mateo Nora Omar Priya Rosa Sven'.split(' ');
const FAMILY =
  'Abbott Bianchi Castillo Dubois Eriksen Greco Hoffmann Ivanov Jansen Kowalski Moreau Okafor Petrov Xu'.split(' ');

/** LOINC code, display, UCUM unit, low, high, category; without unit: blood pressure, a panel of two. */
export const MEASUREMENTS = [
  ['8867-4', 'Heart rate', '/min', 60, 100, 'vital-signs'],
  ['8310-5', 'Body temperature', 'Cel', 36, 38, 'vital-signs'],
  ['59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry', '%', 92, 100, 'vital-signs'],
  ['29463-7', 'Body weight', 'kg', 45, 120, 'vital-signs'],
  ['2339-0', 'Glucose [Mass/volume] in Blood', 'mg/dL', 65, 200, 'laboratory'],
  ['4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '%', 4, 10, 'laboratory'],
  ['2160-0', 'Creatinine [Mass/volume] in Serum or Plasma', 'mg/dL', 0.5, 2, 'laboratory'],
  ['2823-3', 'Potassium [Moles/volume] in Serum or Plasma', 'mmol/L', 3, 6, 'laboratory'],
  ['718-7', 'Hemoglobin [Mass/volume] in Blood', 'g/dL', 9, 18, 'laboratory'],
  ['85354-9', 'Blood pressure panel with all children optional', '', 60, 180, 'vital-signs'],
] as const;

/** Randomness of one thing, whatever was made before it. */
export function randomOf(...key: readonly (string | number)[]): Random {
  return seeded(createHash('sha256').update(key.join('/')).digest().readInt32LE(0));
}

/** A UUID that follows from its key. */
export function uuidOf(...key: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(key.join('/')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function familyOf(run: string, index: number): string {
  return randomOf(run, 'family', index).pick(FAMILY) + (index % 40);
}

export function patient(run: string, index: number): Record<string, unknown> {
  const random = randomOf(run, 'patient', index);
  const mrn = { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR', display: 'Medical Record Number' };
  return {
    resourceType: 'Patient',
    identifier: [
      { use: 'official', type: { coding: [mrn] }, system: IDENTIFIERS, value: `${run}-MRN-${index}` },
      { system: 'http://hl7.org/fhir/sid/us-ssn', value: `999-${10 + (index % 90)}-${1000 + index}` },
    ],
    active: true,
    name: [
      {
        use: 'official',
        family: familyOf(run, index),
        given: [random.pick(GIVEN), random.pick(GIVEN)],
        prefix: ['Dr.'],
      },
    ],
    telecom: [
      { system: 'phone', value: `555-01${index % 90}-${1000 + index}`, use: 'home' },
      { system: 'email', value: `p${index}.${run}@example.org` },
    ],
    gender: random.pick(['male', 'female']),
    birthDate: `${1930 + random.below(85)}-0${1 + random.below(9)}-1${random.below(9)}`,
    address: [
      {
        line: [`${1 + random.below(900)} Main Street`],
        city: random.pick(['Springfield', 'Riverton', 'Lakeside']),
        state: 'MA',
        postalCode: `0${1000 + random.below(8000)}`,
        country: 'US',
      },
    ],
    maritalStatus: concept('http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', 'M', 'Married'),
    communication: [{ language: concept('urn:ietf:bcp:47', 'en-US', 'English') }],
  };
}

export function practitioner(run: string, index: number): Record<string, unknown> {
  const random = randomOf(run, 'practitioner', index);
  return {
    resourceType: 'Practitioner',
    active: true,
    identifier: [{ system: `${IDENTIFIERS}.3`, value: `${run}-D-${index}` }],
    name: [{ family: random.pick(FAMILY), given: [random.pick(GIVEN)], prefix: ['Dr.'] }],
  };
}

/** About 1.5 KB of JSON, as laboratory systems send it. */
export function observation(
  subject: string,
  performer: string,
  key: string,
  measurement: number,
): Record<string, unknown> {
  const random = randomOf('observation', key);
  const entry = MEASUREMENTS[measurement % MEASUREMENTS.length] as (typeof MEASUREMENTS)[number];
  const [code, display, unit, low, high, category] = entry;
  const when = new Date(Date.UTC(2020, 0, 1) + Math.floor(random.next() * 5 * 365 * 86_400_000)).toISOString();
  const value = (): number => Math.round((low + random.next() * (high - low)) * 10) / 10;
  const part = (partCode: string, partDisplay: string): object => ({
    code: concept(LOINC, partCode, partDisplay),
    valueQuantity: quantity(Math.round(value()), 'mm[Hg]'),
  });
  const categories = 'http://terminology.hl7.org/CodeSystem/observation-category';
  const normal = concept('http://terminology.hl7.org/CodeSystem/referencerange-meaning', 'normal', 'Normal Range');
  return {
    resourceType: 'Observation',
    identifier: [{ system: `${IDENTIFIERS}.1`, value: key }],
    status: 'final',
    category: [concept(categories, category, category === 'laboratory' ? 'Laboratory' : 'Vital Signs')],
    code: { coding: [{ system: LOINC, code, display }], text: display },
    subject: { reference: subject },
    effectiveDateTime: when,
    issued: when,
    performer: [{ reference: performer, display: `Dr. ${random.pick(GIVEN)} ${random.pick(FAMILY)}` }],
    ...(unit === ''
      ? { component: [part('8480-6', 'Systolic blood pressure'), part('8462-4', 'Diastolic blood pressure')] }
      : {
          valueQuantity: quantity(value(), unit),
          referenceRange: [{ low: quantity(low, unit), high: quantity(high, unit), type: normal }],
        }),
    interpretation: [concept('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', 'N', 'Normal')],
    method: { ...concept('http://snomed.info/sct', '272394005', 'Technique'), text: 'Measured at the point of care' },
    note: [
      { text: 'Patient at rest for five minutes before the measurement; device calibrated by the ward protocol.' },
    ],
  };
}

/** A transaction of 100 resources that refer to each other: one patient's year, about 125 KB. */
export function transactionOf100(key: string): Record<string, unknown> {
  const random = randomOf('transaction', key);
  const entry: { fullUrl: string; resource: object; request: object }[] = [];
  const add = (resource: Record<string, unknown>): string => {
    const fullUrl = `urn:uuid:${uuidOf('entry', key, entry.length)}`;
    entry.push({ fullUrl, resource, request: { method: 'POST', url: String(resource.resourceType) } });
    return fullUrl;
  };
  const subject = add(patient(key, random.below(900_000)));
  const organization = add({
    resourceType: 'Organization',
    active: true,
    identifier: [{ system: `${IDENTIFIERS}.2`, value: key }],
    name: 'Riverton General Hospital',
    address: [{ city: 'Riverton', state: 'MA' }],
  });
  const doctor = add(practitioner(key, 0));
  for (let visit = 0; visit < 8; visit++) addVisit(add, { subject, organization, doctor }, `${key}-${visit}`, visit);
  add({
    resourceType: 'AllergyIntolerance',
    clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', 'active', 'Active'),
    verificationStatus: concept(
      'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
      'confirmed',
      'Confirmed',
    ),
    category: ['food'],
    code: concept('http://snomed.info/sct', '91935009', 'Allergy to peanut'),
    patient: { reference: subject },
    recordedDate: '2021-02-03T10:00:00Z',
  });
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

interface Visit {
  subject: string;
  organization: string;
  doctor: string;
}

function addVisit(add: (resource: Record<string, unknown>) => string, visit: Visit, key: string, index: number): void {
  const start = new Date(Date.UTC(2021, 0, 1) + randomOf('visit', key).below(1000) * 86_400_000);
  const period = { start: start.toISOString(), end: new Date(start.getTime() + 1_800_000).toISOString() };
  const subject = { reference: visit.subject };
  const encounter = {
    reference: add({
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
      type: [concept('http://snomed.info/sct', '162673000', 'General examination of patient (procedure)')],
      subject,
      participant: [{ individual: { reference: visit.doctor } }],
      period,
      serviceProvider: { reference: visit.organization },
    }),
  };
  add({
    resourceType: 'Condition',
    clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
    verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed', 'Confirmed'),
    category: [
      concept('http://terminology.hl7.org/CodeSystem/condition-category', 'encounter-diagnosis', 'Encounter Diagnosis'),
    ],
    code: concept('http://snomed.info/sct', '59621000', 'Essential hypertension (disorder)'),
    subject,
    encounter,
    onsetDateTime: period.start,
    recordedDate: period.start,
  });
  const result = Array.from({ length: 6 }, (_, i) => ({
    reference: add({
      ...observation(visit.subject, visit.doctor, `${key}-${i}`, i + index),
      encounter,
      effectiveDateTime: period.start,
    }),
  }));
  add({
    resourceType: 'DiagnosticReport',
    status: 'final',
    category: [concept('http://terminology.hl7.org/CodeSystem/v2-0074', 'LAB', 'Laboratory')],
    code: concept(LOINC, '51990-0', 'Basic metabolic panel - Blood'),
    subject,
    encounter,
    effectiveDateTime: period.start,
    issued: period.start,
    performer: [{ reference: visit.organization }],
    result,
  });
  add({
    resourceType: 'Procedure',
    status: 'completed',
    code: concept('http://snomed.info/sct', '430193006', 'Medication Reconciliation (procedure)'),
    subject,
    encounter,
    performedPeriod: period,
  });
  add({
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: concept(
      'http://www.nlm.nih.gov/research/umls/rxnorm',
      '314076',
      'lisinopril 10 MG Oral Tablet',
    ),
    subject,
    encounter,
    authoredOn: period.start,
    requester: { reference: visit.doctor },
    dosageInstruction: [
      { sequence: 1, text: 'One tablet a day', timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } } },
    ],
  });
  add({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: concept('http://hl7.org/fhir/sid/cvx', '140', 'Influenza, seasonal, injectable, preservative free'),
    patient: subject,
    encounter,
    occurrenceDateTime: period.start,
    primarySource: true,
  });
}

function concept(system: string, code: string, display: string): { coding: object[]; text: string } {
  return { coding: [{ system, code, display }], text: display };
}

function quantity(value: number, unit: string): object {
  return { value, unit, system: 'http://unitsofmeasure.org', code: unit };
}
