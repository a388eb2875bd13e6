import { hash } from 'node:crypto';
import type { Resource } from '@meridian/fhir';
import { ConversionError, type ConversionResult, type Converter } from '../evidence/converter.ts';
import { Fidelity, type FidelityReport } from '../evidence/fidelity.ts';
import { conversionProvenance } from '../evidence/provenance.ts';
import { messagesIn } from './batch.ts';
import { assemble } from './mapping/assemble.ts';
import { type Assembly, type MessageFacts, type Operation, uuidOf } from './mapping/assembly.ts';
import { dateTimeOf } from './mapping/dates.ts';
import { authorityUri, type NamedReference } from './mapping/identifiers.ts';
import type { Json } from './mapping/rules.ts';
import { localUri, type Source } from './mapping/source.ts';
import { offsetsOf } from './mapping/zone.ts';
import { type Message, segmentOf, textAt } from './message.ts';
import { parseMessage } from './parse.ts';

export const V2_TO_FHIR = 'hl7v2-to-fhir';
const VERSION = '1';

export interface V2Options {
  /** When the message came: what the Provenance records. */
  at: Date;
  /** Where the senders are, for times without an offset: `+08:00` or `Asia/Hong_Kong`. Default UTC. */
  zone?: string;
  /** URIs of assigning authorities and code systems by the names that senders use. */
  systems?: Readonly<Record<string, string>>;
}

/** A message as a FHIR transaction. */
export interface ConvertedMessage extends ConversionResult {
  facts: MessageFacts;
  /** Of type transaction: the records, the original as a DocumentReference, and the Provenance of the conversion. */
  bundle: Resource;
  /** What remains for the store to do once the transaction is committed. */
  operations: readonly Operation[];
}

/**
 * HL7 v2.1–2.8 messages to FHIR R4, by the tables of HL7's v2-to-FHIR guide. A file may hold several messages; each becomes
 * one transaction in `resources`.
 *
 * @example
 * const { resources, fidelity } = v2ToFhir.convert(bytes, { at: new Date() });
 */
export const v2ToFhir: Converter<V2Options> = {
  name: V2_TO_FHIR,
  version: VERSION,
  from: 'x-application/hl7-v2+er7',
  to: 'application/fhir+json',
  convert(source, options): ConversionResult {
    const messages = messagesIn(source);
    if (messages.length === 0) throw new ConversionError('The file holds no HL7 v2 message: none begins with MSH.');
    const converted = messages.map((message) => convertMessage(message, options));
    return { resources: converted.map(({ bundle }) => bundle), fidelity: together(converted) };
  },
};

/**
 * One message as a transaction.
 *
 * @param message the same, where the caller has parsed it already
 * @throws ConversionError where it cannot be read, or where its patient cannot be found
 */
export function convertMessage(
  bytes: Uint8Array,
  options: V2Options,
  message: Message = parseMessage(bytes),
): ConvertedMessage {
  const { facts, source } = headerOf(message, options);
  const fidelity = new Fidelity();
  const assembly = assemble(message, facts, source, fidelity);
  const report = fidelity.report();
  const digest = hash('sha256', bytes);
  const subject = assembly.patient && assembly.to(assembly.patient);
  const entries = assembly.entries();
  const original = originalOf(bytes, digest, { facts, subject, at: options.at });
  const provenance = provenanceOf({ message, entries, original, digest, report, assembly, options });
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [...entries, original, entryFor(provenance, `v2-p-${digest.slice(0, 40)}`)],
  } as unknown as Resource;
  return { facts, bundle, resources: [bundle], operations: assembly.operations, fidelity: report };
}

function headerOf(message: Message, { zone, systems = {} }: V2Options): { facts: MessageFacts; source: Source } {
  const msh = segmentOf(message, 'MSH');
  const text = (field: number, component = 1): string => textAt(msh, field, component).trim();
  const [type, event] = [text(9, 1), text(9, 2)];
  if (!/^[A-Z]{3}$/.test(type)) {
    throw new ConversionError('MSH-9 must name the type of the message, such as ADT^A08.', 'segment 1 (MSH), field 9');
  }
  const sentOffset = /[+-]\d{4}$/.exec(text(7))?.[0];
  const fallback = sentOffset === undefined ? 'Z' : `${sentOffset.slice(0, 3)}:${sentOffset.slice(3)}`;
  const facility = authorityUri(text(4, 1), text(4, 2), text(4, 3), { systems, sender: '', offsetAt: () => 'Z' });
  const sender = facility || (text(3) === '' ? localUri('sender', 'unnamed') : localUri('sender', text(3)));
  const source: Source = {
    sender,
    systems,
    offsetAt: offsetsOf(zone ?? (/^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(fallback) ? fallback : 'Z')),
  };
  const words = [text(3), text(4)].filter((part) => part !== '').join(', ');
  return { facts: { type, event, controlId: text(10), sender: words || 'unnamed sender' }, source };
}

