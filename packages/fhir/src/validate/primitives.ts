/**
 * The primitive data types of FHIR R4 (Data Types, "Primitive Types") in JSON. A check answers nothing when the value is
 * fine, and otherwise a sentence that says what to write.
 */
export type PrimitiveCheck = (value: unknown) => string | undefined;

/** R4: "Strings SHALL NOT exceed 1MB (1024*1024 characters)". */
const MAX_STRING = 1024 * 1024;
/** Longest uri, code and the like; R4 sets none, so the limit of a string holds them too. */
const MAX_TOKEN = MAX_STRING;

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
// White space is that of XML Schema, whose patterns R4 quotes: a no-break space is an ordinary character.
const CODE = /^[^ \t\r\n]+( [^ \t\r\n]+)*$/;
const NO_SPACE = /^[^ \t\r\n]+$/;
const OID = /^urn:oid:[0-2](\.(0|[1-9]\d*))+$/;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_ANY_CASE = new RegExp(UUID, 'i');
const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;
const MOMENT =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,30})?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,30})?$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const DATE_SENTENCE = 'Write a date that exists as YYYY, YYYY-MM or YYYY-MM-DD.';
const MOMENT_SENTENCE =
  'Write a moment that exists as YYYY-MM-DDThh:mm:ss, optionally with fractions, and a time zone (Z or +hh:mm).';

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'Write a JSON string.';
  if (value.length === 0) return 'Leave the element out rather than writing an empty string.';
  if (value.length > MAX_STRING) return 'Shorten the text to at most 1,048,576 characters.';
  return hasControlCharacter(value)
    ? 'Remove control characters other than tab, line feed and carriage return.'
    : undefined;
}

function hasControlCharacter(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 32 && unit !== 9 && unit !== 10 && unit !== 13) return true;
  }
  return false;
}

/** Whether a string is not empty, not too long and free of white space and control characters. */
function isSolid(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) <= 32) return false;
  return value.length > 0 && value.length <= MAX_TOKEN;
}

/** A check for strings that match a pattern; control characters are looked for too. */
function matching(pattern: RegExp, sentence: string): PrimitiveCheck {
  return (value) => {
    if (typeof value !== 'string' || value.length > MAX_TOKEN) return sentence;
    return pattern.test(value) && !hasControlCharacter(value) ? undefined : sentence;
  };
}

function uri(value: unknown): string | undefined {
  if (typeof value !== 'string' || !isSolid(value))
    return 'Write a URI: a JSON string that is not empty and has no spaces.';
  if (value.charCodeAt(0) !== 117 /* u */) return undefined;
  if (value.startsWith('urn:uuid:') && !UUID_ANY_CASE.test(value)) {
    return 'Write a UUID after "urn:uuid:", as 8-4-4-4-12 hexadecimal digits.';
  }
  if (value.startsWith('urn:oid:') && !OID.test(value)) {
    return 'Write an OID after "urn:oid:": numbers without leading zeros joined by dots, the first one 0, 1 or 2.';
  }
  return undefined;
}

/** A URI with an optional `|version` behind it (R4, Data Types, canonical). */
function canonical(value: unknown): string | undefined {
  const sentence = uri(value);
  if (sentence === undefined || typeof value !== 'string') return sentence;
  const bar = value.indexOf('|');
  // The version may be anything without spaces; the form of the URN is that of what stands before it.
  return bar > 0 && isSolid(value) ? uri(value.slice(0, bar)) : sentence;
}

function integerFrom(least: number, sentence: string): PrimitiveCheck {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 2_147_483_647
      ? undefined
      : sentence;
}

function date(value: unknown): string | undefined {
  return typeof value === 'string' && DATE.test(value) && isRealDay(value) ? undefined : DATE_SENTENCE;
}

function instant(value: unknown): string | undefined {
  return typeof value === 'string' && MOMENT.test(value) && isRealDay(value) ? undefined : MOMENT_SENTENCE;
}

function dateTime(value: unknown): string | undefined {
  if (typeof value === 'string' && value.length > 10) return instant(value);
  return date(value);
}

/** Whether the year is not 0000 and the month has the day, given text of the right form. */
function isRealDay(value: string): boolean {
  if (value.startsWith('0000')) return false;
  if (value.length < 10) return true;
  const day = Number(value.slice(8, 10));
  if (day <= 28) return true;
  const month = Number(value.slice(5, 7));
  if (month !== 2) return day <= 30 || (month !== 4 && month !== 6 && month !== 9 && month !== 11);
  const year = Number(value.slice(0, 4));
  return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** R4 allows white space anywhere in base64; most senders write none, and are spared the copy. */
function base64Binary(value: unknown): string | undefined {
  const sentence = 'Write base64 (RFC 4648 section 4) with padding, in a JSON string that is not empty.';
  if (typeof value !== 'string' || value.length === 0) return sentence;
  if (value.length % 4 === 0 && BASE64.test(value)) return undefined;
  const dense = value.replace(/\s+/g, '');
  return dense.length > 0 && dense.length % 4 === 0 && BASE64.test(dense) ? undefined : sentence;
}

/** Checks by type name. `elementId` stands for `Element.id`; `xhtml` is looked at by the narrative check. */
export const primitiveChecks: ReadonlyMap<string, PrimitiveCheck> = new Map<string, PrimitiveCheck>([
  ['boolean', (value) => (typeof value === 'boolean' ? undefined : 'Write true or false, without quotes.')],
  ['integer', integerFrom(-2_147_483_648, 'Write a whole JSON number from -2147483648 to 2147483647.')],
  ['unsignedInt', integerFrom(0, 'Write a whole JSON number from 0 to 2147483647.')],
  ['positiveInt', integerFrom(1, 'Write a whole JSON number from 1 to 2147483647.')],
  [
    'decimal',
    (value) =>
      typeof value === 'number' && Number.isFinite(value) ? undefined : 'Write a JSON number, without quotes.',
  ],
  ['string', text],
  ['markdown', text],
  [
    'code',
    matching(CODE, 'Write a code: a JSON string without spaces at its ends and with single spaces inside at most.'),
  ],
  ['id', matching(ID, 'Write an id of 1 to 64 characters out of A-Z, a-z, 0-9, "-" and ".".')],
  ['elementId', matching(NO_SPACE, 'Write an element id: a JSON string that is not empty and has no spaces.')],
  ['uri', uri],
  ['url', uri],
  ['canonical', canonical],
  ['oid', matching(OID, 'Write an OID as "urn:oid:" followed by numbers joined by dots.')],
  ['uuid', matching(UUID, 'Write a UUID as "urn:uuid:" followed by 8-4-4-4-12 lower-case hexadecimal digits.')],
  ['date', date],
  ['dateTime', dateTime],
  ['instant', instant],
  ['time', matching(TIME, 'Write a time of day as hh:mm:ss, optionally with fractions, without a time zone.')],
  ['base64Binary', base64Binary],
  ['xhtml', (value) => (typeof value === 'string' ? undefined : 'Write the XHTML in a JSON string.')],
]);
