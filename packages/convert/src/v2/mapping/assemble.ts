import type { Fidelity } from '../../evidence/fidelity.ts';
import type { Message } from '../message.ts';
import { Assembly, type MessageFacts } from './assembly.ts';
import { SegmentCells } from './cell.ts';
import { isMappable } from './code-tables.ts';
import { addPatient, aig, ail, aip, ais, sch } from './handlers/appointments.ts';
import { ft1, in1 } from './handlers/coverage.ts';
import { finishDocument, txa } from './handlers/documents.ts';
import { rxa, rxd, rxe, rxo, rxr } from './handlers/medications.ts';
import { nte, obx } from './handlers/observations.ts';
import { finishOrder, obr, orc, spm, tq1 } from './handlers/orders.ts';
import { al1, arv, evn, finishAccount, gt1, iam, mrg, nk1, pd1, pid } from './handlers/people.ts';
import { addSubject, prd, rf1 } from './handlers/referrals.ts';
import { dg1, pr1, prb, pv1, pv2 } from './handlers/visits.ts';
import type { Source } from './source.ts';

type Handler = (segment: SegmentCells, assembly: Assembly) => void;

/** What each segment adds to the whole. A segment without a handler is accounted for, and stays in the original. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  EVN: evn,
  PID: pid,
  PD1: pd1,
  ARV: arv,
  NK1: nk1,
  GT1: gt1,
  MRG: mrg,
  AL1: al1,
  IAM: iam,
  PV1: pv1,
  PV2: pv2,
  DG1: dg1,
  PRB: prb,
  PR1: pr1,
  ORC: orc,
  OBR: obr,
  TQ1: tq1,
  SPM: spm,
  OBX: obx,
  NTE: nte,
  TXA: txa,
  RXO: rxo,
  RXE: rxe,
  RXR: rxr,
  RXD: rxd,
  RXA: rxa,
  IN1: in1,
  FT1: ft1,
  SCH: sch,
  AIS: ais,
  AIG: aig,
  AIL: ail,
  AIP: aip,
  RF1: rf1,
  PRD: prd,
};

/** Fields that only count, or name the segment's action where the handler does not need it. */
const SET_ID = 1;
/** Segments whose first field is their number. */
const NUMBERED: ReadonlySet<string> = new Set(
  'PID NK1 GT1 AL1 IAM DG1 PR1 OBR OBX NTE SPM TQ1 TXA IN1 FT1 AIS AIG AIL AIP PV1 RXA ARV ROL PRT RGS'.split(' '),
);

/** Reads the segments of a message in order and accounts for every field of them. */
export function assemble(message: Message, facts: MessageFacts, source: Source, fidelity: Fidelity): Assembly {
  const assembly = new Assembly(facts, source);
  const segments = message.segments.map((segment) => new SegmentCells(segment));
  for (const segment of segments) {
    if (segment.name === 'MSH') takeHeader(segment);
    const handler = HANDLERS[segment.name];
    handler?.(segment, assembly);
    // its number is where the segment stands; nothing is lost with it
    if (handler && NUMBERED.has(segment.name)) segment.text(SET_ID);
  }
  finishOrder(assembly);
  finishDocument(assembly);
  finishAccount(assembly);
  addPatient(assembly);
  addSubject(assembly);
  for (const segment of segments) {
    if (segment.name === 'MSH' || HANDLERS[segment.name])
      segment.account(fidelity, (field) => reason(segment.name, field));
    else fidelity.kept(segment.name, 'the original message');
  }
  return assembly;
}

/** What the Provenance says (provenance-of-message.ts) and what decided how the message was read. */
function takeHeader(segment: SegmentCells): void {
  for (const field of [3, 4, 5, 6, 7, 9, 10, 11, 12, 18]) for (const cell of segment.field(field)) cell.takeAll();
}

function reason(segment: string, field: number): string {
  const mappable = isMappable(segment, field);
  if (mappable === undefined) return 'not carried over; HL7 has no map for this segment';
  return mappable
    ? 'HL7 maps this field; this converter does not, or its value cannot be read'
    : 'HL7 gives this field no place in FHIR R4';
}
