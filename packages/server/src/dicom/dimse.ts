import { EXPLICIT_LITTLE } from '@meridian/convert';
import { IMPLEMENTATION, UpperLayerError } from './upper-layer.ts';

/** Command fields (PS3.7 table E.1-1). */
export const COMMAND = { store: 0x0001, echo: 0x0030, response: 0x8000 } as const;

/** Status codes (PS3.7 annex C, PS3.4 §B.2.3). */
export const STATUS = {
  success: 0x0000,
  notUnderstood: 0xc000,
  outOfResources: 0xa700,
  unrecognized: 0x0211,
} as const;

export interface Command {
  field: number;
  messageId: number;
  sopClass: string;
  sopInstance: string;
  hasDataSet: boolean;
}

/** A command set: implicit little endian whatever was agreed (PS3.7 §6.3.1). Throws UpperLayerError. */
export function readCommand(bytes: Buffer): Command {
  const values = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const end = at + 8 <= bytes.length ? at + 8 + bytes.readUInt32LE(at + 4) : Number.POSITIVE_INFINITY;
    if (end > bytes.length || bytes.readUInt16LE(at) !== 0) throw new UpperLayerError('A command set is damaged.');
    values.set(bytes.readUInt16LE(at + 2), bytes.subarray(at + 8, end));
    at = end;
  }
  const number = (element: number): number | undefined => {
    const value = values.get(element);
    return value !== undefined && value.length >= 2 ? value.readUInt16LE() : undefined;
  };
  const uid = (element: number): string => (values.get(element) ?? '').toString('latin1').replace(/[\0 ]+$/, '');
  const [field, messageId] = [number(0x0100), number(0x0110)];
  if (field === undefined || messageId === undefined) throw new UpperLayerError('A command set is incomplete.');
  return {
    field,
    messageId,
    sopClass: uid(0x0002),
    sopInstance: uid(0x1000),
    hasDataSet: (number(0x0800) ?? NO_DATA_SET) !== NO_DATA_SET,
  };
}

const NO_DATA_SET = 0x0101;

/** The response to a command (PS3.7 §9.3.1.2, §9.3.5.2). */
export function writeResponse({ field, messageId, sopClass, sopInstance }: Command, status: number): Buffer {
  const elements = [
    element(0x0002, uidBytes(sopClass)),
    element(0x0100, uint16(field | COMMAND.response)),
    element(0x0120, uint16(messageId)),
    element(0x0800, uint16(NO_DATA_SET)),
    element(0x0900, uint16(status)),
    ...(sopInstance !== '' ? [element(0x1000, uidBytes(sopInstance))] : []),
  ];
  const rest = Buffer.concat(elements);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(rest.length);
  return Buffer.concat([element(0x0000, length), rest]);
}

function element(number: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(number, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uidBytes(uid: string): Buffer {
  return Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1');
}

/** What stands before a data set in a file (PS3.10 §7.1): it came without, because the association had said it. */
export function fileHead({ sopClass, sopInstance }: Command, transferSyntax = EXPLICIT_LITTLE): Buffer {
  const uid = (number: number, value: string): Buffer => {
    const bytes = uidBytes(value);
    const head = Buffer.from([2, 0, 0, 0, 0x55, 0x49, 0, 0]);
    head.writeUInt16LE(number, 2);
    head.writeUInt16LE(bytes.length, 6);
    return Buffer.concat([head, bytes]);
  };
  const meta = Buffer.concat([
    Buffer.from([2, 0, 1, 0, 0x4f, 0x42, 0, 0, 2, 0, 0, 0, 0, 1]),
    uid(0x0002, sopClass),
    uid(0x0003, sopInstance),
    uid(0x0010, transferSyntax),
    uid(0x0012, IMPLEMENTATION),
  ]);
  const length = Buffer.from([2, 0, 0, 0, 0x55, 0x4c, 4, 0, 0, 0, 0, 0]);
  length.writeUInt32LE(meta.length, 8);
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), length, meta]);
}
