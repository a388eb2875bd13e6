import type { IncomingMessage } from 'node:http';
import type { ViewContext } from '@meridian/records';
import type { Bearer } from '../access/tokens.ts';
import { contextOf, type VisibilityOf } from '../access/visibility-of.ts';
import type { Answer } from '../fhir/request.ts';
import { readBody } from '../http/body.ts';
import { refusal } from '../http/http-error.ts';
import { decodeSegment, type Parameters, parseQuery } from '../http/query-string.ts';
import { HeldApi } from './held-api.ts';
import type { Ingest, IngestParts } from './ingest.ts';
import { type Level, query } from './query.ts';
import { retrieveRendered } from './rendered.ts';
import { type RetrieveParts, retrieveBulk, retrieveFrames, retrieveInstances, retrieveMetadata } from './retrieve.ts';
import { requireUid, storeInstances } from './stow.ts';
import type { Selection } from './study-access.ts';

export interface DicomApiParts extends IngestParts, RetrieveParts {
  visibilityOf: VisibilityOf;
}

/** A request that was understood. */
export interface DicomAsked {
  /** For logs: without UIDs. */
  template: string;
  answer(message: IncomingMessage, bearer: Bearer, requestId: string): Promise<Answer>;
}

interface Call {
  message: IncomingMessage;
  bearer: Bearer;
  context: ViewContext;
}

const MOST_FRAMES = 100;

/** DICOMweb (PS3.18 §10): Store, Search and Retrieve below one base, and what waits for a person. */
export class DicomApi {
  readonly #parts: DicomApiParts;
  readonly #ingest: Ingest;
  readonly #held: HeldApi;

  constructor(parts: DicomApiParts, ingest: Ingest) {
    this.#parts = parts;
    this.#ingest = ingest;
    this.#held = new HeldApi(parts, ingest);
  }

  /** @param url below the base, without its slash. Throws 404, 405 or 400. */
  ask(method: string, url: string): DicomAsked {
    const [path = '', queryText = ''] = url.split('?', 2);
    const segments = path.split('/').map(decodeSegment);
    const parameters = parseQuery(queryText);
    if (segments[0] === 'held') return this.#askHeld(method, segments);
    if (method === 'POST') return this.#askStore(segments);
    if (method !== 'GET' && method !== 'HEAD') {
      throw refusal(405, 'not-supported', 'DICOMweb here takes GET and POST.', { allow: 'GET, HEAD, POST' });
    }
    return this.#askSearch(segments, parameters) ?? this.#askRetrieve(segments, parameters);
  }

