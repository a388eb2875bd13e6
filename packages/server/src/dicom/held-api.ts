import { ConversionError } from '@meridian/convert';
import { EVERYTHING, type ViewContext } from '@meridian/records';
import type { Role, Viewer } from '@meridian/viewing';
import type { Answer } from '../fhir/request.ts';
import { refusal } from '../http/http-error.ts';
import { HELD_LOOKUP, type HeldInstance, type Ingest, type IngestParts } from './ingest.ts';

const MAY_RESOLVE: readonly Role[] = ['records-officer', 'system'];
const MOST = 200;

/** Instances that wait for a person: to see them, and to say whose they are. */
export class HeldApi {
  readonly #parts: IngestParts;
  readonly #ingest: Ingest;

  constructor(parts: IngestParts, ingest: Ingest) {
    this.#parts = parts;
    this.#ingest = ingest;
  }

  /** The newest 200, with why they wait and what they say of their patient. */
  async list(viewer: Viewer): Promise<Answer> {
    requireOfficer(viewer);
    const held = await this.#parts.vault.find<HeldInstance>('dead-letter', HELD_LOOKUP, MOST);
    return json(
      200,
      held.map(({ id, content }) => ({ id, ...content })),
    );
  }

  /** `{"patient": "Patient/1"}`: files the instance there. 409 where it still cannot be. */
  async resolve(id: string, body: unknown, viewer: Viewer, context: ViewContext): Promise<Answer> {
    requireOfficer(viewer);
    const patient = typeof body === 'object' && body !== null && 'patient' in body ? String(body.patient) : '';
    const [, patientId] = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(patient) ?? [];
    if (patientId === undefined) throw refusal(400, 'required', 'Send {"patient": "Patient/…"} to say whose it is.');
    const known = await this.#parts.store.evidence.read('Patient', patientId);
    if (known === undefined || known.deleted) throw refusal(422, 'not-found', 'There is no such patient here.');
    const held = await this.#parts.vault.get<HeldInstance>('dead-letter', id);
    // other formats keep what waits in the same place
    const isInstance = typeof held?.content.sopClass === 'string';
    const found = held && isInstance && (await this.#parts.store.blobs.get({}, held.content.digest));
    if (!held || !found) throw refusal(404, 'not-found', 'No instance waits under this id.');
    const received = await this.#receive(found.content as AsyncIterable<Buffer>, patientId);
    if (received.outcome === 'held') {
      const sentence = `It cannot be filed there: ${received.reason}. Resolve that first.`;
      throw refusal(409, 'conflict', sentence);
    }
    await this.#ingest.file([received.kept], { ...context, visibility: EVERYTHING });
    await this.#parts.vault.change([{ op: 'remove', kind: 'dead-letter', id }]);
    await this.#parts.store.blobs.release({}, held.content.digest);
    const { study, series, instance } = received.kept;
    return json(200, { study, series, instance });
  }

  async #receive(content: AsyncIterable<Buffer>, patientId: string): ReturnType<Ingest['receive']> {
    try {
      return await this.#ingest.receive(content, patientId);
    } catch (error) {
      if (error instanceof ConversionError) throw refusal(422, 'processing', error.message);
      throw error;
    }
  }
}

function requireOfficer({ roles }: Viewer): void {
  if (roles.some((role) => MAY_RESOLVE.includes(role))) return;
  throw refusal(403, 'forbidden', 'What waits is for records officers to see and to file.');
}

function json(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}
