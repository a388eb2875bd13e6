import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { EVERYTHING, type ViewContext } from '@meridian/records';
import { associate } from './association.ts';
import type { DicomConfig } from './dicom-config.ts';
import { STATUS } from './dimse.ts';
import type { Ingest } from './ingest.ts';
import type { KeptInstance } from './kept-instance.ts';
import { PDU, pdu, UpperLayerError } from './upper-layer.ts';

/** Associations at a time; each holds little, but each writes. */
const MOST_ASSOCIATIONS = 64;
/** Milliseconds without a byte. */
const SILENCE = 60_000;
/** Instances that are filed together, and for how long the last one waits for others. */
const BATCH = 100;
const PAUSE = 1000;

export interface ReceiverParts {
  config: DicomConfig;
  host: string;
  ingest: Ingest;
  onFault(error: unknown): void;
}

/** The C-STORE receiver (storage SCP, PS3.4 annex B), with C-ECHO. */
export class DicomReceiver {
  readonly #parts: ReceiverParts;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #underWay = new Set<Promise<void>>();

  static async open(parts: ReceiverParts): Promise<DicomReceiver> {
    const { tls } = parts.config;
    if (tls === undefined) return new DicomReceiver(parts, createServer).#listen();
    const [key, cert, ca] = await Promise.all([
      readFile(tls.key),
      readFile(tls.cert),
      tls.ca === undefined ? undefined : readFile(tls.ca),
    ]);
    const secured = { key, cert, ...(ca && { ca, requestCert: true, rejectUnauthorized: true }) };
    return new DicomReceiver(parts, (serve) => createTlsServer(secured, serve)).#listen();
  }

  private constructor(parts: ReceiverParts, create: (serve: (socket: Socket) => void) => Server) {
    this.#parts = parts;
    this.#server = create((socket) => {
      const work: Promise<void> = this.#serve(socket).finally(() => this.#underWay.delete(work));
      this.#underWay.add(work);
    });
    this.#server.maxConnections = MOST_ASSOCIATIONS;
    // a handshake that fails is the peer's matter
    this.#server.on('tlsClientError', () => {});
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await Promise.all(this.#underWay);
  }

  #listen(): Promise<this> {
    const { config, host } = this.#parts;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(config.port, host, () => {
        this.#server.off('error', reject);
        resolve(this);
      });
    });
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.setTimeout(SILENCE, () => socket.destroy());
    socket.on('error', () => {});
    const filer = new Filer(this.#parts.ingest, this.#parts.onFault);
    try {
      await associate(socket, {
        admits: (calling, called) => this.#admits(calling, called, socket.remoteAddress ?? ''),
        store: (file, calling) => this.#store(file, calling, filer),
      });
    } catch (error) {
      // what a peer does wrong is no fault of ours; it is told by an abort (PS3.8 §9.3.8)
      if (!(error instanceof UpperLayerError) && socket.readable) this.#parts.onFault(error);
      if (socket.writable) socket.end(pdu(PDU.abort, Buffer.from([0, 0, 2, 0])));
    } finally {
      socket.destroySoon();
      await filer.flush();
      this.#sockets.delete(socket);
    }
  }

  #admits(calling: string, called: string, remote: string): boolean {
    const { peers, title } = this.#parts.config;
    const address = remote.replace(/^::ffff:/, '');
    if (called !== title) return false;
    if (peers.length === 0) return address.startsWith('127.') || address === '::1';
    return peers.some((peer) => peer.title === calling && peer.address === address);
  }

  /** Success where the instance is kept, or safe and waiting for a person: the sender can do no more in either case. */
  async #store(file: AsyncIterable<Buffer>, calling: string, filer: Filer): Promise<number> {
    const received = await this.#parts.ingest.receive(file);
    if (received.outcome === 'kept') filer.add(received.kept, contextOf(calling));
    return STATUS.success;
  }
}

/** A device acts for nobody, and writes what it made: nothing is shown to it. */
function contextOf(calling: string): ViewContext {
  const title = calling.replace(/[^\w.-]/g, '-') || 'unknown';
  return { actor: `dicom:${title}`, purpose: 'TREAT', requestId: randomUUID(), visibility: EVERYTHING };
}

/** Files the instances of an association together, because each writing of a study costs as much as the study is long. */
class Filer {
  readonly #ingest: Ingest;
  readonly #onFault: (error: unknown) => void;
  #waiting: KeptInstance[] = [];
  #context: ViewContext | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(ingest: Ingest, onFault: (error: unknown) => void) {
    this.#ingest = ingest;
    this.#onFault = onFault;
  }

  add(kept: KeptInstance, context: ViewContext): void {
    this.#waiting.push(kept);
    this.#context = context;
    clearTimeout(this.#timer);
    if (this.#waiting.length >= BATCH) void this.flush();
    else this.#timer = setTimeout(() => void this.flush(), PAUSE);
  }

  /** Never rejects: what fails is found again by `Ingest.recover`. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    const [batch, context] = [this.#waiting, this.#context];
    this.#waiting = [];
    if (batch.length > 0 && context !== undefined) {
      this.#last = this.#last.then(() => this.#ingest.file(batch, context)).catch(this.#onFault);
    }
    return this.#last;
  }
}
