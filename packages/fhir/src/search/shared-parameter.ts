import type { SearchParameter } from './parameter.ts';
import { searchParameter, typeTable } from './parameters.ts';
import { invalid, shown, unknown } from './search-error.ts';

/**
 * The parameter of that name that all the types have. Over several types its index is the union of theirs
 * (`patient` is kept under `subject` for one type, under `patient` for another), which is right as long as no type keeps
 * something else under one of the keys.
 */
export function sharedParameter(types: readonly string[], code: string, name: string): SearchParameter {
  const found = types.map((type) => ({ type, parameter: searchParameter(type, code) }));
  const [first] = found;
  if (!first?.parameter) throw notKnown(first?.type, name);
  if (found.length === 1) return first.parameter;
  const parameters = found.map(({ type, parameter }) => parameter ?? throwUnknown(type, name));
  const index = [...new Set(parameters.flatMap((parameter) => parameter.index))];
  const alike = parameters.every((parameter) => parameter.type === first.parameter?.type);
  if (!alike || found.some(({ type, parameter }) => holdsMore(type, index, parameter as SearchParameter))) {
    throw invalid(`Parameter ${shown(name)} does not mean the same for all types searched; search them one by one.`);
  }
  const anyTarget = parameters.some((parameter) => parameter.target.length === 0);
  const target = anyTarget ? [] : [...new Set(parameters.flatMap((parameter) => parameter.target))];
  return { ...first.parameter, index, target, multiple: parameters.some((parameter) => parameter.multiple) };
}

/** Whether the type keeps values of other parameters under one of the keys. */
function holdsMore(type: string, index: readonly string[], parameter: SearchParameter): boolean {
  const keys = typeTable(type)?.index ?? [];
  return index.some((key) => !parameter.index.includes(key) && keys.some((plan) => plan.key === key));
}

function throwUnknown(type: string, name: string): never {
  throw notKnown(type, name);
}

function notKnown(type: string | undefined, name: string): Error {
  return unknown(
    `Parameter ${shown(name)} is not one of ${type ?? 'any type'}; see the CapabilityStatement at /metadata.`,
  );
}
