import { type Converter, type ConverterOptions, type Members, members, type SimpleValue } from './converter.ts';

/** R4, Search, "string": any of the parts of a HumanName or an Address. */
const NAME_PARTS = ['family', 'given', 'prefix', 'suffix', 'text'];
const ADDRESS_PARTS = ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text'];

/** Strings, and the parts of names and addresses (R4, Search, "string"). */
export function stringConverter(elementType: string, { key }: ConverterOptions): Converter {
  if (elementType === 'HumanName') return (element, out) => addParts(key, members(element), NAME_PARTS, out);
  if (elementType === 'Address') return (element, out) => addParts(key, members(element), ADDRESS_PARTS, out);
  return (element, out) => addString(key, element, out);
}

function addString(key: string, value: unknown, out: SimpleValue[]): void {
  if (typeof value === 'string' && value !== '') out.push({ kind: 'string', key, value });
}

function addParts(key: string, element: Members | undefined, parts: readonly string[], out: SimpleValue[]): void {
  if (!element) return;
  for (const part of parts) {
    const value = element[part];
    if (Array.isArray(value)) for (const item of value) addString(key, item, out);
    else addString(key, value, out);
  }
}
