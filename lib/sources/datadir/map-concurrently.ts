/**
 * Maps items asynchronously with limited concurrency. Results are in the order of the items. After a failure no more items
 * are started; if several fail, the error is that of the first one in order.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  concurrency: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failedAt = Infinity;
  let failure: unknown;
  const worker = async (): Promise<void> => {
    while (next < items.length && failedAt === Infinity) {
      const index = next++;
      try {
        results[index] = await map(items[index]!);
      } catch (error) {
        if (index < failedAt) {
          failedAt = index;
          failure = error;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (failedAt < Infinity) throw failure;
  return results;
}
