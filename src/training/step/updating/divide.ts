/**
 * Divides things among workers so that each has about the same to do: the largest first, to whom
 * has least.
 * @param sizes of the things.
 * @returns for each worker the indices of what it has, in their order; of nobody nothing.
 */
export function divide(sizes: readonly number[], workers: number): number[][] {
  const shares = Array.from({ length: workers }, () => ({ total: 0, indices: [] as number[] }));
  const order = [...sizes.keys()].sort((one, other) => sizes[other]! - sizes[one]!);
  for (const index of order) {
    const least = shares.reduce((one, other) => (other.total < one.total ? other : one));
    least.total += sizes[index]!;
    least.indices.push(index);
  }
  return shares.map(({ indices }) => indices.sort((one, other) => one - other));
}
