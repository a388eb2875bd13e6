import { refusal } from './http-error.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';
export const NDJSON = 'application/fhir+ndjson';

/** Media types that mean "FHIR as JSON" (FHIR R4, RESTful API §3.1.0.1.8 with the generic names it allows). */
const JSON_TYPES: ReadonlySet<string> = new Set([
  'application/fhir+json',
  'application/json',
  'application/json+fhir',
  'text/json',
]);

/** The type and subtype of a media type, lower case, without parameters. */
export function mediaType(header: string | undefined): string {
  if (header === undefined) return '';
  const semicolon = header.indexOf(';');
  return (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase();
}

export function isJson(header: string | undefined): boolean {
  return header === 'application/fhir+json' || JSON_TYPES.has(mediaType(header));
}

/** Refuses a body that is not FHIR JSON in UTF-8 with 415. No Content-Type at all is read as JSON. */
export function requireJson(header: string | undefined): void {
  if (header === undefined || header === 'application/fhir+json') return;
  if (!JSON_TYPES.has(mediaType(header))) {
    const sentence = 'This server reads FHIR as JSON only; send Content-Type: application/fhir+json.';
    throw refusal(415, 'not-supported', sentence, { accept: 'application/fhir+json' });
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(header)?.[1];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8' && charset.toLowerCase() !== 'us-ascii') {
    throw refusal(
      415,
      'not-supported',
      'FHIR is exchanged in UTF-8 only (FHIR R4, RESTful API); convert the body to UTF-8.',
    );
  }
}

/** Whether an Accept header takes `type`; q=0 refuses. Absent means anything. */
export function accepts(header: string | undefined, isWanted: (type: string) => boolean): boolean {
  if (header === undefined || header === '') return true;
  for (const range of header.split(',', 50)) {
    if (/;\s*q\s*=\s*0(\.0*)?\s*($|;)/.test(range)) continue;
    if (isWanted(mediaType(range))) return true;
  }
  return false;
}

const isJsonRange = (type: string): boolean =>
  JSON_TYPES.has(type) || type === '*/*' || type === 'application/*' || type === 'text/*' || type === 'text/html';

/** `_format` wins over Accept (FHIR R4, RESTful API §3.1.0.1.11). Anything but JSON is refused with 406. */
export function requireJsonAnswer(accept: string | undefined, format: string | undefined): void {
  if (format !== undefined) {
    if (format === 'json' || JSON_TYPES.has(mediaType(format.replaceAll(' ', '+')))) return;
  } else if (accept === undefined || accept === 'application/fhir+json' || accept === '*/*') return;
  else if (accepts(accept, isJsonRange)) return;
  throw refusal(
    406,
    'not-supported',
    'This server answers FHIR as JSON only; send Accept: application/fhir+json, or _format=json.',
  );
}
