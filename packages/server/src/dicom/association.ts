import type { Socket } from 'node:net';
import { ConversionError, TRANSFER_SYNTAXES } from '@meridian/convert';
import { COMMAND, type Command, fileHead, readCommand, STATUS, writeResponse } from './dimse.ts';
import {
  ByteReader,
  commandPdu,
  type DataValue,
  dataValues,
  PDU,
  type PresentationContext,
  pdu,
  readAssociate,
  UpperLayerError,
  writeAccept,
} from './upper-layer.ts';

export interface AssociationParts {
  /** Whether this peer may send here. */
  admits(calling: string, called: string): boolean;
  /** Takes in a file and answers the status of its C-STORE. Throws ConversionError for what is not DICOM. */
  store(file: AsyncIterable<Buffer>, calling: string): Promise<number>;
}

const VERIFICATION = '1.2.840.10008.1.1';
/** Storage SOP classes, those of vendors included: everything that is no query or service is kept (PS3.4 §B.5). */
const STORAGE =
  /^(?:1\.2\.840\.10008\.5\.1\.4\.1\.1\.|1\.2\.840\.10008\.5\.1\.4\.(?:34\.7|43\.1|44\.1|45\.1)$|(?!1\.2\.840\.10008\.)\d)/;
const MOST_COMMAND = 64 * 1024;

/** One association (PS3.8 §7) as the side that accepts: C-ECHO and C-STORE. Ends when it is released, aborted or broken. */
export async function associate(socket: Socket, parts: AssociationParts): Promise<void> {
  const reader = new ByteReader(socket);
  const first = await reader.pdu();
  if (first?.type !== PDU.associate) throw new UpperLayerError('The peer did not begin with an association request.');
  const request = readAssociate(first.body);
  if (!parts.admits(request.calling, request.called)) {
    // rejected for good, by the service user, calling AE title not recognised (PS3.8 table 9-21)
    socket.end(pdu(PDU.reject, Buffer.from([0, 1, 1, 3])));
    return;
  }
  const syntaxes = new Map<number, string>();
  for (const context of request.contexts) {
    const syntax = isTaken(context)
      ? TRANSFER_SYNTAXES.find((one) => context.transferSyntaxes.includes(one))
      : undefined;
    if (syntax !== undefined) syntaxes.set(context.id, syntax);
  }
  socket.write(writeAccept(first.body, request.contexts, ({ id }) => syntaxes.get(id), isTaken));
  const values = new MessageValues(reader, socket);
  for (;;) {
    const begun = await values.command();
    if (begun === undefined) return;
    const { command, context } = begun;
    const status = await answer(command, syntaxes.get(context), values, request.calling, parts);
    if (!socket.writable) return;
    socket.write(commandPdu(context, writeResponse(command, status)));
  }
}

function isTaken({ abstractSyntax }: PresentationContext): boolean {
  return abstractSyntax === VERIFICATION || STORAGE.test(abstractSyntax);
}

async function answer(
  command: Command,
  syntax: string | undefined,
  values: MessageValues,
  calling: string,
  parts: AssociationParts,
): Promise<number> {
  if (syntax === undefined) throw new UpperLayerError('A message came on a context that was not accepted.');
  if (command.field === COMMAND.echo && !command.hasDataSet) return STATUS.success;
  if (!command.hasDataSet) return STATUS.unrecognized;
  if (command.field !== COMMAND.store) {
    await values.rest();
    return STATUS.unrecognized;
  }
  async function* file(): AsyncGenerator<Buffer> {
    yield fileHead(command, syntax);
    yield* values.dataSet();
  }
  try {
    return await parts.store(file(), calling);
  } catch (error) {
    if (error instanceof UpperLayerError) throw error;
    return error instanceof ConversionError ? STATUS.notUnderstood : STATUS.outOfResources;
  } finally {
    await values.rest();
  }
}

/** The messages of an association, part by part: a data set is never held. */
class MessageValues {
  readonly #reader: ByteReader;
  readonly #socket: Socket;
  #waiting: DataValue[] = [];
  /** Whether parts of a data set are still to come. */
  #open = false;

  constructor(reader: ByteReader, socket: Socket) {
    this.#reader = reader;
    this.#socket = socket;
  }

  /** The next command; undefined where the association is over. */
  async command(): Promise<{ command: Command; context: number } | undefined> {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const value = await this.#next();
      if (value === undefined) return undefined;
      if (!value.command) throw new UpperLayerError('A data set came where a command should.');
      size += value.content.length;
      if (size > MOST_COMMAND) throw new UpperLayerError('A command set is larger than 64 KiB.');
      chunks.push(value.content);
      if (!value.last) continue;
      const command = readCommand(Buffer.concat(chunks));
      this.#open = command.hasDataSet;
      return { command, context: value.context };
    }
  }

  async *dataSet(): AsyncGenerator<Buffer> {
    while (this.#open) {
      const value = await this.#next();
      if (value === undefined) throw new UpperLayerError('The association ended within a data set.');
      if (value.command) throw new UpperLayerError('A command came within a data set.');
      this.#open = !value.last;
      if (value.content.length > 0) yield value.content;
    }
  }

  /** Reads past what is left of a data set. */
  async rest(): Promise<void> {
    for await (const _left of this.dataSet());
  }

  async #next(): Promise<DataValue | undefined> {
    while (this.#waiting.length === 0) {
      const unit = await this.#reader.pdu();
      if (unit === undefined || unit.type === PDU.abort) return undefined;
      if (unit.type === PDU.release) {
        this.#socket.end(pdu(PDU.released, Buffer.alloc(4)));
        return undefined;
      }
      if (unit.type !== PDU.data) throw new UpperLayerError('The peer sent a unit that does not belong here.');
      this.#waiting = [...dataValues(unit.body)];
    }
    return this.#waiting.shift();
  }
}
