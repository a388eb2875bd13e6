/**
 * Does the work for every item, up to `width` at a time, in the order they come. After the first error no further item is
 * begun, those under way are waited for, and the error is thrown.
 */
export async function inParallel<T>(
  items: AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  const errors: unknown[] = [];
  const worker = async () => {
    while (errors.length === 0) {
      const { done, value } = await iterator.next();
      if (done || errors.length > 0) return;
      await work(value);
    }
  };
  await Promise.all(
    Array.from({ length: width }, () =>
      worker().catch((error: unknown) => {
        errors.push(error);
      }),
    ),
  );
  await iterator.return?.();
  if (errors.length > 0) throw errors[0];
}
