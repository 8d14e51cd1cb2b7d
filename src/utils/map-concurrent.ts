/**
 * Calls an asynchronous function for each index from 0 to count - 1, at most `limit` at a time, and
 * starts them in order. After a failure no further index is started.
 * @param options.signal stops before the next index; its reason is thrown.
 * @returns the results in the order of their indices.
 * @throws what the first call to fail throws.
 *
 * @example
 * const images = await mapConcurrent(files.length, 4, (index) => decodeImage(files[index]!));
 */
export async function mapConcurrent<Item>(
  count: number,
  limit: number,
  make: (index: number) => Promise<Item>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Item[]> {
  const items = new Array<Item>(count);
  let next = 0;
  const takeNext = async (): Promise<void> => {
    while (next < count) {
      signal?.throwIfAborted();
      const index = next;
      next += 1;
      try {
        items[index] = await make(index);
      } catch (error) {
        next = count;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, takeNext));
  return items;
}
