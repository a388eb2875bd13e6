import type { Filter, FilterValue, SearchParameter, ValueFilter } from '@meridian/fhir';
import { isLongPrefix } from '../tokens/token-names.ts';

/** Whether the filter, or one that it follows references to, can only be narrowed down by the index. */
export function isInexact(filter: Filter): boolean {
  switch (filter.kind) {
    case 'value':
      return needsCheck(filter);
    case 'chain':
      return filter.next.some(isInexact);
    case 'has':
      return isInexact(filter.next);
    default:
      return false;
  }
}

/** Whether the database can only narrow this filter down, so that matches must be checked against the record. */
export function needsCheck(filter: ValueFilter): boolean {
  return filter.values.some((value) => {
    switch (value.kind) {
      case 'missing':
      case 'reference-identifier':
        return isNarrowed(filter.parameter);
      case 'composite':
        return !isIndexed(value);
      default:
        return isApproximate(value);
    }
  });
}

/** Values that tokens and numbers cannot tell from others like them. */
function isApproximate(value: FilterValue): boolean {
  switch (value.kind) {
    case 'token-text':
      return true;
    case 'string':
      return value.match === 'contains' || (value.match === 'starts' && isLongPrefix(value.value));
    case 'quantity':
      return value.canonical === undefined && (value.system !== undefined || value.code !== undefined);
    default:
      return false;
  }
}

/** `patient` is answered from the values of `subject`, which may point to others than Patients. */
export function isNarrowed(parameter: SearchParameter): boolean {
  return parameter.type === 'reference' && parameter.target.length > 0 && !parameter.index.includes(parameter.name);
}

/** Whether the joint tokens of a composite (see `tokenize`) answer for it. */
export function isIndexed({ components }: FilterValue & { kind: 'composite' }): boolean {
  return components.every((value, i) => {
    if (value.kind === 'number' || value.kind === 'quantity' || value.kind === 'date') {
      return i === components.length - 1 && !isApproximate(value);
    }
    if (value.kind === 'token') return value.code !== undefined;
    return (
      value.kind === 'reference' || value.kind === 'uri' || (value.kind === 'string' && !isLongPrefix(value.value))
    );
  });
}
