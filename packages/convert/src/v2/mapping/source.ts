/** What is true for a whole message: who sent it, and how its local names and times are to be understood. */
export interface Source {
  /** Offset from UTC of a local time `YYYY-MM-DDTHH:MM:SS`. */
  offsetAt(local: string): string;
  /** URI of an assigning authority or code system that the site knows by another name. */
  readonly systems: Readonly<Record<string, string>>;
  /** Who sent the message, as a URI: identifiers without an authority are its own. */
  readonly sender: string;
}

/** Root of URIs for names that mean something only between sender and receiver. */
const LOCAL = 'urn:meridian:hl7v2';

/** A URI for a local name; the same name always gives the same one. */
export function localUri(kind: 'authority' | 'codes' | 'sender', name: string): string {
  return `${LOCAL}:${kind}:${encodeURIComponent(name)}`;
}
