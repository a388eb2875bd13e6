import type { SearchParameterType } from '../../src/search/parameter.ts';

/**
 * The element types that each type of parameter reads (FHIR R4, Search, "Search Parameter Types"), as the converters of
 * `src/search/convert-*.ts` implement them. SampledData is left out of quantity: R4 lists it in `value-quantity` but says
 * nowhere which of its numbers is meant.
 */
const READABLE: Readonly<Record<SearchParameterType, ReadonlySet<string>>> = {
  token: types(
    'code Coding CodeableConcept Identifier ContactPoint boolean string id uri url canonical oid uuid known',
  ),
  string: types('string markdown code id uri HumanName Address'),
  reference: types('Reference canonical uri url Resource'),
  uri: types('uri url canonical oid uuid'),
  number: types('decimal integer positiveInt unsignedInt'),
  quantity: types('Quantity Age Duration Count Distance SimpleQuantity Money Range'),
  date: types('date dateTime instant Period Timing'),
  composite: types(''),
};

/** Types of which one element makes several index values. */
const MANY_VALUED = types('CodeableConcept HumanName Address Range');

function types(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

export function isReadable(parameter: SearchParameterType, elementType: string): boolean {
  return READABLE[parameter].has(elementType);
}

export function makesManyValues(elementType: string): boolean {
  return MANY_VALUED.has(elementType);
}
