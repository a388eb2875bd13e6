import { isResourceType } from '../definitions.ts';
import { searchParameter } from './parameters.ts';
import type { Include } from './query.ts';
import { invalid, shown, unknown } from './search-error.ts';

/**
 * `_include=Observation:subject:Patient`, `_include=Observation:*`, `_include=*`, and the same for `_revinclude` except
 * its bare `*` (FHIR R4, Search, "Including other resources in result"). `:iterate` repeats on what was included;
 * `:recurse` is its old name.
 */
export function parseInclude(
  kind: '_include' | '_revinclude',
  name: string,
  value: string,
  types: readonly string[],
): Include[] {
  const modifier = name === kind ? undefined : name.slice(kind.length + 1);
  if (modifier !== undefined && modifier !== 'iterate' && modifier !== 'recurse') {
    throw invalid(`Parameter ${shown(name)} does not take that modifier; use ${kind} or ${kind}:iterate.`);
  }
  const iterate = modifier !== undefined;
  if (value === '*') {
    if (kind === '_include') return types.map((source) => ({ source, iterate }));
    throw invalid('Parameter "_revinclude" needs a type; use Type:parameter, such as Provenance:target, or Type:*.');
  }
  const [source = '', code = '', target, ...more] = value.split(':');
  if (!isResourceType(source) || code === '' || more.length > 0 || (target !== undefined && !isResourceType(target))) {
    throw invalid(`Parameter ${shown(name)} has an invalid value; use Type:parameter or Type:parameter:TargetType.`);
  }
  const include: Include = target === undefined ? { source, iterate } : { source, target, iterate };
  if (code === '*') return [include];
  const parameter = searchParameter(source, code);
  if (!parameter) throw unknown(`Parameter ${shown(name)}: ${source} has no parameter ${shown(code)}.`);
  if (parameter.type !== 'reference') {
    throw invalid(`Parameter ${shown(name)}: ${shown(code)} of ${source} is not a reference.`);
  }
  return [{ ...include, parameter }];
}
