import { hash } from 'node:crypto';
import type { Resource } from '@meridian/fhir';
import { ConversionError } from '../../evidence/converter.ts';
import type { SegmentCells } from './cell.ts';
import type { Coding } from './concepts.ts';
import type { Identifier, NamedReference } from './identifiers.ts';
import type { Json } from './rules.ts';
import type { Source } from './source.ts';

/** A resource under construction, and what tells it from others of its type. */
export interface Draft {
  resource: Json & { resourceType: string };
  /**
   * `update`: the message is the authority for it and replaces what stands. `create`: the message only refers to it, so
   * what stands is left alone.
   */
  write: 'update' | 'create';
  /** Parts of a natural key: the same thing in a later message has the same. */
  key: readonly string[];
  /** The business identifier by which it is found, whoever made it. */
  match?: Identifier | undefined;
  /** A code that must match too, or be missing: some senders give one number to several orders. */
  matchCode?: Coding | 'none';
  /** Whose it is: the same key of two patients is two things. */
  owner: Identifier | undefined;
  /** References to it, filled in when all is known. */
  references: NamedReference[];
}

/** What the store itself must do, for a transaction cannot say it. */
export type Operation =
  | { kind: 'merge-patients'; prior: Identifier; surviving: Identifier }
  /** The sender asks to delete an element (`""`, HL7 v2.9 §2.5.3.4). */
  | { kind: 'remove-element'; type: string; identifier: Identifier; element: string };

/** What the header says of a message. */
export interface MessageFacts {
  /** MSH-9.1, such as `ADT`. */
  type: string;
  /** MSH-9.2, such as `A08`. */
  event: string;
  /** MSH-10. */
  controlId: string;
  /** MSH-3 and MSH-4 in words. */
  sender: string;
}

/** Most resources one message may become. */
const MOST_RESOURCES = 5000;
const TRANSACTION_IDS = 'urn:meridian:hl7v2:derived';

/** What the segments read so far have come to. Each segment's handler adds to it; order of segments is their only grammar. */
export class Assembly {
  readonly facts: MessageFacts;
  readonly source: Source;
  readonly drafts: Draft[] = [];
  readonly operations: Operation[] = [];

  patient: Draft | undefined;
  patientKey: Identifier | undefined;
  encounter: Draft | undefined;
  /** ORC that no OBR, RXO, RXE or RXA has used yet. */
  orc: SegmentCells | undefined;
  order: Draft | undefined;
  report: Draft | undefined;
  specimen: Draft | undefined;
  document: Draft | undefined;
  appointment: Draft | undefined;
  immunization: Draft | undefined;
  medication: Draft | undefined;
  /** RF1 comes before the patient whom it refers. */
  referral: Draft | undefined;
  /** Observations since the last OBR: a specimen that follows them is theirs. */
  observations: Draft[] = [];
  /** Lines of the document's text (OBX of MDM). */
  documentLines: string[] = [];
  /** Information sheets of the vaccine by OBX-4. */
  readonly sheets = new Map<string, Json>();
  /** What a note (NTE) belongs to. */
  annotated: Draft | undefined;
  /** PID-18, which goes to the visit, or to the patient where there is none. */
  account: Identifier | undefined;
  /** What the message says of itself (EVN), for the Provenance. */
  readonly provenance: Json = {};

  constructor(facts: MessageFacts, source: Source) {
    this.facts = facts;
    this.source = source;
  }

  start(resourceType: string, write: Draft['write'], key: readonly string[] = []): Draft {
    if (this.drafts.length >= MOST_RESOURCES) {
      throw new ConversionError(`The message holds more than ${MOST_RESOURCES} records; send it in parts.`);
    }
    const draft: Draft = { resource: { resourceType }, write, key, owner: this.patientKey, references: [] };
    this.drafts.push(draft);
    return draft;
  }

  /** Starts what belongs to the patient; undefined while no patient is known. */
  startOfPatient(type: string, write: Draft['write'], subject: string, key: readonly string[] = []): Draft | undefined {
    if (!this.patient) return undefined;
    const draft = this.start(type, write, key);
    draft.resource[subject] = this.to(this.patient);
    return draft;
  }

