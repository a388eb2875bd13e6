import { isObject, type Json, type Walk } from './walk.ts';

/** Checks one JSON value and adds what it finds to the walk. */
export type Check = (value: unknown, walk: Walk) => void;

/** Checks what stands under one property of an object: a value or an array of them. */
export type PropertyCheck = (value: unknown, owner: Json, walk: Walk) => void;

/** Checks one `_name` object; `hasValue` tells whether the primitive beside it has a value. */
export type SiblingCheck = (value: unknown, hasValue: boolean, walk: Walk) => void;

/** R4, JSON: an element that may repeat is an array even when there is one; others are never arrays; neither is empty. */
export function complexProperty(item: Check, many: boolean): PropertyCheck {
  if (!many) {
    return (value, _owner, walk) => {
      if (Array.isArray(value)) walk.error('structure', 'Write a single value here, not an array.');
      else item(value, walk);
    };
  }
  return (value, _owner, walk) => {
    if (!isFilledArray(value, walk)) return;
    for (let i = 0; i < value.length; i++) {
      const mark = walk.findings.length;
      item(value[i], walk);
      if (walk.findings.length !== mark) walk.within(mark, `[${i}]`);
    }
  };
}

function isFilledArray(value: unknown, walk: Walk): value is unknown[] {
  if (!Array.isArray(value)) walk.error('structure', 'Write an array here, also for one value.');
  else if (value.length === 0) walk.error('structure', 'Leave the element out rather than writing an empty array.');
  else return true;
  return false;
}

export function primitiveProperty(item: Check, property: string, many: boolean): PropertyCheck {
  if (!many) {
    return (value, _owner, walk) => {
      if (Array.isArray(value)) walk.error('structure', 'Write a single value here, not an array.');
      else if (value === null) walk.error('structure', 'Leave the element out rather than writing null.');
      else item(value, walk);
    };
  }
  const sibling = `_${property}`;
  return (value, owner, walk) => {
    if (!isFilledArray(value, walk)) return;
    for (let i = 0; i < value.length; i++) {
      const mark = walk.findings.length;
      // R4, JSON: null holds the place of a value that has extensions only.
      if (value[i] === null) checkPlaceholder(owner[sibling], i, walk);
      else item(value[i], walk);
      if (walk.findings.length !== mark) walk.within(mark, `[${i}]`);
    }
  };
}

function checkPlaceholder(siblings: unknown, index: number, walk: Walk): void {
  if (!Array.isArray(siblings) || !isObject(siblings[index])) {
    walk.error('structure', 'Write a value; null only holds the place of a value that has extensions beside it.');
  }
}

/** `_name`, which carries the id and the extensions of a primitive. */
export function siblingProperty(checkSibling: SiblingCheck, property: string, many: boolean): PropertyCheck {
  if (!many) return (value, owner, walk) => checkSibling(value, owner[property] !== undefined, walk);
  return (value, owner, walk) => {
    if (!isFilledArray(value, walk)) return;
    const values = owner[property];
    for (let i = 0; i < value.length; i++) {
      const hasValue = Array.isArray(values) && values[i] !== undefined && values[i] !== null;
      if (value[i] === null && hasValue) continue;
      const mark = walk.findings.length;
      checkSibling(value[i], hasValue, walk);
      if (walk.findings.length !== mark) walk.within(mark, `[${i}]`);
    }
  };
}