function entryFor(resource: Resource, id: string): Json {
  const url = `${resource.resourceType}/${id}`;
  const fullUrl = `urn:uuid:${uuidOf(hash('sha256', id))}`;
  return { fullUrl, resource: { ...resource, id }, request: { method: 'PUT', url } };
}

/** The message itself, byte for byte, in the patient's own record. */
function originalOf(
  bytes: Uint8Array,
  digest: string,
  { facts, subject, at }: { facts: MessageFacts; subject: NamedReference | undefined; at: Date },
): Json {
  const kind = [facts.type, facts.event].filter((part) => part !== '').join('^');
  const resource = {
    resourceType: 'DocumentReference',
    status: 'current',
    type: { text: `HL7 v2 message ${kind}` },
    ...(subject && { subject }),
    date: at.toISOString(),
    content: [
      {
        attachment: {
          contentType: v2ToFhir.from,
          data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
          hash: Buffer.from(hash('sha1', bytes, 'buffer')).toString('base64'),
        },
      },
    ],
  } as Resource;
  return entryFor(resource, `v2-o-${digest.slice(0, 40)}`);
}

interface Evidence {
  message: Message;
  entries: readonly Json[];
  original: Json;
  digest: string;
  report: FidelityReport;
  assembly: Assembly;
  options: V2Options;
}

const EXTENSION = 'urn:meridian:hl7v2';

/** Who sent what, when and why (EVN and MSH), and how it was converted: one Provenance for all that came of the message. */
function provenanceOf({ message, entries, original, digest, report, assembly, options }: Evidence): Resource {
  const { facts, source } = assembly;
  const provenance = conversionProvenance({
    converter: V2_TO_FHIR,
    version: VERSION,
    parameters: { zone: options.zone ?? 'as sent', systems: options.systems ?? {} },
    sourceDigest: digest,
    sourceType: v2ToFhir.from,
    // of the entries as plain JSON: whoever converts the same message again gets the same
    resultDigest: hash('sha256', JSON.stringify(entries)),
    targets: entries.map(({ fullUrl }) => String(fullUrl)),
    original: String(original.fullUrl),
    fidelity: report,
    at: options.at,
  }) as Resource & { extension: unknown[]; agent: unknown[]; activity: { coding: unknown[] } };
  const msh = segmentOf(message, 'MSH');
  const sentAt = dateTimeOf(textAt(msh, 7), source);
  const header = [
    ['control-id', facts.controlId],
    ['version', textAt(msh, 12)],
    ['receiver', [textAt(msh, 5), textAt(msh, 6)].filter((part) => part !== '').join(', ')],
    ['processing', textAt(msh, 11)],
  ] as const;
  for (const [name, value] of header) {
    if (value.trim() !== '') provenance.extension.push({ url: `${EXTENSION}:${name}`, valueString: value });
  }
  if (facts.event !== '') {
    const system = 'http://terminology.hl7.org/CodeSystem/v2-0003';
    provenance.activity.coding.push({ system, code: facts.event });
  }
  const { agent = [], occurredDateTime, recorded, ...event } = assembly.provenance as { agent?: unknown[] } & Json;
  const occurred = occurredDateTime ?? recorded ?? (sentAt?.includes('T') ? sentAt : undefined);
  provenance.agent.push({ who: { identifier: { value: source.sender }, display: facts.sender } }, ...agent);
  return Object.assign(provenance, event, occurred === undefined ? {} : { occurredDateTime: occurred });
}

function together(converted: readonly ConvertedMessage[]): FidelityReport {
  const [first] = converted;
  if (first && converted.length === 1) return first.fidelity;
  const all = new Fidelity();
  for (const { fidelity } of converted) {
    for (const { path, count } of fidelity.mapped) all.mapped(path, count);
    for (const { path, where, count } of fidelity.kept) all.kept(path, where, count);
    for (const { path, reason, count } of fidelity.dropped) all.dropped(path, reason, count);
  }
  return all.report();
}