  /** A reference to a draft. */
  to(draft: Draft): NamedReference {
    const reference: NamedReference = {};
    draft.references.push(reference);
    return reference;
  }

  /** What the message has said already of the thing with this number. */
  known(type: string, { system, value }: Identifier): Draft | undefined {
    return this.drafts.find(
      ({ resource, match }) =>
        resource.resourceType === type && match !== undefined && match.system === system && match.value === value,
    );
  }

  /** Leaves out what turned out to be empty. */
  discard(draft: Draft): void {
    this.drafts.splice(this.drafts.indexOf(draft), 1);
  }

  /**
   * The transaction: each draft with its id, references filled in. Patients, visits, orders and appointments are matched by
   * business identifier; the rest has ids derived from natural keys, so a message that comes again changes nothing.
   */
  entries(): Json[] {
    const keys = this.drafts.map((draft) => JSON.stringify([draft.resource.resourceType, ...keyOf(draft)]));
    const uses = new Map<string, number>();
    for (const key of keys) uses.set(key, (uses.get(key) ?? 0) + 1);
    const places = new Map<string, number>();
    const named = this.drafts.map((draft, at) => {
      const key = keys[at] as string;
      if (uses.get(key) === 1) return { draft, id: this.#idOf(key, 1) };
      // what a message holds twice under one key is told apart by its order; no search could tell it apart
      const place = (places.get(key) ?? 0) + 1;
      places.set(key, place);
      draft.match = undefined;
      return { draft, id: this.#idOf(key, place) };
    });
    for (const { draft, id } of named) {
      for (const reference of draft.references) reference.reference = `urn:uuid:${uuidOf(id.slice(3))}`;
    }
    return named.map(({ draft, id }) => entryOf(draft, id));
  }

  #idOf(key: string, place: number): string {
    return `v2-${hash('sha256', JSON.stringify([this.source.sender, key, place])).slice(0, 40)}`;
  }
}

/** A draft's key within its type. */
function keyOf({ match, matchCode, key, owner }: Draft): readonly string[] {
  const code = matchCode === 'none' || matchCode === undefined ? '' : `${matchCode.system}|${matchCode.code}`;
  if (match) return [`${match.system}|${match.value}`, code];
  return [`${owner?.system}|${owner?.value}`, ...key];
}

/** The beginning of a digest in the form that full URLs need (RFC 9562, version 5 and its variant). */
export function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function entryOf({ resource, match, matchCode, write }: Draft, id: string): Json {
  const type = resource.resourceType;
  const fullUrl = `urn:uuid:${uuidOf(id.slice(3))}`;
  let sought = match;
  if (!sought && write === 'create') {
    sought = { system: TRANSACTION_IDS, value: id };
    const identifiers = (resource.identifier ?? []) as Identifier[];
    resource.identifier = [...identifiers, sought];
  }
  if (!sought) {
    return { fullUrl, resource: { ...resource, id } as Resource, request: { method: 'PUT', url: `${type}/${id}` } };
  }
  const token = (system = '', value = ''): string => encodeURIComponent(`${escaped(system)}|${escaped(value)}`);
  const also = match === undefined || matchCode === undefined ? '' : codeQuery(matchCode, token);
  const query = `identifier=${token(sought.system, sought.value)}${also}`;
  const request =
    write === 'update' ? { method: 'PUT', url: `${type}?${query}` } : { method: 'POST', url: type, ifNoneExist: query };
  return { fullUrl, resource, request };
}

function codeQuery(code: Coding | 'none', token: (system?: string, value?: string) => string): string {
  return code === 'none' ? '&code:missing=true' : `&code=${token(code.system, code.code)}`;
}

/** Characters that separate in a search parameter (FHIR R4, Search §3.1.1.5.7). */
function escaped(text: string): string {
  return text.replaceAll(/[\\|,$]/g, '\\$&');
}
