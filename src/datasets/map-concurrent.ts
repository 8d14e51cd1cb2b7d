/**
 * Calls a function for the numbers from 0 to count - 1, in order, several at a time.
 * @param signal stops before the next number; what it was aborted with is thrown.
 */
export async function inParallel(
  count: number,
  workers: number,
  work: (index: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < count && !failed) {
      signal?.throwIfAborted();
      const index = next++;
      try {
        await work(index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, count) }, worker));
}
