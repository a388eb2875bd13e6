/** Protocol data units of the DICOM upper layer (PS3.8 §9.3). */
export const PDU = { associate: 1, accept: 2, reject: 3, data: 4, release: 5, released: 6, abort: 7 } as const;

/** Most bytes of one unit. What this side asks for is less; some senders do not listen. */
const LARGEST_PDU = 1024 * 1024;
export const WANTED_PDU = 128 * 1024;

const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';
/** A UUID-derived UID (PS3.5 §B.2) of this implementation. */
export const IMPLEMENTATION = '2.25.302914872905128903121490782364518273645';
const VERSION_NAME = 'MERIDIAN_1';

/** The peer broke the protocol, or went away. */
export class UpperLayerError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'UpperLayerError';
  }
}

export interface PresentationContext {
  id: number;
  abstractSyntax: string;
  transferSyntaxes: readonly string[];
}

export interface AssociateRequest {
  called: string;
  calling: string;
  contexts: PresentationContext[];
}

/** Reads a byte stream in pieces of the size that is needed. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** The next unit; undefined where the peer has hung up between units. */
  async pdu(): Promise<{ type: number; body: Buffer } | undefined> {
    if (!(await this.#fill(6))) {
      if (this.#held.length === 0) return undefined;
      throw new UpperLayerError('The peer hung up within a unit.');
    }
    const [type, length] = [this.#held[0] as number, this.#held.readUInt32BE(2)];
    if (length > LARGEST_PDU) throw new UpperLayerError('The peer sent a unit larger than 1 MiB.');
    if (!(await this.#fill(6 + length))) throw new UpperLayerError('The peer hung up within a unit.');
    const body = this.#held.subarray(6, 6 + length);
    this.#held = this.#held.subarray(6 + length);
    return { type, body };
  }

  async #fill(bytes: number): Promise<boolean> {
    if (this.#held.length >= bytes) return true;
    const chunks = [this.#held];
    let size = this.#held.length;
    while (size < bytes) {
      const next = await this.#chunks.next();
      if (next.done) break;
      chunks.push(next.value);
      size += next.value.length;
    }
    this.#held = Buffer.concat(chunks, size);
    return size >= bytes;
  }
}

/** A-ASSOCIATE-RQ (PS3.8 §9.3.2). Throws UpperLayerError. */
export function readAssociate(body: Buffer): AssociateRequest {
  if (body.length < 68) throw new UpperLayerError('The association request is too short.');
  const contexts: PresentationContext[] = [];
  for (const { type, content } of items(body, 68)) {
    if (type !== 0x20 || content.length < 4) continue;
    const inner = [...items(content, 4)];
    const uids = (kind: number): string[] =>
      inner.filter((item) => item.type === kind).map((item) => uidOf(item.content));
    contexts.push({
      id: content[0] as number,
      abstractSyntax: uids(0x30)[0] ?? '',
      transferSyntaxes: uids(0x40),
    });
  }
  return { called: titleOf(body, 4), calling: titleOf(body, 20), contexts };
}

function* items(body: Buffer, from: number): Generator<{ type: number; content: Buffer }> {
  for (let at = from; at < body.length; ) {
    if (at + 4 > body.length) throw new UpperLayerError('An item of the association request is cut off.');
    const end = at + 4 + body.readUInt16BE(at + 2);
    if (end > body.length) throw new UpperLayerError('An item of the association request is cut off.');
    yield { type: body[at] as number, content: body.subarray(at + 4, end) };
    at = end;
  }
}

function uidOf(content: Buffer): string {
  return content.toString('latin1').replace(/[\0 ]+$/, '');
}

function titleOf(body: Buffer, at: number): string {
  return body.toString('latin1', at, at + 16).trim();
}

/**
 * A-ASSOCIATE-AC (PS3.8 §9.3.3).
 *
 * @param chosen the transfer syntax of each context; undefined: the context is refused
 */
export function writeAccept(
  request: Buffer,
  contexts: readonly PresentationContext[],
  chosen: (context: PresentationContext) => string | undefined,
  isKnown: (context: PresentationContext) => boolean,
): Buffer {
  const answers = contexts.map((context) => {
    const syntax = chosen(context);
    // 3: abstract syntax not supported, 4: none of the transfer syntaxes (PS3.8 table 9-18)
    const result = syntax !== undefined ? 0 : isKnown(context) ? 4 : 3;
    const uid = item(0x40, Buffer.from(syntax ?? context.transferSyntaxes[0] ?? ''));
    return item(0x21, Buffer.concat([Buffer.from([context.id, 0, result, 0]), uid]));
  });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(WANTED_PDU);
  const user = Buffer.concat([
    item(0x51, length),
    item(0x52, Buffer.from(IMPLEMENTATION)),
    item(0x55, Buffer.from(VERSION_NAME)),
  ]);
  // the first 68 bytes come back as they were sent, titles included
  const head = Buffer.from(request.subarray(0, 68));
  head.writeUInt16BE(1, 0);
  return pdu(
    PDU.accept,
    Buffer.concat([head, item(0x10, Buffer.from(APPLICATION_CONTEXT)), ...answers, item(0x50, user)]),
  );
}

function item(type: number, content: Buffer): Buffer {
  const head = Buffer.from([type, 0, 0, 0]);
  head.writeUInt16BE(content.length, 2);
  return Buffer.concat([head, content]);
}

export function pdu(type: number, body: Buffer): Buffer {
  const head = Buffer.from([type, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** A part of a message: of its command or its data set (PS3.8 §9.3.5.1 and annex E.2). */
export interface DataValue {
  context: number;
  command: boolean;
  last: boolean;
  content: Buffer;
}

export function* dataValues(body: Buffer): Generator<DataValue> {
  for (let at = 0; at < body.length; ) {
    const length = at + 6 <= body.length ? body.readUInt32BE(at) : 0;
    if (length < 2 || at + 4 + length > body.length) throw new UpperLayerError('A part of a message is cut off.');
    const control = body[at + 5] as number;
    yield {
      context: body[at + 4] as number,
      command: (control & 1) === 1,
      last: (control & 2) === 2,
      content: body.subarray(at + 6, at + 4 + length),
    };
    at += 4 + length;
  }
}

/** One command without a data set, as a whole P-DATA-TF. */
export function commandPdu(context: number, command: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32BE(command.length + 2);
  head[4] = context;
  head[5] = 3;
  return pdu(PDU.data, Buffer.concat([head, command]));
}
