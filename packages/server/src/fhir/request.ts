import type { Readable } from 'node:stream';
import type { Issue, Resource } from '@meridian/fhir';
import type { ViewContext } from '@meridian/records';
import type { TokenScopes, Viewer } from '@meridian/viewing';
import type { Preferences } from '../http/prefer.ts';
import type { Parameters } from '../http/query-string.ts';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** What came with a request: bytes from the wire, a resource from a Bundle's entry, or a stream not read yet. */
export type RequestBody =
  | { kind: 'none' }
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'resource'; resource: Resource }
  | { kind: 'stream'; stream: Readable; length: number | undefined };

/** How a body is read: not at all, into memory up to a limit, or by the interaction itself as a stream. */
export type BodyKind = 'none' | 'memory' | 'bundle' | 'stream';

/** One FHIR interaction as it was asked for, from HTTP or from an entry of a Bundle. */
export interface FhirRequest {
  method: Method;
  parameters: Parameters;
  /** Lower-case names, as Node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: RequestBody;
  preferences: Preferences;
  /** Who asks. */
  viewer: Viewer;
  context: ViewContext;
  scopes: TokenScopes;
}

/** What an interaction answers; the shell turns it into HTTP, a Bundle into one of its entries. */
export interface Answer {
  status: number;
  /** Whole bytes, or a stream for what can be large. */
  body?: Buffer | Readable;
  /** Of `body`; FHIR JSON where absent. */
  contentType?: string;
  /** Bytes of a stream, where known. */
  length?: number;
  /** The version behind the answer: its ETag and Last-Modified. */
  version?: { version: number; lastUpdated: number };
  /** Relative to the base, such as `Patient/1/_history/1`. */
  location?: string;
  headers?: Readonly<Record<string, string>>;
  /** The ledger's event of a write: its answer links to the receipt. */
  event?: string;
  /** What the body is, where it is issues: Bundle entries show those as `outcome`. */
  issues?: readonly Issue[];
}

/** A header that may come once. */
export function header(request: FhirRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
