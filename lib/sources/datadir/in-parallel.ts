/**
 * Does something with every item, a few at a time, and gives the results in the order of the items. When the work on some
 * fails, no more is begun, and the error is that of the first of them in order.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failedAt = Infinity;
  let failure: unknown;
  const worker = async (): Promise<void> => {
    while (next < items.length && failedAt === Infinity) {
      const index = next++;
      try {
        results[index] = await work(items[index]!);
      } catch (error) {
        if (index < failedAt) {
          failedAt = index;
          failure = error;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failedAt < Infinity) throw failure;
  return results;
}
