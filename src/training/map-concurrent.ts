/** Images that decoders of other threads work on at the same time; more would lie in memory. */
const TOGETHER = 4;

/**
 * What `make` gives for each index below `count`, in their order, a few in the making at any time:
 * while one waits for a decoder, others do.
 * @throws what the first of them to fail throws.
 */
export async function mapConcurrent<Item>(
  count: number,
  make: (index: number) => Promise<Item>,
): Promise<Item[]> {
  const items = new Array<Item>(count);
  let next = 0;
  const makeInTurn = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      items[index] = await make(index).catch((error) => {
        next = count;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(TOGETHER, count) }, makeInTurn));
  return items;
}