  #askHeld(method: string, [, id, ...more]: readonly string[]): DicomAsked {
    if (method === 'GET' && id === undefined) {
      return this.#asked('/dicom-web/held', 's', ({ bearer }) => this.#held.list(bearer.viewer));
    }
    if (method !== 'POST' || id === undefined || more.length > 0) throw nothing();
    return this.#asked('/dicom-web/held/[id]', 'u', async ({ message, bearer, context }) => {
      const body = await readBody(message, 10_000, message.headers['content-length']);
      return this.#held.resolve(id, parsed(body), bearer.viewer, context);
    });
  }

  #askStore([first, study, ...more]: readonly string[]): DicomAsked {
    if (first !== 'studies' || more.length > 0) throw nothing();
    if (study !== undefined) requireUid(study);
    return this.#asked('/dicom-web/studies', 'c', ({ message, context }) => {
      // a large study takes longer than a silent connection is otherwise given
      message.socket.setTimeout(0);
      const type = message.headers['content-type'];
      return storeInstances(message, type, study, this.#ingest, context, this.#parts.base);
    });
  }

  #askSearch(segments: readonly string[], parameters: Parameters): DicomAsked | undefined {
    const [first, study, second, series, third, ...more] = segments;
    const search = (level: Level, within: { study?: string; series?: string }): DicomAsked =>
      this.#asked(`/dicom-web/${level}`, 's', ({ context }) => query(level, within, parameters, context, this.#parts));
    if (study === undefined && (first === 'studies' || first === 'series' || first === 'instances'))
      return search(first, {});
    if (first !== 'studies' || study === undefined) return undefined;
    if (series === undefined && (second === 'series' || second === 'instances')) {
      return search(second, { study: requireUid(study) });
    }
    if (second === 'series' && series !== undefined && third === 'instances' && more.length === 0) {
      return search('instances', { study: requireUid(study), series: requireUid(series) });
    }
    return undefined;
  }

  #askRetrieve(segments: readonly string[], parameters: Parameters): DicomAsked {
    const { selection, rest } = selectionOf(segments);
    const [what, ...more] = rest;
    const parts = this.#parts;
    const accept = (message: IncomingMessage): string | undefined => message.headers.accept;
    const route = (template: string, run: (call: Call) => Promise<Answer>): DicomAsked =>
      this.#asked(`/dicom-web/${template}`, 'r', run);
    const whole = more.length === 0;
    if (what === undefined) {
      return route('retrieve', ({ message, context }) => retrieveInstances(selection, accept(message), context, parts));
    }
    if (what === 'metadata' && whole) return route(what, ({ context }) => retrieveMetadata(selection, context, parts));
    if ((what === 'rendered' || what === 'thumbnail') && whole) {
      return route(what, ({ message, context }) => {
        const options = { frame: undefined, thumbnail: what === 'thumbnail', accept: accept(message), parameters };
        return retrieveRendered(selection, options, context, parts);
      });
    }
    if (selection.instance === undefined) throw nothing();
    if (what === 'bulkdata' && !whole) {
      const run = ({ message, context }: Call) =>
        retrieveBulk(selection, more.join('/'), accept(message), context, parts);
      return route(what, run);
    }
    if (what === 'frames') return route(what, this.#frames(selection, more, parameters));
    throw nothing();
  }

  #frames(
    selection: Selection,
    [list = '', what, ...more]: readonly string[],
    parameters: Parameters,
  ): (call: Call) => Promise<Answer> {
    const frames = list.split(',').map((text) => (/^[1-9]\d{0,7}$/.test(text) ? Number(text) : 0));
    if (frames.includes(0) || frames.length > MOST_FRAMES) {
      throw refusal(400, 'value', `Name the frames as numbers from 1, separated by commas, at most ${MOST_FRAMES}.`);
    }
    if (what === undefined) {
      return ({ message, context }) => retrieveFrames(selection, frames, message.headers.accept, context, this.#parts);
    }
    if ((what !== 'rendered' && what !== 'thumbnail') || more.length > 0) throw nothing();
    return ({ message, context }) => {
      const accept = message.headers.accept;
      const options = { frame: frames[0], thumbnail: what === 'thumbnail', accept, parameters };
      return retrieveRendered(selection, options, context, this.#parts);
    };
  }

  #asked(template: string, permission: 'r' | 's' | 'c' | 'u', run: (call: Call) => Promise<Answer>): DicomAsked {
    return {
      template,
      answer: async (message, bearer, requestId) => {
        if (!bearer.scopes.allow(permission, 'ImagingStudy')) {
          const sentence = `The token's scope does not allow this; it needs ImagingStudy.${permission}.`;
          throw refusal(403, 'forbidden', sentence);
        }
        return run({ message, bearer, context: contextOf(bearer.viewer, requestId, this.#parts.visibilityOf) });
      },
    };
  }
}

function selectionOf(segments: readonly string[]): { selection: Selection; rest: readonly string[] } {
  const [first, study, second, series, third, instance] = segments;
  if (first !== 'studies' || study === undefined) throw nothing();
  if (second !== 'series' || series === undefined) {
    return { selection: { study: requireUid(study) }, rest: segments.slice(2) };
  }
  const upper = { study: requireUid(study), series: requireUid(series) };
  if (third !== 'instances' || instance === undefined) return { selection: upper, rest: segments.slice(4) };
  return { selection: { ...upper, instance: requireUid(instance) }, rest: segments.slice(6) };
}

function nothing(): Error {
  return refusal(404, 'not-found', 'DICOMweb has nothing at this URL.');
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw refusal(400, 'structure', 'The body is not JSON.');
  }
}
