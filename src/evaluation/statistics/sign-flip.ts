import { ParameterError } from '../../tensor/errors.js';
import { uniform32 } from '../../tensor/random.js';

/** How often signs are flipped at random. */
export interface SignFlipOptions {
  /** Assignments of signs; all of them are tried where there are no more. Default 10000. */
  readonly permutations?: number | undefined;
  /** Seed of the draws; default 0. */
  readonly seed?: number | undefined;
}

const DEFAULT_PERMUTATIONS = 10_000;
/** Sums that differ by rounding alone are equal. */
const ROUNDING = 1e-12;

/**
 * The two-sided p value of the paired sign-flip permutation test (Fisher 1935): if two methods do
 * not differ, the difference on each photograph is as likely with the opposite sign. p is the share
 * of assignments of signs whose mean is at least as far from zero as the one found. All 2^n are
 * tried where `permutations` allows it, else as many are drawn and the one found counts among them,
 * so that p is at least 1 / (1 + permutations).
 *
 * It needs no normal distribution, and it is honest on few photographs: five cannot give less than
 * 2 / 2^5 = 0.0625.
 *
 * @param differences of two methods, one for each photograph.
 * @throws ParameterError for no differences, or ones that are not finite.
 * @example
 * signFlipP([0.3, 0.1, 0.2, 0.4, 0.2, 0.1]); // 2 / 64 = 0.03125
 */
export function signFlipP(
  differences: readonly number[],
  { permutations = DEFAULT_PERMUTATIONS, seed = 0 }: SignFlipOptions = {},
): number {
  const stray = differences.find((difference) => !Number.isFinite(difference));
  if (differences.length === 0 || stray !== undefined)
    throw new ParameterError('differences', 'finite numbers', stray ?? 'none');
  if (!Number.isInteger(permutations) || permutations < 1)
    throw new ParameterError('permutations', 'a positive integer', permutations);
  const size = differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const found = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  const least = found - ROUNDING * size;
  const isExact = 2 ** differences.length <= permutations;
  const count = isExact ? 2 ** differences.length : permutations;
  let extreme = 0;
  for (let permutation = 0; permutation < count; permutation++) {
    const wordAt = isExact
      ? () => permutation
      : (index: number) => uniform32(seed, permutation, index);
    if (Math.abs(flippedSum(differences, wordAt)) >= least) extreme++;
  }
  return isExact ? extreme / count : (1 + extreme) / (1 + count);
}

/** The sum with the signs that the bits of words say, 32 of them in each. */
function flippedSum(differences: readonly number[], wordAt: (index: number) => number): number {
  let [sum, word] = [0, 0];
  for (const [index, difference] of differences.entries()) {
    if (index % 32 === 0) word = wordAt(index / 32);
    sum += (word >>> (index % 32)) & 1 ? -difference : difference;
  }
  return sum;
}
