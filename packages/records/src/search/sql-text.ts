/** Collects the parameters of a statement while its text is put together. */
export class SqlText {
  readonly values: unknown[] = [];

  /** The placeholder of a value, with its type: `$3::int8[]`. */
  value(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/** Joins conditions so that an empty list keeps its meaning: no AND is true, no OR is false. */
export function and(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'true' : conditions.map((condition) => `(${condition})`).join(' AND ');
}

export function or(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'false' : conditions.map((condition) => `(${condition})`).join(' OR ');
}
