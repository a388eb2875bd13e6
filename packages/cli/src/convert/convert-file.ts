import { parseJson, stringifyJson } from '@meridian/fhir';
import { CommandError } from '../command-error.ts';
import type { Client } from '../connection/client.ts';

export interface ConversionRequest {
  source: Buffer;
  to: string;
  store: boolean;
  patient?: string;
  title?: string;
  zone?: string;
  /** Media type of a text. */
  type?: string;
}

/** What the server says it did. */
export interface Conversion {
  kind: 'converted';
  format: string;
  converter: string;
  version: string;
  /** Lower-case hex SHA-256. */
  sourceDigest: string;
  resultDigest: string;
  counts: { mapped: number; kept: number; dropped: number };
  /** Where they are filed; empty where nothing was. */
  original: string;
  provenance: string;
  /** A file, or FHIR as JSON, a line for each resource. */
  result: Buffer;
}

/** Of an answer: resources nest 64 deep, and stand in Parameters. */
const MOST_DEPTH = 72;

interface Parameter {
  name?: string;
  valueString?: string;
  valueCode?: string;
  valueInteger?: number;
  valueReference?: { reference?: string };
  resource?: { resourceType?: string; data?: string };
}

/** Has one file converted by the server (`$convert`). What it refuses comes back with its sentence. */
export async function convertFile(
  client: Client,
  { source, to, store, patient, title, zone, type = 'application/octet-stream' }: ConversionRequest,
): Promise<Conversion | { kind: 'refused'; sentence: string }> {
  const query = new URLSearchParams({ to, ...(store ? {} : { preview: 'true' }) });
  for (const [name, value] of Object.entries({ patient, title, zone })) {
    if (value !== undefined) query.set(name, value);
  }
  const headers = { 'content-type': type };
  const answer = await client.call({ method: 'POST', url: `/fhir/$convert?${query}`, headers, body: source });
  const json = parsed(answer.body);
  if (answer.status === 200) return conversionOf((json.parameter ?? []) as Parameter[]);
  const [issue] = (json.issue ?? []) as { diagnostics?: string }[];
  return { kind: 'refused', sentence: issue?.diagnostics ?? `The server answered with status ${answer.status}.` };
}

function conversionOf(parameters: readonly Parameter[]): Conversion {
  const one = (name: string): Parameter | undefined => parameters.find((parameter) => parameter.name === name);
  const text = (name: string): string => one(name)?.valueString ?? one(name)?.valueCode ?? '';
  const count = (name: string): number => one(name)?.valueInteger ?? 0;
  const results = parameters.flatMap(({ name, resource }) => (name === 'result' && resource ? [resource] : []));
  return {
    kind: 'converted',
    format: text('format'),
    converter: text('converter'),
    version: text('version'),
    sourceDigest: text('source-sha256'),
    resultDigest: text('result-sha256'),
    counts: { mapped: count('mapped'), kept: count('kept'), dropped: count('dropped') },
    original: one('original')?.valueReference?.reference ?? '',
    provenance: one('provenance')?.valueReference?.reference ?? '',
    result: Buffer.concat(results.map(bytesOf)),
  };
}

function bytesOf(resource: { resourceType?: string; data?: string }): Buffer {
  if (resource.resourceType === 'Binary') return Buffer.from(resource.data ?? '', 'base64');
  return Buffer.from(`${stringifyJson(resource)}\n`);
}

function parsed(text: string): { parameter?: unknown; issue?: unknown } {
  try {
    return parseJson(text, { depth: MOST_DEPTH }) as { parameter?: unknown; issue?: unknown };
  } catch {
    throw new CommandError('The server gave an answer that is not FHIR; check its URL.');
  }
}
