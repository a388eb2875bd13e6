import { unplanned } from '../sql/run.ts';

/** Collects the parameters of a statement while its text is put together. */
export class SqlText {
  readonly values: unknown[] = [];
  readonly #onePlan: boolean;

  /** @param onePlan its plan shall not depend on the values (see `unplanned`) */
  constructor(onePlan = false) {
    this.#onePlan = onePlan;
  }

  /** The placeholder of a value, with its type: `$3::int8[]`. */
  value(value: unknown, type: string): string {
    this.values.push(value);
    const { length } = this.values;
    return this.#onePlan ? unplanned(length, type) : `$${length}::${type}`;
  }
}

/** Joins conditions so that an empty list keeps its meaning: no AND is true, no OR is false. */
export function and(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'true' : conditions.map((condition) => `(${condition})`).join(' AND ');
}

export function or(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'false' : conditions.map((condition) => `(${condition})`).join(' OR ');
}
