import type { Cell } from './cell.ts';
import { localUri, type Source } from './source.ts';

/** FHIR Identifier, as far as v2 fills it. */
export interface Identifier {
  use?: string;
  type?: { coding?: { system: string; code: string }[]; text?: string };
  system?: string;
  value?: string;
  period?: { start?: string; end?: string };
  assigner?: { display: string };
}

/** FHIR Reference by identifier: the messages of a sender name people, places and organisations; they do not hold them. */
export interface NamedReference {
  type?: string;
  reference?: string;
  identifier?: Identifier;
  display?: string;
}

const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const OID = /^[0-2](?:\.(?:0|[1-9]\d*))+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The URI of an authority (HD: namespace, universal id and its type); empty where none was sent. */
export function authorityUri(namespace: string, universal: string, type: string, source: Source): string {
  const known = source.systems[namespace] ?? source.systems[universal];
  if (known !== undefined) return known;
  if (universal !== '') {
    if (OID.test(universal) && type !== 'DNS') return `urn:oid:${universal}`;
    if (UUID.test(universal)) return `urn:uuid:${universal.toLowerCase()}`;
    if (type === 'URI' && URL.canParse(universal) && !/\s/.test(universal)) return universal;
    return localUri('authority', universal);
  }
  return namespace === '' ? '' : localUri('authority', namespace);
}

/** A component that holds an HD as subcomponents. */
function authorityIn(cell: Cell, component: number, source: Source): string {
  const namespace = cell.text(component, 1);
  return authorityUri(namespace, cell.text(component, 2), cell.text(component, 3), source);
}

function typeOf(code: string): { type?: NonNullable<Identifier['type']> } {
  return code === '' ? {} : { type: { coding: [{ system: IDENTIFIER_TYPES, code: code.replaceAll(/\s+/g, ' ') }] } };
}

/**
 * CX → Identifier. Without an assigning authority it is the sender's own, so that equal numbers of two senders never
 * meet.
 *
 * @param fallbackType of table 0203, where CX-5 is empty
 */
export function identifier(fallbackType = ''): (cell: Cell, source: Source) => Identifier | undefined {
  return (cell, source) => {
    const value = cell.text(1);
    if (value === '') return undefined;
    const system = authorityIn(cell, 4, source) || source.sender;
    const facility = cell.text(6);
    return {
      ...typeOf(cell.text(5) || fallbackType),
      system,
      value,
      ...(facility !== '' && { assigner: { display: facility } }),
    };
  };
}

/** EI (entity, namespace, universal id, type) → Identifier. */
export function entityIdentifier(type = ''): (cell: Cell, source: Source) => Identifier | undefined {
  return (cell, source) => {
    // some senders leave the entity out and send the universal id alone
    const value = cell.text(1) || cell.text(3);
    if (value === '') return undefined;
    const system = authorityUri(cell.text(2), cell.text(3), cell.text(4), source) || source.sender;
    return { ...typeOf(type), system, value };
  };
}

/** ST that holds a number of a known kind → Identifier. */
export function numberOf(type: string, system: string): (cell: Cell) => Identifier | undefined {
  return (cell) => {
    const value = cell.text(1);
    return value === '' ? undefined : { ...typeOf(type), system, value };
  };
}

function named(type: string, id: Identifier | undefined, display: string): NamedReference | undefined {
  if (!id && display === '') return undefined;
  return { type, ...(id && { identifier: id }), ...(display !== '' && { display }) };
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');

/** XCN (or CNN) → Reference to a Practitioner by identifier and name. */
export function practitioner(cell: Cell, source: Source): NamedReference | undefined {
  const value = cell.text(1);
  const name = joined(cell.text(6), cell.text(3), cell.text(4), cell.text(2), cell.text(5), cell.text(7));
  const system = authorityIn(cell, 9, source) || source.sender;
  const id = value === '' ? undefined : { ...typeOf(cell.text(13)), system, value };
  return named('Practitioner', id, name);
}

/** NDL (name in its first component, place in the others) → Reference to a Practitioner. */
export function interpreter(cell: Cell, source: Source): NamedReference | undefined {
  const within = cell.within(1);
  const value = within.text(1);
  const name = joined(within.text(6), within.text(3), within.text(4), within.text(2), within.text(5), within.text(7));
  const system = authorityUri(within.text(9), within.text(10), within.text(11), source) || source.sender;
  return named('Practitioner', value === '' ? undefined : { system, value }, name);
}

/** XON → Reference to an Organization. */
export function organization(cell: Cell, source: Source): NamedReference | undefined {
  const name = cell.text(1);
  const value = cell.text(10) || cell.text(3);
  const system = authorityIn(cell, 6, source) || source.sender;
  return named('Organization', value === '' ? undefined : { ...typeOf(cell.text(7)), system, value }, name);
}

/** CWE or HD that names an organisation → Reference. */
export function organizationCode(cell: Cell, source: Source): NamedReference | undefined {
  const value = cell.text(1);
  const name = cell.text(2);
  const system = authorityUri(cell.text(3), '', '', source) || source.sender;
  return named('Organization', value === '' ? undefined : { system, value }, name || value);
}

/** PL (point of care, room, bed, facility, …, building, floor) → Reference to a Location; the whole place is its value. */
export function place(cell: Cell, source: Source): NamedReference | undefined {
  const [care, room, bed, facility] = [cell.text(1), cell.text(2), cell.text(3), cell.text(4)];
  const [building, floor] = [cell.text(7), cell.text(8)];
  const display = [care, room, bed, floor, building, facility, cell.text(9)].filter((part) => part !== '').join(', ');
  if (display === '') return undefined;
  const value = [care, room, bed, facility, building, floor].join('^').replace(/\^+$/, '');
  return named('Location', value === '' ? undefined : { system: source.sender, value }, display);
}
