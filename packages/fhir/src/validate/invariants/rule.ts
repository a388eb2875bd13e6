import type { Json, Walk } from '../walk.ts';

/** Whether a node of the right form keeps a rule. `node` is an object, or a primitive for rules on primitives. */
export type Rule = (node: Json, walk: Walk) => boolean;
