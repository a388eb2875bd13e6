import { stringifyJson } from '@meridian/fhir';
import { codeSystemOf, rootOf, uuidFrom } from '../code-systems.ts';
import { ADDRESS_USE, inverse, NAME_USE, TELECOM_USE, table } from '../concept-maps.ts';
import { element, type Markup } from './markup.ts';

/** FHIR R4 data types as CDA data types. What is absent or of another form gives nothing. */

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields).filter((each) => each !== undefined) : [];
}

export function string(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(string).filter((each) => each !== undefined) : [];
}

function codingAttributes(coding: Fields): Record<string, string | undefined> {
  const system = string(coding.system);
  const known = system === undefined ? undefined : codeSystemOf(system);
  return {
    code: string(coding.code),
    codeSystem: known?.oid,
    codeSystemName: known?.name,
    displayName: string(coding.display),
  };
}

/** A CodeableConcept: its first coding as the code, the others as translations; a text alone under nullFlavor OTH. */
export function concept(name: string, value: unknown, type?: string): Markup | undefined {
  const found = fields(value);
  if (!found) return undefined;
  const [first, ...others] = list(found.coding).filter((coding) => string(coding.code) !== undefined);
  const text = string(found.text);
  if (!first && text === undefined) return undefined;
  const attributes = first ? codingAttributes(first) : { nullFlavor: 'OTH' };
  return element(
    name,
    { ...(type && { 'xsi:type': type }), ...attributes },
    text === undefined ? undefined : element('originalText', {}, text),
    others.map((coding) => element('translation', codingAttributes(coding))),
  );
}

/** A concept where CDA demands one. */
export function requiredConcept(name: string, value: unknown, type?: string): Markup {
  return concept(name, value, type) ?? element(name, { ...(type && { 'xsi:type': type }), nullFlavor: 'UNK' });
}

/** The code that a concept has in one system. */
export function codeIn(value: unknown, system: string): string | undefined {
  return string(list(fields(value)?.coding).find((coding) => coding.system === system)?.code);
}

export function anyCode(value: unknown): string | undefined {
  return string(list(fields(value)?.coding)[0]?.code);
}

/** date, dateTime and instant as TS of the same precision. */
export function timestamp(value: unknown): string | undefined {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?$/.exec(
    string(value) ?? '',
  );
  if (!match) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', zone = ''] = match;
  return (
    year +
    month +
    day +
    hour +
    minute +
    second +
    fraction.slice(0, 10) +
    (zone === 'Z' ? '+0000' : zone.replace(':', ''))
  );
}

export function time(name: string, value: unknown): Markup | undefined {
  const written = timestamp(value);
  return written === undefined ? undefined : element(name, { value: written });
}

/** A Period, or a dateTime, as IVL_TS; `type` where the schema has no type of its own there. */
export function interval(name: string, value: { at?: unknown; period?: unknown }, type?: string): Markup | undefined {
  const attributes = type === undefined ? {} : { 'xsi:type': type };
  const at = timestamp(value.at);
  if (at !== undefined) return element(name, { ...attributes, value: at });
  const period = fields(value.period);
  const [low, high] = [time('low', period?.start), time('high', period?.end)];
  return low || high ? element(name, attributes, low ?? element('low', { nullFlavor: 'UNK' }), high) : undefined;
}

/** `xDateTime` or `xPeriod` of a resource. */
export function timed(name: string, resource: Fields, choice: string, type?: string): Markup | undefined {
  return interval(name, { at: resource[`${choice}DateTime`], period: resource[`${choice}Period`] }, type);
}

export function quantity(name: string, value: unknown, type?: string): Markup | undefined {
  const found = fields(value);
  const number = found && decimalOf(found);
  if (!found || number === undefined) return undefined;
  const unit = string(found.code) ?? string(found.unit)?.replace(/\s+/g, '_');
  return element(name, { ...(type && { 'xsi:type': type }), value: number, unit });
}

