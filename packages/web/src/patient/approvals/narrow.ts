import type { Decision, ViewingRequest } from '../../api/viewing.ts';
import { type Matter, PARTS, type Part } from '../sharing/consent-rule.ts';

/** The part of a request that is approved. */
export interface Narrowed {
  parts: readonly Part[];
  /** The parts that could be chosen; if all are, the types stay as they were asked for. */
  of: readonly Part[];
  matters: readonly Matter[];
  minutes: number;
  views?: number;
}

/** The approval of a part. It never names a type that was not asked for: the server would refuse the whole. */
export function narrowed(
  { scope }: Pick<ViewingRequest, 'scope'>,
  { parts, of, matters, minutes, views }: Narrowed,
): Decision {
  const all = of.every((part) => parts.includes(part));
  const chosen = parts
    .flatMap((part): readonly string[] => PARTS[part])
    .filter((type) => scope.types.length === 0 || scope.types.includes(type));
  const types = all || scope.records.length > 0 ? scope.types : chosen;
  return {
    decision: 'approve',
    scope: { ...scope, types, sensitivities: matters },
    minutes,
    ...(views !== undefined && { views }),
  };
}
