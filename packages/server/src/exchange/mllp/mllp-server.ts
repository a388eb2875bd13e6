import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { acknowledgements } from './acknowledge.ts';
import { Deframer, FramingError, framed } from './framing.ts';
import type { Receiver } from './receiver.ts';

export interface MllpOptions {
  receiver: Receiver;
  now(): Date;
  /** UUIDs, for the control ids of answers. */
  newId(): string;
  /** With a key and certificate: TLS; add `requestCert` and `ca` to know the senders too. */
  tls?: TlsOptions;
  /** Bytes of one message; default 16 MB. */
  limit?: number;
  /** Connections at once; default 256. */
  connections?: number;
  /** Milliseconds without a byte after which a connection is closed; default 10 minutes. */
  idle?: number;
}

const LIMIT = 16 * 1024 * 1024;
const CONNECTIONS = 256;
const IDLE = 10 * 60 * 1000;

/**
 * Receives HL7 v2 over MLLP. Messages of one connection are handled in their order, each acknowledged before the next is
 * looked at, so a sender that waits for nothing is slowed down by TCP itself; connections are independent.
 */
export class MllpServer {
  readonly #options: MllpOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #underWay = new Set<Promise<void>>();
  #closing = false;

  constructor(options: MllpOptions) {
    this.#options = options;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server = options.tls ? createTlsServer(options.tls, accept) : createServer(accept);
    this.#server.maxConnections = options.connections ?? CONNECTIONS;
  }

  /** Begins to listen and answers the port. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Takes no more, finishes and acknowledges the messages under way, and closes. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.pause();
    await Promise.all(this.#underWay);
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.setTimeout(this.#options.idle ?? IDLE, () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    // a reset by the peer ends the loop below; there is nobody left to tell
    socket.on('error', () => undefined);
    void this.#serve(socket);
  }

  async #serve(socket: Socket): Promise<void> {
    const deframer = new Deframer(this.#options.limit ?? LIMIT);
    try {
      for await (const chunk of socket) {
        for (const message of deframer.push(chunk as Uint8Array)) {
          if (this.#closing) return;
          const work = this.#answer(message, socket);
          this.#underWay.add(work);
          try {
            await work;
          } finally {
            this.#underWay.delete(work);
          }
        }
      }
    } catch (error) {
      // not MLLP, too long, or gone: the message was not acknowledged, so the sender still has it
      if (error instanceof FramingError) socket.destroy();
    }
  }

  async #answer(message: Uint8Array, socket: Socket): Promise<void> {
    const { receiver, now, newId } = this.#options;
    const { asked, outcome } = await receiver.receive(message);
    for (const answer of acknowledgements(asked, outcome, now(), newId)) {
      if (socket.destroyed) return;
      const flushed = socket.write(framed(answer));
      if (!flushed)
        await new Promise<void>((resolve) => {
          socket.once('drain', resolve);
          socket.once('close', () => resolve());
        });
    }
  }
}
