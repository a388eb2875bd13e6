import type { Resource } from '@meridian/fhir';
import { ConversionError } from '../evidence/converter.ts';
import { Fidelity, type FidelityReport } from '../evidence/fidelity.ts';
import { encodeText } from './character-set.ts';
import { STANDARD_DELIMITERS } from './delimiters.ts';
import type { Json } from './mapping/rules.ts';
import type { Field } from './message.ts';
import { addressField, codedField, codeFor, identifierField, nameField, telecomField } from './outgoing/datatypes.ts';
import { dateText, observationFields } from './outgoing/observation.ts';
import { components, type OutgoingSegment, writeMessage } from './write.ts';

/** What stands in MSH of a message that goes out. */
export interface OutgoingHeader {
  /** MSH-3 to MSH-6: namespaces. */
  sendingApplication: string;
  sendingFacility: string;
  receivingApplication: string;
  receivingFacility: string;
  /** MSH-7. */
  at: Date;
  /** MSH-10; at most 199 characters. */
  controlId: string;
  /** MSH-11: `P` production, `T` training, `D` debugging. */
  processing?: 'P' | 'T' | 'D';
}

export interface OutgoingMessage {
  /** UTF-8, as MSH-18 says. */
  bytes: Uint8Array;
  fidelity: FidelityReport;
}

const VERSION = '2.5.1';
const CHARACTER_SET = 'UNICODE UTF-8';

/** ADT^A08 (update patient information, HL7 v2.9 §3.3.8) of a Patient and, where there is one, the visit. */
export function toAdtA08(patient: Resource, encounter: Resource | undefined, header: OutgoingHeader): OutgoingMessage {
  const fidelity = new Fidelity();
  const segments = [
    msh(['ADT', 'A08', 'ADT_A01'], header),
    { name: 'EVN', fields: [[], single(timestamp(header.at))] },
    pid(patient, fidelity),
    pv1(encounter, fidelity),
  ];
  return written(segments, fidelity);
}

/**
 * ORU^R01 (unsolicited results, HL7 v2.9 §7.3.1) of a report and its observations, in the order of `report.result`
 * where that names them.
 */
export function toOruR01(
  patient: Resource,
  report: Resource,
  observations: readonly Resource[],
  header: OutgoingHeader,
): OutgoingMessage {
  const fidelity = new Fidelity();
  const segments = [
    msh(['ORU', 'R01', 'ORU_R01'], header),
    pid(patient, fidelity),
    obr(report, fidelity),
    ...observations.flatMap((observation, at) => obx(observation, at + 1, fidelity)),
  ];
  return written(segments, fidelity);
}

function written(segments: readonly OutgoingSegment[], fidelity: Fidelity): OutgoingMessage {
  return { bytes: encodeText(writeMessage(segments, STANDARD_DELIMITERS), CHARACTER_SET), fidelity: fidelity.report() };
}

function msh(type: readonly string[], header: OutgoingHeader): OutgoingSegment {
  const { sendingApplication, sendingFacility, receivingApplication, receivingFacility, controlId } = header;
  if (controlId === '' || controlId.length > 199) {
    throw new ConversionError('A message needs a control id of 1 to 199 characters.');
  }
  const fields: Field[] = [
    components(sendingApplication),
    components(sendingFacility),
    components(receivingApplication),
    components(receivingFacility),
    single(timestamp(header.at)),
    [],
    components(...type),
    components(controlId),
    components(header.processing ?? 'P'),
    components(VERSION),
    ...Array.from({ length: 5 }, (): Field => []),
    components(CHARACTER_SET),
  ];
  return { name: 'MSH', fields };
}

function single(text: string): Field {
  return components(text);
}

/** YYYYMMDDHHMMSS+0000. */
function timestamp(at: Date): string {
  return `${at.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}+0000`;
}

/** Says of each element with content whether it went into the message. */
function account(resource: Resource, carried: ReadonlySet<string>, fidelity: Fidelity): void {
  for (const element of Object.keys(resource)) {
    if (element === 'resourceType' || element === 'id' || element === 'meta') continue;
    const path = `${resource.resourceType}.${element}`;
    if (carried.has(element)) fidelity.mapped(path);
    else fidelity.dropped(path, 'not part of this message');
  }
}

const PATIENT: ReadonlySet<string> = new Set(
  'identifier name birthDate gender address telecom maritalStatus deceasedDateTime deceasedBoolean multipleBirthInteger'.split(
    ' ',
  ),
);

