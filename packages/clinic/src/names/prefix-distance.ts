/**
 * The smallest number of changes (a letter left out, put in, replaced, or two neighbours swapped) that turn `query` into a
 * beginning of `key`; `most + 1` when it takes more than `most`. Optimal string alignment, row by row, left as soon as no
 * cell can stay within `most`.
 */
export function prefixDistance(query: string, key: string, most: number): number {
  const width = Math.min(key.length, query.length + most);
  let before: number[] = [];
  let previous = Array.from({ length: width + 1 }, (_, column) => column);
  for (let row = 1; row <= query.length; row++) {
    const current: number[] = [row];
    let least = row;
    for (let column = 1; column <= width; column++) {
      const same = query[row - 1] === key[column - 1];
      let cost = Math.min(
        (previous[column] ?? row) + 1,
        (current[column - 1] ?? row) + 1,
        (previous[column - 1] ?? row) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && query[row - 1] === key[column - 2] && query[row - 2] === key[column - 1]) {
        cost = Math.min(cost, (before[column - 2] ?? row) + 1);
      }
      current.push(cost);
      if (cost < least) least = cost;
    }
    if (least > most) return most + 1;
    before = previous;
    previous = current;
  }
  return Math.min(...previous, most + 1);
}
