import { hash } from 'node:crypto';
import {
  ConversionError,
  type ConvertedMessage,
  convertMessage,
  type Message,
  parseMessage,
  type V2Options,
} from '@meridian/convert';
import { type Asked, askedBy, NOTHING_ASKED, type Outcome } from './acknowledge.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';

/** Thrown by `submit` where the store will not take the content, now or later. The sentence holds no record text. */
export class MessageRefused extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'MessageRefused';
  }
}

export interface ReceiverParts {
  /**
   * Stores the transaction; resolves when it is durable. Rejects with MessageRefused for content that will never do;
   * any other error is taken to pass, and the sender is asked to try again.
   */
  submit(converted: ConvertedMessage, original: Uint8Array): Promise<void>;
  deadLetters: DeadLetters;
  now(): Date;
  /** UUIDs. */
  newId(): string;
  /** How local names and times of the senders are understood. */
  options: Omit<V2Options, 'at'>;
  /** Control ids that are remembered. */
  remembered?: number;
}

const REMEMBERED = 100_000;

/** Converts and submits messages one at a time; knows those that came before, and keeps those that it cannot take. */
export class Receiver {
  readonly #parts: ReceiverParts;
  /** Sender and control id → digest, in the order of arrival. */
  readonly #accepted = new Map<string, string>();

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** Never rejects for what a sender may send. */
  async receive(bytes: Uint8Array): Promise<{ asked: Asked; outcome: Outcome }> {
    let message: Message;
    try {
      message = parseMessage(bytes);
    } catch (error) {
      return { asked: NOTHING_ASKED, outcome: await this.#refused(bytes, NOTHING_ASKED, error) };
    }
    const asked = askedBy(message);
    const digest = hash('sha256', bytes);
    const key = `${asked.sendingApplication}\n${asked.sendingFacility}\n${asked.controlId}`;
    // the same message again: its answer was lost, not the message. The same number with other content is another message.
    if (asked.controlId !== '' && this.#accepted.get(key) === digest) return { asked, outcome: { kind: 'accepted' } };
    let outcome: Outcome = { kind: 'accepted' };
    try {
      await this.#submit(bytes, message);
      this.#remember(key, digest);
    } catch (error) {
      outcome = await this.#refused(bytes, asked, error);
    }
    return { asked, outcome };
  }

  /**
   * Tries a dead letter again, as it came or as a person edited it, and removes it where it is now stored.
   *
   * @throws ConversionError or MessageRefused where it still cannot be taken; it stays in the queue
   */
  async replay(id: string, edited?: Uint8Array): Promise<void> {
    const letter = await this.#parts.deadLetters.get(id);
    if (!letter) throw new MessageRefused('There is no such message in the queue; somebody may have replayed it.');
    await this.#submit(edited ?? letter.message);
    await this.#parts.deadLetters.remove(id);
  }

  async #submit(bytes: Uint8Array, message?: Message): Promise<void> {
    const converted = convertMessage(bytes, { ...this.#parts.options, at: this.#parts.now() }, message);
    await this.#parts.submit(converted, bytes);
  }

  #remember(key: string, digest: string): void {
    this.#accepted.delete(key);
    this.#accepted.set(key, digest);
    if (this.#accepted.size <= (this.#parts.remembered ?? REMEMBERED)) return;
    const oldest = this.#accepted.keys().next();
    if (!oldest.done) this.#accepted.delete(oldest.value);
  }

  async #refused(bytes: Uint8Array, asked: Asked, error: unknown): Promise<Outcome> {
    const isContent = error instanceof ConversionError || error instanceof MessageRefused;
    if (!isContent) return { kind: 'failed', sentence: 'The message could not be stored now; send it again later.' };
    const letter: DeadLetter = {
      id: this.#parts.newId(),
      receivedAt: this.#parts.now(),
      sender: [asked.sendingApplication, asked.sendingFacility].filter((part) => part !== '').join(', '),
      kind: asked.kind,
      controlId: asked.controlId,
      reason: error.message,
      message: bytes,
    };
    try {
      await this.#parts.deadLetters.add(letter);
    } catch {
      return { kind: 'failed', sentence: 'The message could not be kept now; send it again later.' };
    }
    return { kind: 'refused', sentence: error.message };
  }
}
