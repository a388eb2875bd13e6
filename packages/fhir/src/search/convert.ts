import type { Converter, ConverterOptions } from './convert/converter.ts';
import { dateConverter } from './convert/date.ts';
import { quantityConverter } from './convert/quantity.ts';
import { referenceConverter, uriConverter } from './convert/reference.ts';
import { stringConverter } from './convert/string.ts';
import { tokenConverter } from './convert/token.ts';
import type { SearchParameterType } from './parameter.ts';

/** The converter from elements of a FHIR type to the values of a parameter type (R4, Search, "Search Parameter Types"). */
export function converter(
  type: Exclude<SearchParameterType, 'composite'>,
  elementType: string,
  options: ConverterOptions,
): Converter {
  switch (type) {
    case 'token':
      return tokenConverter(elementType, options);
    case 'string':
      return stringConverter(elementType, options);
    case 'reference':
      return referenceConverter(elementType, options);
    case 'uri':
      return uriConverter(elementType, options);
    case 'number':
      return numberConverter(options);
    case 'quantity':
      return quantityConverter(elementType, options);
    case 'date':
      return dateConverter(elementType, options);
  }
}

function numberConverter({ key }: ConverterOptions): Converter {
  return (element, out) => {
    if (typeof element === 'number') out.push({ kind: 'number', key, value: element });
  };
}
