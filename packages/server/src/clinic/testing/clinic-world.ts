import { createAccount, type DpopClient, dpopClient } from '../../testing/dpop-client.ts';
import { type TestAnswer, type TestServer, testServer } from '../../testing/server.ts';

const ATC = 'http://www.whocc.no/atc';
export const WARFARIN = { coding: [{ system: ATC, code: 'B01AA03' }], text: 'Warfarin 3 mg 華法林' };
export const DANSHEN = { text: '丹參' };
export const NOW = new Date().toISOString();

type Json = Record<string, unknown>;

/** A server with a clinic: a patient (p1), her doctor, and a doctor elsewhere. */
export interface ClinicWorld {
  server: TestServer;
  patient: DpopClient;
  doctor: DpopClient;
  second: DpopClient;
  put(resource: { resourceType: string; id: string; [element: string]: unknown }): Promise<TestAnswer>;
  /** A patient in the doctor's care, who takes warfarin, as each of these orders has it. */
  inCare(id: string, takes?: readonly object[]): Promise<void>;
  /** The patient's own list of what happened, once it is logged. */
  told(interaction: string): Promise<unknown>;
}

export async function clinicWorld(): Promise<ClinicWorld> {
  const server = await testServer();
  const put: ClinicWorld['put'] = (resource) => server.call('PUT', `${resource.resourceType}/${resource.id}`, resource);
  const inCare: ClinicWorld['inCare'] = async (id, takes = []) => {
    await put({ resourceType: 'Patient', id, gender: 'female', birthDate: '1960-01-01', name: [{ family: 'Chan' }] });
    await put({
      ...{ resourceType: 'Encounter', id: `visit-${id}`, status: 'in-progress', class: { code: 'AMB' } },
      ...{ subject: { reference: `Patient/${id}` }, period: { start: NOW } },
      participant: [{ individual: { reference: 'Practitioner/d1' } }],
    });
    for (const [at, one] of takes.entries()) await put({ ...order(id, WARFARIN, one), id: `${id}-takes-${at}` });
  };
  await put({ resourceType: 'Practitioner', id: 'd1', name: [{ family: 'Wong' }] });
  await put({ resourceType: 'Practitioner', id: 'd2', name: [{ family: 'Lee' }] });
  await put({ resourceType: 'Organization', id: 'clinic', name: 'Model Clinic' });
  await inCare('p1', [{}]);
  const practitioner = { roles: ['tcm-practitioner'], registrations: ['chinese-medicine'], organizations: ['clinic'] };
  const accounts = [
    { username: 'pat', name: 'Chan', resource: 'Patient/p1', roles: ['patient'] },
    { username: 'doc', name: 'Dr Wong', resource: 'Practitioner/d1', ...practitioner },
    { username: 'two', name: 'Dr Lee', resource: 'Practitioner/d2', ...practitioner, organizations: ['elsewhere'] },
  ];
  const passwords = await Promise.all(accounts.map((account) => createAccount(server, account)));
  const [patient, doctor, second] = (await Promise.all(
    accounts.map(({ username }, i) => dpopClient(server, username, passwords[i] as string)),
  )) as [DpopClient, DpopClient, DpopClient];
  return { ...{ server, patient, doctor, second, put, inCare }, told: (interaction) => told(patient, interaction) };
}

async function told(patient: DpopClient, interaction: string): Promise<unknown> {
  for (let i = 0; i < 50; i++) {
    const { json } = await patient.call('GET', '/fhir/AuditEvent?patient=p1');
    const found = (json.entry ?? []).find(({ resource }) => JSON.stringify(resource.subtype).includes(interaction));
    if (found) return found.resource;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the event is not in the chain');
}

/** An order of today. */
export function order(patientId: string, medication: object, more: object = {}): Json & { resourceType: string } {
  return {
    resourceType: 'MedicationRequest',
    ...{ status: 'active', intent: 'order', authoredOn: NOW },
    subject: { reference: `Patient/${patientId}` },
    medicationCodeableConcept: medication,
    ...more,
  };
}

/** A parameter of an answer, as tests look at it. */
export interface Part {
  name: string;
  part?: Part[];
  resource?: Json;
  [value: string]: unknown;
}

export function parameters(answer: TestAnswer, name: string): Part[] {
  return ((answer.json.parameter ?? []) as Part[]).filter((one) => one.name === name);
}

export function part(of: Part | undefined, name: string): Part | undefined {
  return of?.part?.find((one) => one.name === name);
}