function pid(patient: Resource, fidelity: Fidelity): OutgoingSegment {
  if (patient.resourceType !== 'Patient') throw new ConversionError('PID is written from a Patient.');
  account(patient, PATIENT, fidelity);
  const list = (element: string): Json[] => (patient[element] as Json[] | undefined) ?? [];
  const fields: Field[] = Array.from({ length: 30 }, (): Field => []);
  const put = (number: number, field: Field): void => {
    fields[number - 1] = field;
  };
  put(1, single('1'));
  put(3, list('identifier').flatMap(identifierField));
  put(5, list('name').flatMap(nameField));
  put(7, single(dateText(patient.birthDate)));
  put(8, single(codeFor('AdministrativeSex', patient.gender)));
  put(11, list('address').flatMap(addressField));
  const isWork = ({ use }: Json): boolean => use === 'work';
  put(
    13,
    list('telecom')
      .filter((each) => !isWork(each))
      .flatMap(telecomField),
  );
  put(14, list('telecom').filter(isWork).flatMap(telecomField));
  put(16, codedField(patient.maritalStatus));
  put(25, single(patient.multipleBirthInteger === undefined ? '' : String(patient.multipleBirthInteger)));
  put(29, single(dateText(patient.deceasedDateTime)));
  put(30, single(patient.deceasedBoolean === undefined ? '' : patient.deceasedBoolean === true ? 'Y' : 'N'));
  return { name: 'PID', fields };
}

const VISIT: ReadonlySet<string> = new Set(['identifier', 'class', 'period', 'subject']);

function pv1(encounter: Resource | undefined, fidelity: Fidelity): OutgoingSegment {
  const fields: Field[] = Array.from({ length: 45 }, (): Field => []);
  fields[0] = single('1');
  // "not applicable": PV1 is required in A08, a visit is not
  fields[1] = single('N');
  if (!encounter) return { name: 'PV1', fields };
  account(encounter, VISIT, fidelity);
  const code = (encounter.class as Json | undefined)?.code;
  fields[1] = single(codeFor('PatientClass[EncounterClass]', code) || 'U');
  fields[18] = ((encounter.identifier as Json[] | undefined) ?? []).slice(0, 1).flatMap(identifierField);
  const { start, end } = (encounter.period as Json | undefined) ?? {};
  fields[43] = single(dateText(start));
  fields[44] = single(dateText(end));
  return { name: 'PV1', fields };
}

const REPORT: ReadonlySet<string> = new Set(
  'identifier code status effectiveDateTime effectivePeriod issued subject result'.split(' '),
);

function obr(report: Resource, fidelity: Fidelity): OutgoingSegment {
  if (report.resourceType !== 'DiagnosticReport') throw new ConversionError('OBR is written from a DiagnosticReport.');
  account(report, REPORT, fidelity);
  const fields: Field[] = Array.from({ length: 25 }, (): Field => []);
  const identifiers = (report.identifier as Json[] | undefined) ?? [];
  const typed = (code: string): Json | undefined =>
    identifiers.find(
      ({ type }) => (((type as Json | undefined)?.coding as Json[] | undefined)?.[0]?.code ?? '') === code,
    );
  const number = (identifier: Json | undefined): Field =>
    components(String(identifier?.value ?? ''), '', ...universal(identifier?.system));
  fields[0] = single('1');
  fields[1] = number(typed('PLAC'));
  fields[2] = number(typed('FILL') ?? identifiers.find((each) => each !== typed('PLAC')));
  fields[3] = codedField(report.code);
  const { start, end } = (report.effectivePeriod as Json | undefined) ?? {};
  fields[6] = single(dateText(report.effectiveDateTime ?? start));
  fields[7] = single(dateText(end));
  fields[21] = single(dateText(report.issued));
  fields[24] = single(codeFor('ResultStatus[Non-Queries]', report.status) || 'F');
  return { name: 'OBR', fields };
}

/** A system as EI-3 and EI-4. */
function universal(system: unknown): [string, string] {
  const uri = String(system ?? '');
  if (uri.startsWith('urn:oid:')) return [uri.slice(8), 'ISO'];
  return uri === '' ? ['', ''] : [uri, 'URI'];
}

function obx(observation: Resource, number: number, fidelity: Fidelity): OutgoingSegment[] {
  const { segment, carried, notes } = observationFields(observation, number);
  account(observation, carried, fidelity);
  return [segment, ...notes];
}
