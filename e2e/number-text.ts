import type { Json } from './json.ts';

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * JSON with every number as the text it was written as: FHIR's decimals keep their precision, so 1.0 and 1.00 are two
 * values (FHIR R4, Datatypes, decimal). Works on the text alone, so that it shares no mistake with a parser of ours.
 */
export function withNumberTexts(text: string): Json {
  return JSON.parse(
    text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"number ${token}"`)),
  ) as Json;
}