/** `Quantity.value` with the digits as they were written, which the whole object knows. */
export function decimalOf(holder: Fields): string | undefined {
  if (typeof holder.value !== 'number') return undefined;
  const written = /"value":(-?[0-9.]+)(?=[,}])/.exec(stringifyJson(holder))?.[1];
  return written ?? (Number.isFinite(holder.value) ? String(holder.value) : undefined);
}

export function identifiers(resource: Fields): Markup[] {
  const found = list(resource.identifier)
    .map(identifier)
    .filter((each) => each !== undefined);
  if (found.length > 0) return found;
  const id = string(resource.id);
  if (id === undefined) return [element('id', { nullFlavor: 'UNK' })];
  return [
    element('id', {
      root: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : uuidFrom(`${resource.resourceType}/${id}`),
    }),
  ];
}

export function identifier(value: Fields): Markup | undefined {
  const [system, extension] = [string(value.system), string(value.value)];
  if (extension === undefined) return undefined;
  const own = system === 'urn:ietf:rfc:3986' ? /^urn:(?:oid|uuid):(.+)$/.exec(extension)?.[1] : undefined;
  if (own !== undefined) return element('id', { root: own });
  if (system === undefined) return element('id', { extension, nullFlavor: 'UNK' });
  const { oid, name } = rootOf(system);
  return element('id', { root: oid, extension, assigningAuthorityName: name?.includes(':') ? name : undefined });
}

const NAME_CODES: Readonly<Record<string, string>> = table({ ...inverse(NAME_USE), official: 'C', usual: 'L' });

export function humanName(value: Fields): Markup | undefined {
  const [family, given, text] = [string(value.family), strings(value.given), string(value.text)];
  if (family === undefined && given.length === 0 && text === undefined) return undefined;
  const use = string(value.use);
  const qualifier = use === 'maiden' ? 'BR' : undefined;
  const attributes = { use: use === undefined ? undefined : NAME_CODES[use] };
  if (family === undefined && given.length === 0) return element('name', attributes, text);
  return element(
    'name',
    attributes,
    strings(value.prefix).map((each) => element('prefix', {}, each)),
    given.map((each) => element('given', {}, each)),
    family === undefined ? undefined : element('family', { qualifier }, family),
    strings(value.suffix).map((each) => element('suffix', {}, each)),
    interval('validTime', { period: value.period }),
  );
}

const ADDRESS_CODES: Readonly<Record<string, string>> = table({ ...inverse(ADDRESS_USE), home: 'HP' });

export function address(value: Fields): Markup | undefined {
  const parts = [
    ...strings(value.line).map((each) => element('streetAddressLine', {}, each)),
    ...(['city', 'state', 'postalCode', 'country'] as const).map((name) => part(name, value[name])),
    part('county', value.district),
  ].filter((each) => each !== undefined);
  const use = string(value.use);
  const attributes = { use: use === undefined ? undefined : ADDRESS_CODES[use] };
  if (parts.length > 0) return element('addr', attributes, parts);
  const text = string(value.text);
  return text === undefined ? undefined : element('addr', attributes, text);
}

function part(name: string, value: unknown): Markup | undefined {
  const text = string(value);
  return text === undefined ? undefined : element(name, {}, text);
}

const TELECOM_CODES: Readonly<Record<string, string>> = table({ ...inverse(TELECOM_USE), home: 'HP', work: 'WP' });
const SCHEMES: Readonly<Record<string, string>> = table({
  phone: 'tel:',
  fax: 'fax:',
  email: 'mailto:',
  sms: 'sms:',
  pager: 'tel:',
});

export function telecom(value: Fields): Markup | undefined {
  const [system, written, use] = [string(value.system), string(value.value), string(value.use)];
  if (written === undefined) return undefined;
  return element('telecom', {
    use: system === 'pager' ? 'PG' : use === undefined ? undefined : TELECOM_CODES[use],
    value: `${SCHEMES[system ?? ''] ?? ''}${written}`,
  });
}
