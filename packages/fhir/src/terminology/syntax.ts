const MIME_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}( ?;.{1,1000})?$/;

/** BCP 13 types with parameters; and the short names `xml`, `json` and `ttl` that R4 allows for `_format`. */
function isMimeType(code: string): boolean {
  return MIME_TYPE.test(code) || code === 'xml' || code === 'json' || code === 'ttl';
}

/** BCP 47 by form (RFC 5646 section 2.1): subtags of 1 to 8 letters and digits, the first one letters. */
function isLanguageTag(code: string): boolean {
  return code.length <= 100 && /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(code);
}

let currencies: Set<string> | undefined;

/** ISO 4217 as the ICU data of the JavaScript engine has it, former currencies included. */
function isCurrency(code: string): boolean {
  currencies ??= new Set(Intl.supportedValuesOf('currency'));
  return currencies.has(code);
}

/** UCUM, section 2.1: printable ASCII without spaces. Whether the unit exists is not decided here. */
function isUcumLike(code: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(code);
}

/**
 * Code systems that no table lists, because their codes are built by rules or kept elsewhere; whether a code has the right
 * form is all that is decided.
 */
export const systemsBySyntax: ReadonlyMap<string, (code: string) => boolean> = new Map([
  ['urn:ietf:bcp:13', isMimeType],
  ['urn:ietf:bcp:47', isLanguageTag],
  ['urn:iso:std:iso:4217', isCurrency],
  ['http://unitsofmeasure.org', isUcumLike],
]);
