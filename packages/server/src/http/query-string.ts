import { refusal } from './http-error.ts';

/** Parameters in the caller's order; names may repeat. */
export type Parameters = readonly (readonly [string, string])[];

export const NO_PARAMETERS: Parameters = [];

/** More than a search may have (100), with room for a caller's mistake to be named rather than cut off. */
const MOST_PARAMETERS = 200;

/**
 * Reads `a=1&b=2` (WHATWG URL, application/x-www-form-urlencoded, but strict): an escape that is not valid UTF-8 is
 * refused with 400 instead of becoming U+FFFD, which could match the wrong record.
 */
export function parseQuery(text: string): Parameters {
  if (text === '') return NO_PARAMETERS;
  const parameters: (readonly [string, string])[] = [];
  for (const part of text.split('&', MOST_PARAMETERS + 1)) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    parameters.push([decode(name), decode(value)]);
  }
  if (parameters.length > MOST_PARAMETERS) {
    throw refusal(
      400,
      'too-costly',
      `A request may have at most ${MOST_PARAMETERS} parameters; use commas for alternatives.`,
    );
  }
  return parameters;
}

/** One path segment or parameter; refuses bad escapes and NUL. */
export function decode(text: string): string {
  if (!SPECIAL.test(text)) return text;
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw refusal(
      400,
      'invalid',
      'The URL holds an escape that is not valid percent-encoded UTF-8; check each % sign.',
    );
  }
  if (decoded.includes('\0')) throw refusal(400, 'invalid', 'The URL holds a NUL character; remove it.');
  return decoded;
}

const SPECIAL = /[%+\0]/;

/** One path segment: as `decode`, but a plus sign is a plus sign. */
export function decodeSegment(text: string): string {
  return text.includes('%') ? decode(text.replaceAll('+', '%2B')) : text;
}

/** The opposite of `parseQuery`, readable: leaves alone what a query may hold as it is. */
export function formatQuery(parameters: Parameters): string {
  return parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(2C|3A|2F|7C|24)/g, (whole) => decodeURIComponent(whole));
}

/** The first value of a parameter. */
export function first(parameters: Parameters, name: string): string | undefined {
  for (const [key, value] of parameters) if (key === name) return value;
  return undefined;
}

/** All values of a parameter, commas split. */
export function list(parameters: Parameters, name: string): string[] {
  return parameters.flatMap(([key, value]) => (key === name ? value.split(',').filter((item) => item !== '') : []));
}

/** A whole number parameter. Refuses what is not one, or lies outside. */
export function wholeNumber(parameters: Parameters, name: string, least: number, most: number): number | undefined {
  const text = first(parameters, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) throw refusal(400, 'value', `The parameter ${name} must be a whole number from ${least} on.`);
  return Math.min(value, most);
}
